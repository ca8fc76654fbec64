"""Scores of a separation and their uncertainty."""

from dataclasses import dataclass

import numpy as np

LEAKAGE_DB = 25.0
"""A reference more than this far below its mixture counts as absent: its output is scored as leakage."""


def si_sdr(estimate: np.ndarray, reference: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio in dB of (n,) signals (Le Roux et al., 2019)."""
    e, s = estimate - estimate.mean(), reference - reference.mean()
    projection = (e @ s) / (s @ s + 1e-9) * s
    error = e - projection
    return float(10 * np.log10((projection @ projection + 1e-9) / (error @ error + 1e-9)))


def level_db(x: np.ndarray, against: np.ndarray) -> float:
    """Level of (n,) samples relative to others, in dB."""
    return float(10 * np.log10((x @ x + 1e-9) / (against @ against + 1e-9)))


def is_absent(reference: np.ndarray, mixture: np.ndarray) -> bool:
    """Whether a reference (n,) is too quiet in its mixture to be scored by SI-SDR."""
    return level_db(reference, mixture) < -LEAKAGE_DB


@dataclass(frozen=True)
class Interval:
    """Mean, median and 95 % bootstrap interval of the mean of n values."""

    n: int
    mean: float
    median: float
    low: float
    high: float


def interval(values: list[float], draws: int = 2000, seed: int = 0) -> Interval:
    """Percentile bootstrap of the mean (Efron, 1979). Raises ValueError without values."""
    if not values:
        raise ValueError("no values to average")
    data, generator = np.asarray(values, np.float64), np.random.default_rng(seed)
    means = data[generator.integers(0, len(data), (draws, len(data)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(len(data), float(data.mean()), float(np.median(data)), float(low), float(high))
