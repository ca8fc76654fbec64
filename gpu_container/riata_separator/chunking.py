"""Cutting a stream into overlapping chunks with hidden context, and cross-fading what comes back."""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .separator import Audio, Chunk

MIN_CHUNK_SECONDS = 5.0
MIN_CONTEXT_SECONDS = 3.0
MAX_CHUNK_VALUES = 48_000_000
"""Most samples times channels in one chunk (192 MB of float32), whatever the wish."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where chunks lie, in samples: chunk k covers ``k * step`` to ``k * step + length`` of ``total``.

    Neighbours overlap by ``length - step`` and are cross-faded there; each is given ``context`` more on both sides.
    """

    total: int
    length: int
    step: int
    context: int

    @property
    def overlap(self) -> int:
        """Samples shared by neighbours."""
        return self.length - self.step

    def cores(self) -> Iterator[tuple[int, int]]:
        """Start and end of every chunk without its context. The last one is cut at the end of the file."""
        start = 0
        while True:
            end = min(start + self.length, self.total)
            yield start, end
            if end == self.total:
                return
            start += self.step


def plan(
    total: int,
    sample_rate: int,
    channels: int,
    *,
    duration: float,
    overlap: float,
    context: float,
    stride: float,
) -> tuple[Plan, list[str]]:
    """A plan as near to the wished ``duration`` and ``overlap`` as possible, and a sentence for each wish not granted.

    All times are in seconds. Chunks start on multiples of ``stride``.
    """
    notes = []
    granted = max(duration, MIN_CHUNK_SECONDS)
    if granted != duration:
        notes.append(f"max_chunk_duration {duration:g} s is too short to separate well: raised to {MIN_CHUNK_SECONDS:g} s.")
    most = MAX_CHUNK_VALUES / (sample_rate * channels)
    if granted > most:
        notes.append(f"max_chunk_duration {duration:g} s needs too much memory at this rate: lowered to {most:.0f} s.")
        granted = most
    shared = min(overlap, granted / 2)
    if shared != overlap:
        notes.append(f"chunk_overlap {overlap:g} s is more than half a chunk: lowered to {shared:g} s.")
    grain = max(1, round(stride * sample_rate))
    length = max(round(granted * sample_rate), grain)
    step = max(grain, (length - round(shared * sample_rate)) // grain * grain)
    hidden = math.ceil(max(context, MIN_CONTEXT_SECONDS) * sample_rate / grain) * grain
    return Plan(total, max(length, step), step, hidden), notes


def chunks(blocks: Iterable[Audio], plan: Plan) -> Iterator[Chunk]:
    """The chunks of ``plan`` with their context, cut out of consecutive ``blocks`` (channels, samples).

    Holds no more than one chunk with its context and one block, beside the chunk it gave last.
    """
    source = iter(blocks)
    held: deque[Audio] = deque()
    first, last = 0, 0
    for core_start, core_end in plan.cores():
        start, end = max(0, core_start - plan.context), min(plan.total, core_end + plan.context)
        while last < end:
            block = next(source)
            held.append(block)
            last += block.shape[1]
        while first + held[0].shape[1] <= start:
            first += held.popleft().shape[1]
        yield Chunk(np.concatenate(held, axis=1)[:, start - first : end - first], start)


class CrossFade:
    """Joins the targets of one chunk's core after the other into one gapless stream.

    The fade is linear: neighbours estimate the same sound, so their amplitudes add, not their powers.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tail: Audio | None = None

    def add(self, target: Audio, start: int, end: int) -> Audio:
        """The next stretch of the stream, given the target (channels, end - start) of the next core."""
        if self._tail is not None:
            width = self._tail.shape[1]
            fade = ((np.arange(width, dtype=np.float32) + 0.5) / width) if width else np.zeros(0, np.float32)
            target = np.concatenate([self._tail * (1 - fade) + target[:, :width] * fade, target[:, width:]], axis=1)
        kept = end - start if end == self._plan.total else self._plan.step
        # Not a view, which would keep the whole target in memory.
        self._tail = target[:, kept:].copy()
        return target[:, :kept]


def overlap_add(targets: Iterable[Audio], plan: Plan) -> Iterator[Audio]:
    """The targets of each chunk's core, cross-faded into one gapless stream."""
    fade = CrossFade(plan)
    for (start, end), target in zip(plan.cores(), targets, strict=True):
        yield fade.add(target, start, end)
