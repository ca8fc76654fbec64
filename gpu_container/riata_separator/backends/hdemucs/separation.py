"""One prompt at work on one file: the choice among the stems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from riata.domain.options import Acceleration, SeparationOptions

from ...separator import Audio, Chunk, Summary
from .stems import SOURCES
from .windows import RATE, WindowGrid

if TYPE_CHECKING:
    from .backend import HDemucs

STEPS = {Acceleration.FAST: 9 * RATE, Acceleration.BALANCED: 15 * RATE // 2, Acceleration.QUALITY: 5 * RATE}
"""Samples between windows."""


class HDemucsSeparation:
    """See :class:`~riata_separator.separator.Separation`. Candidates after the first hear the file on a shifted grid."""

    def __init__(
        self, separator: HDemucs, stems: frozenset[str], options: SeparationOptions, summary: Summary, candidate: int
    ) -> None:
        self._separator, self._stems, self.summary = separator, stems, summary
        self._seed = options.seed or 0
        step = STEPS[options.acceleration]
        shift = int(np.random.default_rng([self._seed, candidate]).integers(1, step)) if candidate else 0
        self.grid = WindowGrid(step, shift)
        self._missed, self._power = 0.0, 0.0

    def target(self, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.separator.Separation`."""
        return self._separator.targets([self], chunk, checkpoint)[0]

    def selected(self, stems: Mapping[str, Audio], chunk: Chunk) -> Audio:
        """The target, (channels, samples) at the file's own rate, out of all ``stems`` of ``chunk`` at 44.1 kHz."""
        rate, samples = self.summary.sample_rate, chunk.mixture.shape[1]
        own = {name: _fitted(_resampled(sound, rate), samples) for name, sound in stems.items()}
        missed = chunk.mixture - sum(own.values())
        self._missed += float(np.square(missed).sum())
        self._power += float(np.square(chunk.mixture).sum())
        return np.ascontiguousarray(sum(own[name] for name in SOURCES if name in self._stems), np.float32)

    def confidence(self) -> float:
        """How well the four stems add up to the mixture, 0…1: they need not, and do not where there is more than music."""
        return max(0.0, 1 - self._missed / self._power) if self._power else 0.0

    def report(self) -> Mapping[str, Any]:
        """See :class:`~riata_separator.separator.Separation`."""
        chosen = [name for name in SOURCES if name in self._stems]
        return {
            "notes": [f"Taken from the stems: {', '.join(chosen)}."],
            "stems": chosen,
            "confidence": round(self.confidence(), 3),
            "seed": self._seed,
            "warnings": [],
        }


def _resampled(sound: Audio, rate: int) -> Audio:
    return sound if rate == RATE else np.ascontiguousarray(soxr.resample(sound.T, RATE, rate).T, np.float32)


def _fitted(sound: Audio, samples: int) -> Audio:
    """Cut or padded to ``samples``: resampling twice may round by one."""
    return np.pad(sound, ((0, 0), (0, max(0, samples - sound.shape[1]))))[:, :samples]
