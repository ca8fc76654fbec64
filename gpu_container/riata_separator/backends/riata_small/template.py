"""A target that has no name is learnt from where it sounds: its template is what the including spans have more of.

For every class and frequency the level within the spans is compared with that around them. The surplus is taken as the target's
(power subtraction with oversubtraction: Berouti, Schwartz and Makhoul, 1979), and its share is what the template takes
of that class at that frequency anywhere in the file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from riata.domain.options import Span

from ...spans import Curve, likelihood
from .bands import BINS, HOP, RATE
from .estimates import Estimator, stft
from .hearing import Heard
from .model import Model, Question
from .plan import Plan
from .windows import LENGTH

MOST_SECONDS = 24.0
"""Of the including spans, the first so many seconds are listened to."""

LEAST_AROUND = 1.0
"""At least so many seconds before and after a span are listened to, and otherwise as many as the span has."""

LEAST_FRAMES = 2
"""Fewer frames within the including spans, or outside all of them, leave nothing to compare."""

OVERSUBTRACTED, SMOOTHED_BINS = 2.0, 5

Flags = np.ndarray[Any, np.dtype[np.bool_]]


def stretches(spans: Sequence[Span], seconds: float) -> list[tuple[float, float]]:
    """The parts of a file of ``seconds`` to learn from, (start, end) in rising order; empty where it has nothing outside."""
    included = sorted((max(0.0, span.start), min(span.end, seconds)) for span in spans if span.include)
    left, wide = MOST_SECONDS, list[tuple[float, float]]()
    for start, end in included:
        length = min(end - start, left)
        if length <= 0:
            continue
        left -= length
        around = max(LEAST_AROUND, length)
        first, last = max(0.0, start - around), min(seconds, start + length + around)
        if wide and first <= wide[-1][1]:
            wide[-1] = (wide[-1][0], max(last, wide[-1][1]))
        else:
            wide.append((first, last))
    frames = np.concatenate([np.arange(first, last, HOP / RATE) for first, last in wide] or [np.zeros(0)])
    inside, outside = _sides(spans, frames)
    return wide if min(inside.sum(), outside.sum()) >= LEAST_FRAMES else []


def _sides(spans: Sequence[Span], times: Curve) -> tuple[Flags, Flags]:
    """Which frames at ``times`` (seconds, rising) lie within the including spans, and which outside all of them."""
    likelier = likelihood(tuple(spans), times)
    if likelier is None:
        return np.zeros(len(times), bool), np.ones(len(times), bool)
    return likelier > 0, likelier <= -1


class TemplateEstimator(Estimator):
    """Masks of a target that has no name; :meth:`learn` comes first."""

    def __init__(self, plan: Plan, classes: Sequence[str], device: torch.device) -> None:
        super().__init__(plan, (), classes, device)
        self.question = Question(torch.zeros(len(classes), device=device), torch.eye(len(classes), device=device))
        self._template = torch.zeros(len(classes), BINS, device=device)

    def learn(self, model: Model, heard: Iterable[Heard], spans: tuple[Span, ...], checkpoint: Callable[[], None]) -> None:
        """Make the template out of stretches of the file.

        ``heard`` are the :func:`stretches` of the file.
        """
        inside, outside = list[torch.Tensor](), list[torch.Tensor]()
        for stretch in heard:
            for window, start in _windows(stretch):
                checkpoint()
                spec = stft(window)
                shares = model.shares(spec[None], [self.question])[0][0]
                amplitudes = (torch.view_as_real(spec).square().sum(-1) * shares).sqrt().mean(1)
                times = (start + np.arange(spec.shape[-1]) * HOP) / RATE
                known = times < (stretch.first + stretch.mixture.shape[1]) / RATE
                for frames, side in zip((inside, outside), _sides(spans, times), strict=True):
                    frames.append(amplitudes[..., torch.from_numpy(side & known)])
        self._template = _surplus(torch.cat(inside, -1), torch.cat(outside, -1))

    def _divided(
        self, shares: torch.Tensor, experts: dict[str, torch.Tensor], power: torch.Tensor
    ) -> torch.Tensor:
        return (shares * self._template[:, None, :, None]).sum(0)


def _windows(heard: Heard) -> Iterator[tuple[torch.Tensor, int]]:
    """Windows (channels, LENGTH) side by side, the last one padded, and their first samples."""
    for at in range(0, heard.mixture.shape[1], LENGTH):
        piece = heard.mixture[:, at : at + LENGTH]
        yield torch.nn.functional.pad(piece, (0, LENGTH - piece.shape[1])), heard.first + at


def _surplus(inside: torch.Tensor, outside: torch.Tensor) -> torch.Tensor:
    """The share (C, F) of what sounds inside that is not outside, of amplitudes (C, F, frames): means of amplitudes, for
    those of powers follow single loud frames.
    """
    around = SMOOTHED_BINS // 2
    levels = [
        torch.nn.functional.avg_pool1d(
            torch.nn.functional.pad(x.mean(-1).square(), (around, around), mode="replicate"), SMOOTHED_BINS, 1
        )
        for x in (inside, outside)
    ]
    return (1 - OVERSUBTRACTED * levels[1] / (levels[0] + 1e-12)).clamp(0, 1)
