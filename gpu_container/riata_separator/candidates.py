"""Several attempts at one file: each is tried on the loudest stretch, the surest one separates the whole."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from riata.domain.options import SeparationOptions

from .codecs.decode import decoding
from .separator import Audio, Chunk, Learner, Separation, Separator
from .survey import Survey

TRIED_SECONDS = 12.0


class Excerpt:
    """Parts of a file that are heard before the whole: the loudest ``TRIED_SECONDS`` with the backend's context, decoded when
    first asked for, and what a separation wants to learn from.
    """

    def __init__(self, source: Path, found: Survey, separator: Separator, checkpoint: Callable[[], None]) -> None:
        self._source, self._found, self._separator, self._checkpoint = source, found, separator, checkpoint
        self._learnt: tuple[Sequence[tuple[int, int]], list[Chunk]] = ((), [])

    @cached_property
    def chunk(self) -> Chunk:
        """It starts on a multiple of the backend's stride."""
        rate, total = self._found.summary.sample_rate, self._found.summary.total
        grain = max(1, round(self._separator.stride * rate))
        middle = round(self._found.loudest * rate)
        half = round((TRIED_SECONDS / 2 + self._separator.context) * rate)
        start = max(0, middle - half) // grain * grain
        return self._cut([(start, min(total, start + 2 * half))])[0]

    def begun(self, options: SeparationOptions, candidate: int = 0) -> Separation:
        """A separation that has heard what it wants to hear first."""
        separation = self._separator.begin(options, self._found.summary, candidate)
        if isinstance(separation, Learner) and (wanted := separation.stretches()):
            separation.learn(self._to_learn(wanted), self._checkpoint)
        return separation

    def _to_learn(self, wanted: Sequence[tuple[int, int]]) -> list[Chunk]:
        """The chunks of these stretches; those asked for last are kept, for each candidate of an order learns from the same."""
        if wanted != self._learnt[0]:
            self._learnt = (wanted, self._cut(wanted))
        return self._learnt[1]

    def _cut(self, stretches: Sequence[tuple[int, int]]) -> list[Chunk]:
        """Each (first, end) in samples, in one pass over the file."""
        pieces: list[list[Audio]] = [[] for _ in stretches]
        position, grid = 0, self._found.grid
        with decoding(self._source, self._checkpoint) as decoder:
            for block in decoder.blocks():
                for piece, (first, end) in zip(pieces, stretches, strict=True):
                    low, high = max(0, first - position), max(0, end - position)
                    if low < block.shape[1] and high:
                        piece.append((grid.quantised(block[:, low:high]) * grid.step).astype(np.float32))
                position += block.shape[1]
                if position >= stretches[-1][1]:
                    break
        return [Chunk(np.concatenate(piece, axis=1), first) for piece, (first, _) in zip(pieces, stretches, strict=True)]


def best_candidate(options: SeparationOptions, excerpt: Excerpt, checkpoint: Callable[[], None]) -> tuple[Separation, list[float]]:
    """The separation to use, fresh, and the confidence that each of the candidates reached (empty when only one was asked for).

    Trying costs ``candidates × (12 s + context)`` of model time and one partial decode, whatever the file's length.
    """
    if options.reranking_candidates <= 1:
        return excerpt.begun(options), []
    scores = []
    for candidate in range(options.reranking_candidates):
        checkpoint()
        separation = excerpt.begun(options, candidate)
        separation.target(excerpt.chunk, checkpoint)
        scores.append(separation.confidence())
    return excerpt.begun(options, int(np.argmax(scores))), scores
