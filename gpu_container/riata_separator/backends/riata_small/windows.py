"""The windows in which the network hears a file: on a grid counted from the file's start, so that no chunk border shows."""

from collections.abc import Iterator

import torch

from .bands import HOP

FRAMES = 200
"""STFT frames of a window (6.4 s)."""

STRIDE = 100
"""Frames between windows (3.2 s)."""

LENGTH = (FRAMES - 1) * HOP
"""Samples of a window."""


def window_frames(first: int, last: int, total: int) -> Iterator[int]:
    """First frames of all windows of a ``total``-sample file that lie wholly between samples ``first`` and ``last``.

    The file's last window ends with the file (rounded up to a frame), so that no window but the only one of a short file is padded.
    """
    final = max(0, -(-(total - LENGTH) // HOP))
    starts = [*range(0, final, STRIDE), final]
    for frame in starts:
        if frame * HOP >= first and min(frame * HOP + LENGTH, total) <= last:
            yield frame


def taper(device: torch.device) -> torch.Tensor:
    """Triangular weights (FRAMES,) with which overlapping windows are averaged."""
    rising = torch.arange(FRAMES, device=device) + 0.5
    return torch.minimum(rising, FRAMES - rising)
