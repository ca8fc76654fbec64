"""The windows in which the network hears a file: on a grid counted from the file's start, so that no chunk border shows.

A whole-file run and a run in chunks evaluate the same windows. The network normalises over a window (as it was trained to), and
windows do not depend on chunks: this is what keeps its loudness from jumping at a border.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import Array, mixed, namespace, padded
from .bands import HOP

FRAMES = 200
"""STFT frames of a window (6.4 s). Windows of 3.2 s and 12.8 s separate within 0.1 dB of it."""

LENGTH = (FRAMES - 1) * HOP
"""Samples of a window."""


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Windows every ``stride`` frames of a file of ``total`` samples, the whole grid ``shift`` samples early (0 … HOP - 1)."""

    total: int
    stride: int
    shift: int = 0

    def frames(self, first: int, last: int) -> Iterator[int]:
        """First frames of the windows that lie wholly between samples ``first`` and ``last`` of the file.

        The last window of a file ends with the file (rounded up to a frame), so that no window is padded but the only one of a
        short file.
        """
        final = max(0, -(-(self.total + self.shift - LENGTH) // HOP))
        for frame in [*range(0, final, self.stride), final]:
            start = frame * HOP - self.shift
            if max(0, start) >= first and min(start + LENGTH, self.total) <= last:
                yield frame

    def cut(self, heard: Array, first: int, frame: int) -> Array:
        """The window (channels, LENGTH) at ``frame`` out of what is ``heard`` from sample ``first`` on; silence beyond the file."""
        start = frame * HOP - self.shift - first
        piece = heard[:, max(0, start) : start + LENGTH]
        before = max(0, -start)
        return padded(piece, before, LENGTH - before - piece.shape[1])

    def unshifted(self, masks: Array) -> Array:
        """Masks (…, frames) on this grid, interpolated to the frames of the grid without shift."""
        if not self.shift:
            return masks
        following = namespace(masks).concat([masks[..., 1:], masks[..., -1:]], axis=-1)
        return mixed(masks, following, self.shift / HOP)


def taper() -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Triangular weights (FRAMES,) with which overlapping windows are averaged."""
    rising = np.arange(FRAMES, dtype=np.float32) + np.float32(0.5)
    return np.minimum(rising, FRAMES - rising)
