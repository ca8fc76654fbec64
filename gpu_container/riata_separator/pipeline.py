"""The stream of a separation: mixture in blocks, chunks, targets, one cross-faded target, target and residual on the grid."""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from riata.domain.options import Span
from riata.errors import MediaUnreadable, ModelFailed

from .activity import ActivityMeter
from .chunking import Plan, chunks, overlap_add
from .codecs.decode import decoding
from .codecs.grid import Integers
from .separator import Audio, Separation
from .spans import target_gain
from .survey import Survey

PIECE_SECONDS = 5.0
"""Length of what is quantised and written at a time: wide integers of a whole chunk would be most of the memory."""


class Mixture:
    """The decoded file on its grid; what has been read is held until its stems are taken."""

    def __init__(self, source: Path, found: Survey, checkpoint: Callable[[], None]) -> None:
        self._source, self._found, self._checkpoint = source, found, checkpoint
        self._held: deque[Integers] = deque()

    def blocks(self) -> Iterator[Audio]:
        """The mixture as float32, (channels, samples) at a time.

        Raises:
            MediaUnreadable: this pass over the file gives fewer samples than the first one gave.
        """
        left, grid = self._found.summary.total, self._found.grid
        with decoding(self._source, self._checkpoint) as decoder:
            for block in decoder.blocks():
                samples = grid.quantised(block[:, :left])
                left -= samples.shape[1]
                self._held.append(samples.astype(np.int32))
                yield (samples * grid.step).astype(np.float32)
                if not left:
                    return
        raise MediaUnreadable("The file decodes differently each time. Convert it to WAV, FLAC or MP3.")

    def take(self, count: int) -> Integers:
        """The next ``count`` samples of what has been read, which is then forgotten."""
        taken = []
        while count:
            block = self._held.popleft()
            if block.shape[1] > count:
                self._held.appendleft(block[:, count:])
                block = block[:, :count]
            taken.append(block.astype(np.int64))
            count -= block.shape[1]
        return np.concatenate(taken, axis=1)


def stems(
    mixture: Mixture,
    found: Survey,
    separation: Separation,
    chunking: Plan,
    spans: tuple[Span, ...],
    meter: ActivityMeter,
    checkpoint: Callable[[], None],
) -> Iterator[tuple[Integers, Integers]]:
    """Target and residual on the file's grid, in stretches that follow each other without gap; ``meter`` hears them too.

    Raises:
        ModelFailed: the backend returned no usable sound.
    """
    grid, rate, position = found.grid, found.summary.sample_rate, 0
    joined = overlap_add(_core_targets(mixture, separation, chunking, checkpoint), chunking)
    for target in _pieces(joined, round(PIECE_SECONDS * rate)):
        gain = target_gain(spans, position, target.shape[1], rate)
        position += target.shape[1]
        samples = mixture.take(target.shape[1])
        split = grid.split(samples, target if gain is None else target * gain)
        meter.add(samples * grid.step, split[0] * grid.step)
        yield split


def _pieces(stream: Iterator[Audio], size: int) -> Iterator[Audio]:
    for block in stream:
        for at in range(0, block.shape[1], size):
            yield block[:, at : at + size]


def _core_targets(
    mixture: Mixture, separation: Separation, chunking: Plan, checkpoint: Callable[[], None]
) -> Iterator[Audio]:
    """The target of each chunk without its hidden context."""
    for chunk, (start, end) in zip(chunks(mixture.blocks(), chunking), chunking.cores(), strict=True):
        checkpoint()
        target = separation.target(chunk, checkpoint)
        if target.shape != chunk.mixture.shape or not np.isfinite(target).all():
            raise ModelFailed("The model gave no usable sound. Try again with another prompt.")
        yield target[:, start - chunk.start : end - chunk.start]
