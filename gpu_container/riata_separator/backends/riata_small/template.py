"""A target that has no name is learnt from where it sounds: its template is what the including spans have more of.

For every class and frequency the level within the spans is compared with that around them. The surplus is taken as the target's
(power subtraction with oversubtraction: Berouti, Schwartz and Makhoul, 1979), and its share is what the template takes
of that class at that frequency anywhere in the file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from riata.domain.options import Span

from ...arrays import Array, Place, device, namespace, padded, power
from ...arrays.pooling import moving_mean
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

    def __init__(self, plan: Plan, classes: Sequence[str], place: Place) -> None:
        super().__init__(plan, (), classes, place)
        self.question = Question(place(np.zeros(len(classes), np.float32)), place(np.eye(len(classes), dtype=np.float32)))
        self._template = place(np.zeros((len(classes), BINS), np.float32))

    def learn(self, model: Model, heard: Iterable[Heard], spans: tuple[Span, ...], checkpoint: Callable[[], None]) -> None:
        """Make the template out of stretches of the file.

        ``heard`` are the :func:`stretches` of the file.
        """
        inside, outside = list[Array](), list[Array]()
        for stretch in heard:
            for window, start in _windows(stretch):
                checkpoint()
                spec = stft(window)
                shares = model.shares(spec[None], [self.question])[0][0]
                xp = namespace(spec)
                amplitudes = xp.mean(xp.sqrt(power(spec) * shares), axis=1)
                times = (start + np.arange(spec.shape[-1]) * HOP) / RATE
                known = times < (stretch.first + stretch.mixture.shape[1]) / RATE
                for frames, side in zip((inside, outside), _sides(spans, times), strict=True):
                    frames.append(amplitudes[..., xp.asarray(side & known, device=device(spec))])
        xp = namespace(inside[0])
        self._template = _surplus(xp.concat(inside, axis=-1), xp.concat(outside, axis=-1))

    def _divided(
        self, shares: Array, experts: dict[str, Array], power: Array, heard: Array | None
    ) -> Array:
        return namespace(shares).sum(shares * self._template[:, None, :, None], axis=0)


def _windows(heard: Heard) -> Iterator[tuple[Array, int]]:
    """Windows (channels, LENGTH) side by side, the last one padded, and their first samples."""
    for at in range(0, heard.mixture.shape[1], LENGTH):
        piece = heard.mixture[:, at : at + LENGTH]
        yield padded(piece, 0, LENGTH - piece.shape[1]), heard.first + at


def _surplus(inside: Array, outside: Array) -> Array:
    """The share (C, F) of what sounds inside that is not outside, of amplitudes (C, F, frames): means of amplitudes, for
    those of powers follow single loud frames.
    """
    xp = namespace(inside)
    levels = [moving_mean(xp.square(xp.mean(x, axis=-1)), SMOOTHED_BINS) for x in (inside, outside)]
    return xp.clip(1 - OVERSUBTRACTED * levels[1] / (levels[0] + 1e-12), 0, 1)
