"""The fixed-point grid on which mixture, target and residual live, so that target + residual = mixture exactly."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Integers = np.ndarray[Any, np.dtype[np.int64]]

_FLOAT_BITS = 24


@dataclass(frozen=True, slots=True)
class Grid:
    """Samples are integers times ``2 ** exponent``, between ``lowest`` and ``highest``; ``subtype`` is libsndfile's name.

    Float outputs live on a grid as well: at most 2^24 steps to each side of zero, which float32 represents exactly.
    """

    subtype: str
    exponent: int
    lowest: int
    highest: int

    @property
    def step(self) -> float:
        """The size of one step in full scale."""
        return math.ldexp(1.0, self.exponent)

    def quantised(self, samples: np.ndarray[Any, Any]) -> Integers:
        """Decoder samples (int32 left-aligned, or float in full scale) as integers of this grid."""
        if samples.dtype.kind == "i":
            return samples.astype(np.int64) >> (31 + self.exponent)
        return np.clip(np.rint(samples / self.step), self.lowest, self.highest).astype(np.int64)

    def split(self, mixture: Integers, target: np.ndarray[Any, Any]) -> tuple[Integers, Integers]:
        """Target and residual as integers that add up to ``mixture``, both within the grid's range."""
        wanted = np.rint(target.astype(np.float64) / self.step).astype(np.int64)
        low, high = np.maximum(self.lowest, mixture - self.highest), np.minimum(self.highest, mixture - self.lowest)
        wanted = np.clip(wanted, low, high)
        return wanted, mixture - wanted


def pcm_grid(bits: int) -> Grid:
    """Integer PCM of 16, 24 or 32 bits."""
    return Grid(f"PCM_{bits}", 1 - bits, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def float_grid(peak: float) -> Grid:
    """Float32 with at least 6 dB of headroom above ``peak``."""
    exponent = math.ceil(math.log2(max(peak, 1.0))) + 1 - _FLOAT_BITS
    return Grid("FLOAT", exponent, -(1 << _FLOAT_BITS), 1 << _FLOAT_BITS)


def grid_for(*, integer: bool, lossless: bool, depth: int, peak: float) -> Grid:
    """The grid that loses nothing of the source: its own bit depth (at least 16), float32 for float sources and above full scale.

    ``depth`` counts the significant bits of an integer source. Lossy sources have no bit depth and get 16.
    """
    if peak > 1 or (lossless and not integer):
        return float_grid(peak)
    if not lossless or depth <= 16:
        return pcm_grid(16)
    return pcm_grid(24 if depth <= 24 else 32)
