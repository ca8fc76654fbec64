"""What the ear's word changes.

Classes that it hardly hears in a window count for less there, whatever the network makes of single bins. Where it does not hear
what the prompt names, that is turned down as a whole: of a sound that is not there next to nothing is left, and where the ear is
wrong only the level suffers. Where it does hear what the network hardly finds, that is made louder, and where that is not enough
some of the whole mixture is let through: quiet and not separated is better than lost.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from ...arrays import Array, Place, namespace, sigmoid
from .exponents import Exponents
from .plan import Plan

_SLOPE = 0.2
"""Over so much more presence, what is likely absent becomes likely present."""

_MISSED_DB, _MISSED_SLOPE_DB = -18.0, 2.0
"""Below this level against the mixture, and over so much more of it, what is heard is likely missed."""

_MOST_DB = 12.0
"""By no more than this is a mask made louder: what it has found of a quiet sound, and not what it leaks of others."""


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


def hushed(level: Array, heard: Array, by: Exponents) -> Array:
    """Gain, at most 1, of what the prompt names, is let through at ``level`` (dB) and heard with a presence of ``heard``."""
    xp = namespace(level)
    return 10 ** (-xp.clip(level - by.ear_hushed, min=0.0) / 20 * sigmoid((by.ear_absent - heard) / _SLOPE))


def kept(side: Array, level: Array, heard: Array, by: Exponents) -> Array:
    """The mask ``side`` of what the prompt names, made louder where that is heard and hardly found.

    A gain costs no SI-SDR, so it comes first. What is still too quiet then, the mask has missed: it goes nowhere below a floor.

    Args:
        side: the mask, let through at ``level`` (dB).
        level: likewise against the mixture.
        heard: presence of what is named.
        by: says how loud it becomes at most and how high the floor is, and from which presence.
    """
    xp, sure = namespace(side), sigmoid((heard - by.ear_heard) / _SLOPE)
    louder = sure * xp.clip(by.ear_kept - level, min=0.0, max=_MOST_DB)
    side = xp.clip(side * 10 ** (louder / 20), max=1.0)
    missed = sure * sigmoid((_MISSED_DB - level - louder) / _MISSED_SLOPE_DB)
    return side + missed * xp.clip(10 ** (by.ear_kept / 20) - side, min=0.0)


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
        return 1.0 if self._most is None else float(sigmoid(self._most - self._by.ear_absent)[0])
