"""Applying a mask that was estimated at a model's rate to the mixture at its own rate.

The mixture is only resampled to be listened to. What is filtered is an STFT at the input's own rate, so that nothing above the
model's band is lost and a mask of ones returns the input. Frames lie on multiples of the hop counted from the start of the
file: the result does not depend on where chunks were cut.
"""

from dataclasses import dataclass

import torch

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


def masked(mixture: torch.Tensor, start: int, sample_rate: int, mask: torch.Tensor, grid: MaskGrid) -> torch.Tensor:
    """The masked mixture, (channels, samples).

    Args:
        mixture: (channels, samples), beginning at sample ``start`` of the file.
        start: absolute sample index.
        sample_rate: of the mixture, Hz.
        mask: (channels or 1, bins, frames) on ``grid``.
        grid: where the mask's values lie.
    """
    n_fft = fft_size(sample_rate)
    hop = n_fft // 4
    window = torch.hann_window(n_fft, device=mixture.device)
    out = torch.zeros_like(mixture)
    end = start + mixture.shape[1]
    piece = max(1, round(SEGMENT_SECONDS * sample_rate / hop)) * hop
    first = -(-start // hop) * hop
    for a in range(first, end, piece):
        low, high = max(first, a - n_fft), min(end, a + piece + n_fft)
        spec = torch.stft(
            _at_least(mixture[:, low - start : high - start], n_fft),
            n_fft, hop, window=window, pad_mode="constant", return_complex=True,
        )  # fmt: skip
        here = _along_frames(mask, grid, low / sample_rate, hop / sample_rate, spec.shape[2])
        spec *= _along_bins(here, grid, sample_rate, n_fft)
        b = min(a + piece, end)
        out[:, a - start : b - start] = torch.istft(spec, n_fft, hop, window=window)[:, a - low : b - low]
    return out


def _at_least(x: torch.Tensor, samples: int) -> torch.Tensor:
    """Room for whole frames: istft returns only what whole hops cover."""
    return torch.nn.functional.pad(x, (0, samples))


def _along_bins(mask: torch.Tensor, grid: MaskGrid, sample_rate: int, n_fft: int) -> torch.Tensor:
    """Linear interpolation from the model's bins to those of an ``n_fft`` at ``sample_rate``."""
    bins = mask.shape[1]
    at = torch.arange(n_fft // 2 + 1, device=mask.device) * (sample_rate / n_fft / grid.bin_hertz)
    low = at.clamp(max=bins - 1).long()
    high = (low + 1).clamp(max=bins - 1)
    weight = (at - low).clamp(0, 1)[None, :, None]
    own = torch.lerp(mask[:, low], mask[:, high], weight)
    beyond = at > bins - 1
    if beyond.any():
        own[:, beyond] = mask[:, -round(_TOP_HERTZ / grid.bin_hertz) :].mean(1, keepdim=True)
    return own


def _along_frames(mask: torch.Tensor, grid: MaskGrid, start: float, step: float, frames: int) -> torch.Tensor:
    """Linear interpolation to ``frames`` frames, ``step`` seconds apart, from ``start`` seconds on."""
    at = (start + torch.arange(frames, device=mask.device, dtype=torch.float64) * step) / grid.frame_seconds
    at = (at - grid.first_frame).clamp(0, mask.shape[2] - 1)
    low = at.long()
    high = (low + 1).clamp(max=mask.shape[2] - 1)
    return torch.lerp(mask[:, :, low], mask[:, :, high], (at - low).to(mask.dtype))
