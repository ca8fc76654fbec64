"""Time hints as curves: where the target must be silent, and where it is the likelier the more.

Edges are raised cosines of :data:`FADE_SECONDS`, outside the span, so that within it the hint holds fully.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from riata.domain.options import Span

FADE_SECONDS = 0.05

Curve = np.ndarray[Any, np.dtype[np.float64]]


def _presence(spans: Iterable[Span], times: Curve) -> Curve:
    """1 within any of the spans, 0 away from all, at ``times`` in rising order (seconds)."""
    presence = np.zeros(len(times))
    for span in spans:
        first, last = np.searchsorted(times, (span.start - FADE_SECONDS, span.end + FADE_SECONDS))
        near = times[first:last]
        distance = np.maximum(np.maximum(span.start - near, near - span.end), 0) / FADE_SECONDS
        presence[first:last] = np.maximum(presence[first:last], 0.5 + 0.5 * np.cos(np.pi * distance))
    return presence


def target_gain(spans: tuple[Span, ...], start: int, count: int, sample_rate: int) -> Curve | None:
    """The gain (count,) that silences the target in excluding spans, from sample ``start`` on; None where it is 1 throughout."""
    excluded = [
        span
        for span in spans
        if not span.include
        and span.end + FADE_SECONDS > start / sample_rate
        and span.start - FADE_SECONDS < (start + count) / sample_rate
    ]
    return 1 - _presence(excluded, (start + np.arange(count)) / sample_rate) if excluded else None


def likelihood(spans: tuple[Span, ...], times: Curve) -> Curve | None:
    """How much likelier the target is at ``times`` (seconds): from -1 outside to 1 inside including spans; None without any."""
    included = [span for span in spans if span.include]
    return 2 * _presence(included, times) - 1 if included else None
