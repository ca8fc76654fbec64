"""Where the target was heard: the spans of a finished separation, from levels measured as it streamed by."""

from typing import Any

import numpy as np

from riata.domain.options import Span

from .separator import Audio

FRAME_SECONDS = 0.05
_BELOW_LOUD_DB = -25.0
"""A frame sounds when it is at most this much below the target's loud frames (their 95th percentile) …"""

_OF_MIXTURE_DB = -15.0
"""… and at most this much below the mixture in the same frame: quieter, it is leakage."""

_LONGEST_GAP, _SHORTEST_SPAN = 0.4, 0.1
_QUIET = 1e-12


class ActivityMeter:
    """Levels of mixture and target in frames of 50 ms; a few bytes per second of audio."""

    def __init__(self, sample_rate: int) -> None:
        self._frame = max(1, round(FRAME_SECONDS * sample_rate))
        self._rate = sample_rate
        self._rest = np.zeros((2, 0))
        self._powers: list[np.ndarray[Any, Any]] = []

    def add(self, mixture: Audio, target: Audio) -> None:
        """The next stretch of both, (channels, samples)."""
        powers = np.stack([np.square(x, dtype=np.float64).mean(0) for x in (mixture, target)])
        joined = np.concatenate([self._rest, powers], axis=1)
        whole = joined.shape[1] // self._frame * self._frame
        self._rest = joined[:, whole:]
        self._powers.append(joined[:, :whole].reshape(2, -1, self._frame).mean(2))

    def target_share_db(self) -> float:
        """The target's level relative to the mixture over the whole file, in dB (-120 for nothing)."""
        mixture, target = self._levels().sum(1)
        return float(10 * np.log10(max(target / max(mixture, _QUIET), _QUIET)))

    def spans(self) -> tuple[Span, ...]:
        """Where the target sounds: gaps up to 0.4 s closed, spans below 0.1 s dropped."""
        mixture, target = 10 * np.log10(np.maximum(self._levels(), _QUIET))
        loud = np.percentile(target, 95)
        sounding = (target > loud + _BELOW_LOUD_DB) & (target > mixture + _OF_MIXTURE_DB) & (target > 10 * np.log10(_QUIET))
        edges = np.flatnonzero(np.diff(np.concatenate([[0], sounding.astype(np.int8), [0]])))
        joined: list[list[float]] = []
        for first, last in edges.reshape(-1, 2) * (self._frame / self._rate):
            if joined and first - joined[-1][1] <= _LONGEST_GAP:
                joined[-1][1] = last
            else:
                joined.append([first, last])
        return tuple(Span(round(a, 3), round(b, 3)) for a, b in joined if b - a >= _SHORTEST_SPAN)

    def _levels(self) -> np.ndarray[Any, Any]:
        """Mean powers (2, frames) of mixture and target, the unfinished last frame too."""
        rest = [self._rest.mean(1, keepdims=True)] if self._rest.shape[1] else []
        return np.concatenate([*self._powers, *rest], axis=1)
