"""The experts that a plan asks, listening side by side to one chunk after the other."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy

import numpy as np
import soxr

from ...arrays import Array, Place
from ...experts.base import Expert
from ...separator import Audio, Chunk, Summary
from ...side_by_side import side_by_side
from .bands import RATE
from .plan import Plan

MONO = frozenset({"speech"})
"""Experts that hear the mean of all channels."""


class Panel:
    """The experts of one separation. ``missing`` are those that the plan would ask but that are not there."""

    def __init__(self, experts: Mapping[str, Expert], plan: Plan, summary: Summary) -> None:
        self.asked = {name: experts[name] for name in plan.experts if name in experts}
        self.missing = [name for name in plan.experts if name not in experts]
        self._summary = summary

    def joined(self, others: Iterable["Panel"]) -> "Panel":
        """One panel that asks each expert once for all of these panels of the same file."""
        joined = copy(self)
        joined.asked = self.asked.copy()
        for other in others:
            joined.asked |= other.asked
        return joined

    def listen(
        self, chunk: Chunk, samples: int, checkpoint: Callable[[], None], place: Place
    ) -> dict[str, Array]:
        """Each expert's estimate, (channels or 1, samples) at the network's rate, aligned with the chunk as it hears it."""
        if not self.asked:
            return {}
        names = list(self.asked)
        heard = side_by_side(lambda name: self._estimate(name, chunk, checkpoint), names, len(names))
        return {name: place(_fitted(estimate, samples)) for name, estimate in zip(names, heard, strict=True)}

    def _estimate(self, name: str, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        expert, rate = self.asked[name], self._summary.sample_rate
        mixture = chunk.mixture.mean(0, keepdims=True) if name in MONO else chunk.mixture
        start = round(chunk.start * expert.sample_rate / rate)
        total = -(-self._summary.total * expert.sample_rate // rate)
        estimate = expert.estimate(resampled(mixture, rate, expert.sample_rate), start, total, checkpoint)
        return resampled(estimate, expert.sample_rate, RATE)


def resampled(x: Audio, a: int, b: int) -> Audio:
    """(channels, samples) at ``a`` Hz, at ``b`` Hz."""
    return x if a == b else np.ascontiguousarray(soxr.resample(x.T, a, b).T, np.float32)


def _fitted(x: Audio, samples: int) -> Audio:
    """Cut or padded to ``samples``: resampling twice may round by one."""
    return np.ascontiguousarray(np.pad(x, ((0, 0), (0, max(0, samples - x.shape[1]))))[:, :samples])
