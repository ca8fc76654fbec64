"""Building blocks of procedural sound effects: noises, resonances, curves and scattered events, all from one generator."""

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from training.audio_files import Wave
from training.workspace import RATE

Generator = np.random.Generator


def noise(r: Generator, n: int) -> Wave:
    """White noise (n,)."""
    return r.normal(0, 1, n).astype(np.float32)


def band(x: Wave, low: float, high: float) -> Wave:
    """Band-pass between two frequencies in Hz."""
    return sosfilt(butter(2, [low, min(high, 15800)], "band", fs=RATE, output="sos"), x).astype(np.float32)


def resonance(x: Wave, frequency: float, width: float) -> Wave:
    """Two-pole resonance, unit gain at its centre; Hz."""
    radius = np.exp(-np.pi * width / RATE)
    return lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * frequency / RATE), radius * radius], x)


def curve(r: Generator, n: int, step: float, low: float, high: float) -> Wave:
    """Smooth random curve (n,) with a knot every `step` seconds."""
    knots = max(2, int(n / RATE / step) + 2)
    return np.interp(np.arange(n), np.linspace(0, n, knots), r.uniform(low, high, knots))


def room(r: Generator, x: Wave, seconds: float | None = None, wet: float | None = None) -> Wave:
    """The sound in a diffuse room."""
    seconds, wet = seconds or r.uniform(0.15, 0.9), r.uniform(0.05, 0.5) if wet is None else wet
    n = int(RATE * seconds)
    response = noise(r, n) * np.exp(-6.9 * np.arange(n) / n)
    response /= np.sqrt((response**2).sum())
    return (x + wet * fftconvolve(x, response)[: len(x)]).astype(np.float32)


def scatter(r: Generator, n: int, make: Callable[[], Wave], gap: tuple[float, float]) -> Wave:
    """Events from `make` one after another with random gaps (seconds) on a silent track (n,)."""
    out, at = np.zeros(n, np.float32), int(r.uniform(0, 0.5) * RATE)
    while at < n:
        event = make()[: n - at]
        out[at : at + len(event)] += event
        at += max(1, int(len(event) * 0.9 + r.uniform(*gap) * RATE))
    return out
