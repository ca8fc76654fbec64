"""The decoded file on its grid."""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from riata.errors import MediaUnreadable

from .codecs.decode import decoding
from .separator import Audio
from .survey import Survey

Held = np.ndarray[Any, np.dtype[np.int32]]


class Mixture:
    """The decoded file on its grid; what has been read is held until its stems are taken.

    One thread may read it while another takes what has been read.
    """

    def __init__(self, source: Path, found: Survey, checkpoint: Callable[[], None]) -> None:
        self._source, self._found, self._checkpoint = source, found, checkpoint
        self._held: deque[Held] = deque()

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

    def take(self, count: int) -> Held:
        """The next ``count`` samples of what has been read, (channels, count) of the grid, which are then forgotten."""
        taken = []
        while count:
            block = self._held.popleft()
            if block.shape[1] > count:
                self._held.appendleft(block[:, count:])
                block = block[:, :count]
            taken.append(block)
            count -= block.shape[1]
        return np.concatenate(taken, axis=1)
