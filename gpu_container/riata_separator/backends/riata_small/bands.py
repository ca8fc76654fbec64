"""The division of the STFT's bins into mel-like bands, and the packing of bands of similar width."""

from dataclasses import dataclass
from typing import Any

import numpy as np

RATE = 32_000
"""Hz at which the network listens."""

N_FFT, HOP = 2048, 1024
BINS = N_FFT // 2 + 1
_WIDTH_LIMITS = (2, 4, 8, 16, 32, 1 << 30)


Indices = np.ndarray[Any, np.dtype[np.int64]]


def band_edges(bands: int) -> Indices:
    """Bin indices (bands + 1,) between which the bands lie; every band has at least two bins."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, bands + 1) / 2595) - 1)
    edges = np.zeros(bands + 1, int)
    for k in range(1, bands + 1):
        edges[k] = max(round(hertz[k] / (RATE / 2) * BINS), edges[k - 1] + 2)
    edges[-1] = BINS
    for k in range(bands - 1, 0, -1):
        edges[k] = min(edges[k], edges[k + 1] - 2)
    return edges


@dataclass(frozen=True, slots=True)
class Bands:
    """Index tables of a band split into ``count`` bands over ``BINS`` bins.

    ``gather`` (count, width) are the bins of each band, padded; ``valid`` says which entries are real. ``groups`` are runs of
    bands (first, last, width) that are computed together at their widest member's width; concatenated, they give "padded
    bins", of which ``unpad`` (BINS,) picks the real ones.
    """

    count: int
    gather: Indices
    valid: np.ndarray[Any, np.dtype[np.float32]]
    groups: tuple[tuple[int, int, int], ...]
    unpad: Indices

    @property
    def width(self) -> int:
        """Bins of the widest band."""
        return int(self.gather.shape[1])

    @property
    def widths(self) -> Indices:
        """Bins of each band."""
        widths: Indices = self.valid.sum(1).astype(np.int64)
        return widths


def split_bands(count: int) -> Bands:
    """The tables for ``count`` bands."""
    edges = band_edges(count)
    widths = edges[1:] - edges[:-1]
    gather, valid = np.zeros((count, widths.max()), int), np.zeros((count, widths.max()), np.float32)
    for k in range(count):
        gather[k, : widths[k]], valid[k, : widths[k]] = np.arange(edges[k], edges[k + 1]), 1
    groups, real, first = [], [], 0
    for limit in _WIDTH_LIMITS:
        last = first
        while last < count and widths[last] <= limit:
            last += 1
        if last > first:
            width = int(widths[first:last].max())
            groups.append((first, last, width))
            real += [j < widths[k] for k in range(first, last) for j in range(width)]
        first = last
    return Bands(count, gather, valid, tuple(groups), np.flatnonzero(real))
