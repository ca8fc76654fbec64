"""What the ear's word changes.

Classes that it hardly hears in a window count for less there, whatever the network makes of single bins. And how loud what the
prompt names may be depends on whether it is heard, by the ear or, loudly, by the network. What is not heard comes at a level at
which next to nothing is left of a sound that is not there, and at which one that was missed is quiet, yet not lost. What is
heard is not lost either: where it is hardly found it is made louder, and where that is not enough some of the whole mixture is
let through, quiet and not separated.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from ...arrays import Array, Place, namespace, sigmoid
from .exponents import Exponents
from .plan import Plan

_HEARD_SLOPE, _ABSENT_SLOPE = 0.15, 0.2
"""Over so much more presence, what is likely not heard becomes likely heard, and what is surely absent becomes doubtful."""

FAINT_DB = -20.0
"""What is let through at less than this level speaks no more against what is named."""

_MOST_DB = 18.0
"""By no more than this is a mask made louder: what it has found of a quiet sound, and not what it leaks of others."""

_MISSED_DB, _MISSED_SLOPE_DB = 3.0, 2.0
"""So far below the least level, and over so much more, what a mask finds even when made louder is likely none of it."""


class Listener(Protocol):
    """Hears which classes sound; :class:`~riata_separator.experts.ear.Ear` is one."""

    def presence(self, windows: Array) -> Array:
        """Logits (B, C) of mono windows (B, samples)."""
        ...


def named_classes(plan: Plan, classes: Iterable[str]) -> list[bool]:
    """Of each of ``classes`` whether the prompt names it: what it wants, or what it removes; none where it names both sides."""
    if not plan.named:
        return [False for _ in classes]
    return [(name in plan.wanted) == (plan.named > 0) for name in classes]


def belief(presence: Array, by: Exponents) -> Array:
    """Factors (…, C), at most 1, of the shares of classes with ``presence``."""
    xp = namespace(presence)
    return xp.exp(by.ear_doubt * xp.clip(presence - by.ear_sure, max=0.0))


def bounded(side: Array, level: Array, heard: Array, by: Exponents) -> Array:
    """The mask ``side`` of what the prompt names, at a level that fits what is heard.

    A gain costs no SI-SDR, so the mixture is let through only where a gain is not enough.

    Args:
        side: the mask, let through at ``level`` (dB).
        level: likewise against the mixture.
        heard: presence of what is named.
        by: says which presences and levels.
    """
    xp = namespace(side)
    found = heard + by.ear_found * xp.clip(level, min=FAINT_DB)
    there, perhaps = sigmoid((found - by.ear_heard) / _HEARD_SLOPE), sigmoid((heard - by.ear_absent) / _ABSENT_SLOPE)
    quieter = (1 - there) * xp.clip(level - by.ear_hushed, min=0.0)
    least = by.ear_hushed + there * (by.ear_kept - by.ear_hushed)
    louder = perhaps * xp.clip(least - level + quieter, min=0.0, max=_MOST_DB)
    side = xp.clip(side * 10 ** ((louder - quieter) / 20), max=1.0)
    missed = perhaps * sigmoid((least - _MISSED_DB - level + quieter - louder) / _MISSED_SLOPE_DB)
    return side + missed * xp.clip(10 ** (least / 20) - side, min=0.0)


class Hearing:
    """Counts, for one prompt, how surely the ear heard what is named anywhere in the file."""

    def __init__(self, plan: Plan, classes: Sequence[str], place: Place) -> None:
        named = named_classes(plan, classes)
        self._named = place(np.array(named)) if any(named) else None
        self._by = plan.exponents
        self._most: Array | None = None

    def of(self, presence: Array) -> Array | None:
        """Presence (1,) of what is named in a window, of ``presence`` (C,) of all classes; None where nothing is named."""
        if self._named is None:
            return None
        return namespace(presence).max(presence[self._named], axis=0, keepdims=True)

    def count(self, heard: Array) -> None:
        """Take what :meth:`of` said of a window into account."""
        self._most = heard if self._most is None else namespace(heard).maximum(self._most, heard)

    def confidence(self) -> float:
        """How likely what is named sounds somewhere, 0…1; 1 where nothing is known about it."""
        return 1.0 if self._most is None else float(sigmoid(self._most - self._by.ear_heard)[0])
