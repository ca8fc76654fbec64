"""Applying a mask that was estimated at a model's rate to the mixture at its own rate.

The mixture is only resampled to be listened to. What is filtered is an STFT at the input's own rate, so that nothing above the
model's band is lost and a mask of ones returns the input. Frames lie on multiples of the hop counted from the start of the
file: the result does not depend on where chunks were cut.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, device, mixed, namespace, padded
from ..arrays.spectra import istft, stft
from ..side_by_side import side_by_side

WINDOW_SECONDS = 0.064
SEGMENT_SECONDS = 4.0
"""Length of the pieces in which the STFT is taken, to bound memory."""

_TOP_HERTZ = 500.0
"""Above the model's band the mean of its uppermost 500 Hz goes on."""


@dataclass(frozen=True, slots=True)
class MaskGrid:
    """Where a mask's values lie: bins are ``bin_hertz`` apart from 0 Hz, frames ``frame_seconds`` apart, the first one at
    ``first_frame`` (counted from the start of the file).
    """

    bin_hertz: float
    frame_seconds: float
    first_frame: int


def fft_size(sample_rate: int) -> int:
    """The even-hopped, quickly transformed size nearest to 64 ms: four times a number without prime factors over 7."""
    wanted = sample_rate * WINDOW_SECONDS / 4
    near = range(max(1, int(wanted * 0.9)), int(wanted * 1.1) + 2)
    return 4 * min((n for n in near if _smooth(n)), key=lambda n: abs(n - wanted))


def _smooth(n: int) -> bool:
    for prime in (2, 3, 5, 7):
        while n % prime == 0:
            n //= prime
    return n == 1


def masked(mixture: Array, start: int, sample_rate: int, mask: Array, grid: MaskGrid, threads: int = 1) -> Array:
    """The masked mixture, (channels, samples).

    Args:
        mixture: (channels, samples), beginning at sample ``start`` of the file.
        start: absolute sample index.
        sample_rate: of the mixture, Hz.
        mask: (channels or 1, bins, frames) on ``grid``.
        grid: where the mask's values lie.
        threads: that may work at it, for arrays of NumPy; other libraries have threads of their own.
    """
    n_fft = fft_size(sample_rate)
    hop = n_fft // 4
    out = namespace(mixture).zeros_like(mixture)
    end = start + mixture.shape[1]
    piece = max(1, round(SEGMENT_SECONDS * sample_rate / hop)) * hop
    first = -(-start // hop) * hop

    def fill(a: int) -> None:
        low, high = max(first, a - n_fft), min(end, a + piece + n_fft)
        # Room for whole frames, for only what whole hops cover comes back.
        spec = stft(padded(mixture[:, low - start : high - start], 0, n_fft), n_fft, hop)
        here = _along_frames(mask, grid, low / sample_rate, hop / sample_rate, spec.shape[2])
        spec *= _along_bins(here, grid, sample_rate, n_fft)
        b = min(a + piece, end)
        out[:, a - start : b - start] = istft(spec, n_fft, hop, b - low)[:, a - low :]

    side_by_side(fill, range(first, end, piece), threads)
    return out


def _along_bins(mask: Array, grid: MaskGrid, sample_rate: int, n_fft: int) -> Array:
    """Linear interpolation from the model's bins to those of an ``n_fft`` at ``sample_rate``."""
    xp, bins = namespace(mask), mask.shape[1]
    at = np.arange(n_fft // 2 + 1) * (sample_rate / n_fft / grid.bin_hertz)
    inside = at[at <= bins - 1]
    own = _interpolated(mask, inside, 1)
    if len(inside) == len(at):
        return own
    top = xp.mean(mask[:, -round(_TOP_HERTZ / grid.bin_hertz) :], axis=1, keepdims=True)
    return xp.concat([own, xp.repeat(top, len(at) - len(inside), axis=1)], axis=1)


def _along_frames(mask: Array, grid: MaskGrid, start: float, step: float, frames: int) -> Array:
    """Linear interpolation to ``frames`` frames, ``step`` seconds apart, from ``start`` seconds on."""
    at = (start + np.arange(frames) * step) / grid.frame_seconds
    return _interpolated(mask, np.clip(at - grid.first_frame, 0, mask.shape[2] - 1), 2)


def _interpolated(mask: Array, at: "np.ndarray[Any, Any]", axis: int) -> Array:
    """The values of (channels, bins, frames) at positions between those of ``axis``."""
    xp, here = namespace(mask), device(mask)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, mask.shape[axis] - 1)
    below, above = (xp.take(mask, xp.asarray(index, device=here), axis=axis) for index in (low, high))
    weight = (at - low).astype(np.float32).reshape((-1, 1) if axis == 1 else (-1,))
    return mixed(below, above, xp.astype(xp.asarray(weight, device=here), mask.dtype))
