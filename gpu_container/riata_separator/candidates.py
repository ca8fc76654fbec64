"""Several attempts at one file: each is tried on the loudest stretch, the surest one separates the whole."""

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from riata.domain.options import SeparationOptions

from .codecs.decode import decoding
from .separator import Audio, Chunk, Separation, Separator
from .survey import Survey

TRIED_SECONDS = 12.0


class Excerpt:
    """The loudest ``TRIED_SECONDS`` of a file with the backend's context, decoded when first asked for."""

    def __init__(self, source: Path, found: Survey, separator: Separator, checkpoint: Callable[[], None]) -> None:
        self._source, self._found, self._separator, self._checkpoint = source, found, separator, checkpoint

    @cached_property
    def chunk(self) -> Chunk:
        """It starts on a multiple of the backend's stride."""
        rate, total = self._found.summary.sample_rate, self._found.summary.total
        grain = max(1, round(self._separator.stride * rate))
        middle = round(self._found.loudest * rate)
        half = round((TRIED_SECONDS / 2 + self._separator.context) * rate)
        start = max(0, middle - half) // grain * grain
        end = min(total, start + 2 * half)
        return Chunk(np.concatenate(list(self._between(start, end)), axis=1), start)

    def _between(self, start: int, end: int) -> Iterator[Audio]:
        position, grid = 0, self._found.grid
        with decoding(self._source, self._checkpoint) as decoder:
            for block in decoder.blocks():
                low, high = max(0, start - position), end - position
                position += block.shape[1]
                if low < block.shape[1]:
                    yield (grid.quantised(block[:, low:high]) * grid.step).astype(np.float32)
                if position >= end:
                    return


def best_candidate(
    separator: Separator, options: SeparationOptions, found: Survey, excerpt: Excerpt, checkpoint: Callable[[], None]
) -> tuple[Separation, list[float]]:
    """The separation to use, fresh, and the confidence that each of the candidates reached (empty when only one was asked for).

    Trying costs ``candidates × (12 s + context)`` of model time and one partial decode, whatever the file's length.
    """
    if options.reranking_candidates <= 1:
        return separator.begin(options, found.summary), []
    scores = []
    for candidate in range(options.reranking_candidates):
        checkpoint()
        separation = separator.begin(options, found.summary, candidate)
        separation.target(excerpt.chunk, checkpoint)
        scores.append(separation.confidence())
    return separator.begin(options, found.summary, int(np.argmax(scores))), scores
