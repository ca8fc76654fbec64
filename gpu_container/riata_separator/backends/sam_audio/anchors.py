"""Spans of the file → anchors of a stretch: "+" where the target sounds, "-" where it does not, in seconds of that stretch."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riata.domain.options import Span

Anchor = tuple[str, float, float]
"""Token, start and end in seconds of the stretch, as ``SAMAudioProcessor`` takes them."""


@dataclass(frozen=True, slots=True)
class Latents:
    """The model's time grid: ``rate`` in Hz, ``hop`` samples per latent frame."""

    rate: int
    hop: int

    def anchor(self, token: str, first: int, end: int) -> Anchor:
        """The anchor that covers the latent frames from ``first`` up to ``end``.

        The processor rounds times up to frames, so each lies half a frame before the frame that it means: there a rounding error
        in the seconds changes nothing.
        """
        return token, max(0.0, (first - 0.5) * self.hop / self.rate), (end - 0.5) * self.hop / self.rate


def anchors(spans: Iterable[Span], grid: Latents, start: int, frames: int) -> list[Anchor]:
    """The anchors of ``spans`` in the stretch of ``frames`` latent frames that begins at the file's frame ``start``.

    An including span takes every frame that it touches, an excluding one only the frames that it fills: a frame must not be called
    silent for a moment at its edge. Later spans win where they overlap, as in the model.
    """
    found = []
    for span in spans:
        first, end = (_at(seconds, grid) for seconds in (span.start, span.end))
        low, high = (math.floor(first), math.ceil(end)) if span.include else (math.ceil(first), math.floor(end))
        low, high = max(low - start, 0), min(high - start, frames)
        if low < high:
            found.append(grid.anchor("+" if span.include else "-", low, high))
    return found


def merged(spans: Sequence[Span]) -> list[Span]:
    """Including spans in order, joined where they touch or overlap."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _at(seconds: float, grid: Latents) -> float:
    """Position in latent frames, freed of rounding errors far below a sample."""
    return round(seconds * grid.rate / grid.hop, 6)
