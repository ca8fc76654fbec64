"""The signal path of DeepFilterNet (Schröter et al., 2022): what its networks see, and what becomes of their answers.

48 kHz mono, frames of 960 samples every 480. The networks hear the loudness of 32 bands and the lowest 96 bins as they are, both
relative to a running mean; they answer with a gain per band and, for those bins, with a filter over five frames.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

RATE = 48_000
N_FFT, HOP = 960, 480
BANDS, DEEP_BINS = 32, 96
FILTER_FRAMES, AHEAD, BEHIND = 5, 2, 2
"""Frames that a filter sees, and those of them that come later and earlier than the one that it makes. The networks look as far
ahead."""

_DECAY = np.float32(0.99)
"""Of the running means per frame: a time constant of one second."""

_FIRST_LOUDNESS, _FIRST_MAGNITUDE = (-60.0, -90.0), (1e-3, 1e-4)
"""Where the running means begin, from the lowest band or bin to the highest."""

_LOUDNESS_RANGE = 40.0
_FEWEST_BINS = 2


def spectrum(x: Array) -> Array:
    """Complex frames (T, bins) of samples (n,): frame t is centred on sample t · HOP; n is a multiple of HOP."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, (HOP, HOP)), N_FFT)[::HOP]
    return np.fft.rfft(frames * _window()) / np.float32(N_FFT)


def samples(frames: Array) -> Array:
    """The inverse: samples ((T - 1) · HOP,) of frames (T, bins)."""
    pieces = np.fft.irfft(frames * np.float32(N_FFT), N_FFT) * _window()
    sound = np.zeros((len(pieces) + 1, HOP), np.float32)
    sound[:-1] += pieces[:, :HOP]
    sound[1:] += pieces[:, HOP:]
    return sound[1:-1].reshape(-1)


def features(frames: Array) -> tuple[Array, Array]:
    """What the networks see of frames (T, bins): loudness (T, BANDS), and the lowest bins (2, T, DEEP_BINS), real and imaginary."""
    power = np.add.reduceat(np.square(frames.real) + np.square(frames.imag), _edges()[:-1], axis=1) / np.diff(_edges())
    loudness = (10 * np.log10(power + 1e-10)).astype(np.float32)
    low = frames[:, :DEEP_BINS]
    low = low / np.sqrt(_running_mean(np.abs(low), _FIRST_MAGNITUDE))
    return (loudness - _running_mean(loudness, _FIRST_LOUDNESS)) / np.float32(_LOUDNESS_RANGE), np.stack([low.real, low.imag])


def _running_mean(x: Array, first: tuple[float, float]) -> Array:
    """At every frame of ``x`` (T, …), which it takes in."""
    mean, means = np.linspace(*first, x.shape[1], dtype=np.float32), np.empty_like(x)
    for t, value in enumerate(x * (1 - _DECAY)):
        mean = value + _DECAY * mean
        means[t] = mean
    return means


def filtered(frames: Array, gains: Array, coefficients: Array) -> Array:
    """Frames (T, bins) with a gain for each band (T, BANDS), the lowest bins by their filters instead.

    ``frames`` has AHEAD frames more behind the T that count, and BEHIND more in front of them; ``coefficients``
    (T, DEEP_BINS, FILTER_FRAMES) are complex, the earliest frame's first.
    """
    count = len(gains)
    result = frames[BEHIND : BEHIND + count] * np.repeat(gains, np.diff(_edges()), axis=1)
    taps = (frames[tap : tap + count, :DEEP_BINS] * coefficients[:, :, tap] for tap in range(FILTER_FRAMES))
    result[:, :DEEP_BINS] = sum(taps)
    return result


@lru_cache
def _edges() -> Array:
    """First bins of the bands, equally wide on the ERB scale but of two bins at least, and the number of all bins."""
    bandwidth, quality = 24.7, 9.265
    most = quality * np.log1p(RATE / 2 / (bandwidth * quality))
    highest = bandwidth * quality * np.expm1(np.linspace(0, most, BANDS + 1) / quality)
    ends = np.round(highest / (RATE / N_FFT)).astype(int)
    edges, owed = [0], 0
    for low, high in pairwise(ends):
        wide = high - low - owed
        # What a narrow band is given, the next ones lack.
        owed = max(0, _FEWEST_BINS - wide)
        edges.append(edges[-1] + max(wide, _FEWEST_BINS))
    edges[-1] = N_FFT // 2 + 1
    return np.array(edges)


@lru_cache
def _window() -> Array:
    """The Vorbis window (N_FFT,), whose squares add up to one under an overlap of a half."""
    inner = np.sin(np.pi / 2 * (np.arange(N_FFT) + 0.5) / HOP)
    return np.sin(np.pi / 2 * np.square(inner)).astype(np.float32)
