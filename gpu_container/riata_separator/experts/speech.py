"""The speech expert: DeepFilterNet 3 (Schröter et al., 2023), by the networks of its authors in ONNX.

They remember what came before, and their files take no memory from outside. So a stretch is cut into segments, each of which
first hears some seconds that are thrown away.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np

from riata.errors import BackendUnavailable, ModelUnavailable
from riata_separator.experts import deep_filtering
from riata_separator.experts.deep_filtering import AHEAD, BEHIND, DEEP_BINS, FILTER_FRAMES, HOP, RATE, Array
from riata_separator.graphs import Session
from riata_separator.separator import Audio

SEGMENT, WARM_UP = 1000, 300
"""Frames (10 ms each) of a segment, and those heard before it."""

_THREADS = 1
"""Of a call: recurrent networks gain nothing by more, and another expert works beside this one."""


class SpeechExpert:
    """DeepFilterNet 3. It hears the mean of all channels, and gives the same estimate for each.

    Args:
        encoder, gains, coefficients: its networks.
    """

    name = "speech"
    sample_rate = RATE
    context = 3.0

    def __init__(self, encoder: Session, gains: Session, coefficients: Session) -> None:
        self._encoder, self._gains, self._coefficients = encoder, gains, coefficients

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From the folder with the three networks.

        Raises:
            ModelUnavailable: They are missing or cannot be run.
        """
        try:
            return cls(*(Session(folder / f"{name}.onnx", _THREADS) for name in ("encoder", "gains", "coefficients")))
        except BackendUnavailable as error:
            raise ModelUnavailable(f"The speech expert in {folder} cannot be loaded: {error}") from error

    def estimate(self, mixture: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.experts.base.Expert`."""
        count = mixture.shape[1]
        frames = deep_filtering.spectrum(np.pad(mixture.mean(0), (0, -count % HOP + AHEAD * HOP)))
        around = np.pad(frames, ((BEHIND, 0), (0, 0)))
        loudness, low = deep_filtering.features(frames)
        said = []
        for first in range(0, len(frames) - AHEAD, SEGMENT):
            checkpoint()
            end = min(first + SEGMENT, len(frames) - AHEAD)
            heard, late = slice(max(0, first - WARM_UP), end + AHEAD), slice(first - end, None)
            gains, coefficients = self._answers(loudness[heard], low[:, heard])
            said.append(deep_filtering.filtered(around[first : end + BEHIND + AHEAD], gains[late], coefficients[late]))
        return np.broadcast_to(deep_filtering.samples(np.concatenate(said))[:count], mixture.shape).copy()

    def _answers(self, loudness: Array, low: Array) -> tuple[Array, Array]:
        """Gains (T, bands) and complex coefficients (T, bins, frames of a filter): those for a frame come AHEAD frames after it."""
        e0, e1, e2, e3, embedding, c0, _ = self._encoder(loudness[None, None], low[None])
        gains = self._gains(embedding, e3, e2, e1, e0)[0]
        coefficients = self._coefficients(embedding, c0)[0].reshape(len(loudness), DEEP_BINS, FILTER_FRAMES, 2)
        return gains[0, 0], np.ascontiguousarray(coefficients).view(np.complex64)[..., 0]
