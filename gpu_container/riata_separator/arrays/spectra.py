"""Short-time Fourier transforms, by default with a periodic Hann window; frames are centred on multiples of the hop."""

from functools import lru_cache
from typing import Any

import numpy as np

from . import Array, is_numpy_array

Samples = np.ndarray[Any, Any]


def stft(x: Array, n_fft: int, hop: int, *, reflected: bool = False, window: Array | None = None) -> Array:
    """Complex spectrogram (…, F, T) of samples (…, n), with ``n // hop + 1`` frames.

    Args:
        x: float32.
        n_fft: samples of a frame, even.
        hop: samples between frames.
        reflected: the outermost frames see the sound mirrored at its ends, which needs more than ``n_fft / 2`` samples;
            otherwise they see silence.
        window: (n_fft,), an array as x is; by default the periodic Hann window.
    """
    if not is_numpy_array(x):
        return _stft_of_tensor(x, n_fft, hop, "reflect" if reflected else "constant", window)
    ends = [(0, 0)] * (x.ndim - 1) + [(n_fft // 2, n_fft // 2)]
    sound = np.pad(x, ends, mode="reflect" if reflected else "constant")
    frames = np.lib.stride_tricks.sliding_window_view(sound, n_fft, axis=-1)[..., ::hop, :]
    return np.fft.rfft(frames * (hann(n_fft) if window is None else window), axis=-1).swapaxes(-1, -2)


def istft(spectrogram: Array, n_fft: int, hop: int, length: int) -> Array:
    """Samples (…, length) of a spectrogram (…, F, T), by weighted overlap-add; ``hop`` divides ``n_fft``.

    ``length`` is at most that of what the frames cover, (T - 1) · hop + n_fft / 2.
    """
    if not is_numpy_array(spectrogram):
        return _istft_of_tensor(spectrogram, n_fft, hop, length)
    window = hann(n_fft)
    frames = np.fft.irfft(spectrogram.swapaxes(-1, -2), n_fft, axis=-1)
    frames *= window
    sound = _overlapped(frames, hop)
    weight = _overlapped(np.broadcast_to(window**2, frames.shape[-2:]), hop)
    inner = slice(n_fft // 2, n_fft // 2 + length)
    return sound[..., inner] / weight[inner]


def _overlapped(frames: Samples, hop: int) -> Samples:
    """Frames (…, T, n_fft) laid over each other every ``hop`` samples."""
    *outer, count, n_fft = frames.shape
    steps = n_fft // hop
    sound = np.zeros((*outer, count + steps - 1, hop), frames.dtype)
    for step in range(steps):
        sound[..., step : step + count, :] += frames[..., step * hop : (step + 1) * hop]
    return sound.reshape(*outer, -1)


@lru_cache
def hann(samples: int) -> Samples:
    """The periodic Hann window (samples,), float32; not to be written to."""
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples)).astype(np.float32)
    window.flags.writeable = False
    return window


def _stft_of_tensor(x: Array, n_fft: int, hop: int, ends: str, window: Array | None) -> Array:
    import torch

    window = torch.hann_window(n_fft, device=x.device) if window is None else window
    spectrogram = torch.stft(x.reshape(-1, x.shape[-1]), n_fft, hop, window=window, pad_mode=ends, return_complex=True)
    return spectrogram.view(*x.shape[:-1], *spectrogram.shape[1:])


def _istft_of_tensor(spectrogram: Array, n_fft: int, hop: int, length: int) -> Array:
    import torch

    window = torch.hann_window(n_fft, device=spectrogram.device)
    flat = spectrogram.reshape(-1, *spectrogram.shape[-2:])
    return torch.istft(flat, n_fft, hop, window=window, length=length).view(*spectrogram.shape[:-2], length)
