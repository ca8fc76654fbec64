"""What goes into a call of the model, and what comes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from riata.domain.options import Span

from .anchors import Anchor
from .grouping import Group


@dataclass(frozen=True, slots=True)
class Stretch:
    """One mono sound (samples,) at the model's rate, a whole number of latent frames long, with all that conditions it.

    ``noise`` is (frames, channels), what the sound is generated from; stretches of one call are of one ``group``.
    """

    sound: torch.Tensor
    phrase: str
    anchors: tuple[Anchor, ...]
    noise: torch.Tensor
    group: Group


@dataclass(frozen=True, slots=True)
class Pair:
    """The generated target and residual, (samples,) each, and the spans (seconds of the stretch) that the model found itself."""

    target: torch.Tensor
    residual: torch.Tensor
    found: tuple[Span, ...] = ()


class Generator(Protocol):
    """The model behind the backend.

    ``rate`` is in Hz, ``hop`` in samples per latent frame, ``channels`` are those of its noise; ``predicts_spans`` tells whether
    the span predictor is loaded.
    """

    rate: int
    hop: int
    channels: int
    device: torch.device

    @property
    def predicts_spans(self) -> bool: ...

    def load_span_predictor(self, folder: Path) -> None: ...

    def generate(self, stretches: Sequence[Stretch]) -> list[Pair]:
        """The pairs of stretches of one group."""
        ...


Ranker = Callable[[torch.Tensor, torch.Tensor, str], float]
"""Scores a target (samples,) of a mixture (samples,) by its phrase: higher is better, on a scale of the ranker's own."""
