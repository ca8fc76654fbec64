"""Several attempts at one file: each is tried on the loudest stretch, the surest one separates the whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from riata.domain.options import SeparationOptions

from .codecs.decode import decoding
from .separator import Audio, Chunk, Separation, Separator
from .survey import Survey

TRIED_SECONDS = 12.0


def best_candidate(
    separator: Separator, options: SeparationOptions, source: Path, found: Survey, checkpoint: Callable[[], None]
) -> tuple[Separation, list[float]]:
    """The separation to use, fresh, and the confidence that each of the candidates reached (empty when only one was asked for).

    Trying costs ``candidates × (12 s + context)`` of model time and one partial decode, whatever the file's length.
    """
    if options.reranking_candidates <= 1:
        return separator.begin(options, found.summary), []
    excerpt = _excerpt(source, found, separator, checkpoint)
    scores = []
    for candidate in range(options.reranking_candidates):
        checkpoint()
        separation = separator.begin(options, found.summary, candidate)
        separation.target(excerpt, checkpoint)
        scores.append(separation.confidence())
    return separator.begin(options, found.summary, int(np.argmax(scores))), scores


def _excerpt(source: Path, found: Survey, separator: Separator, checkpoint: Callable[[], None]) -> Chunk:
    """The loudest ``TRIED_SECONDS`` with the backend's context, starting on a multiple of its stride."""
    rate, total = found.summary.sample_rate, found.summary.total
    grain = max(1, round(separator.stride * rate))
    middle = round(found.loudest * rate)
    half = round((TRIED_SECONDS / 2 + separator.context) * rate)
    start = max(0, middle - half) // grain * grain
    end = min(total, start + 2 * half)
    return Chunk(np.concatenate(list(_between(source, found, start, end, checkpoint)), axis=1), start)


def _between(source: Path, found: Survey, start: int, end: int, checkpoint: Callable[[], None]) -> Iterator[Audio]:
    position = 0
    with decoding(source, checkpoint) as decoder:
        for block in decoder.blocks():
            low, high = max(0, start - position), end - position
            position += block.shape[1]
            if low < block.shape[1]:
                yield (found.grid.quantised(block[:, low:high]) * found.grid.step).astype(np.float32)
            if position >= end:
                return
