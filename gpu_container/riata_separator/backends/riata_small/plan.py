"""From a prompt to a plan in the network's classes: what to keep, what competes, which experts to ask."""

from dataclasses import dataclass
from enum import Enum

from riata.understanding import Understanding, understand

from .classes import Vocabulary
from .exponents import PLAIN, Exponents


class Role(Enum):
    """What a class is to the experts."""

    VOCALS = "vocals"
    SPEECH = "speech"
    ANIMALS = "animals"
    MUSIC = "music"
    AMBIENT = "ambient"


_ROLES = {
    Role.VOCALS: {"vocals"},
    Role.SPEECH: {"speech"},
    Role.ANIMALS: {"dog", "birds"},
    Role.AMBIENT: {"crowd", "noise", "weather", "vehicle", "vehicles", "other"},
}
"""Names in any network; all others are instruments."""

VOICES = frozenset({"vocals", "speech"})
_FEW = 4
"""Sides with more classes are groups (music, instruments): no hint that each of them is there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a prompt is served.

    Attributes:
        wanted: Classes whose shares make up the target.
        hinted: Classes that the network is told are probably there.
        competing: Classes among which the bins are divided; all, unless the prompt names both sides.
        experts: Names of the experts whose word changes the outcome.
        named: 1 where the prompt names what it wants, -1 where it names what it removes, 0 where it names both, or groups.
        exponents: How what the experts say is weighed.
        understanding: What the prompt was understood as; None where including spans show the target instead.
    """

    wanted: frozenset[str]
    hinted: frozenset[str]
    competing: frozenset[str]
    experts: tuple[str, ...]
    named: int
    exponents: Exponents
    understanding: Understanding | None


def plan_for(prompt: str, vocabulary: Vocabulary, exponents: Exponents = PLAIN) -> Plan:
    """Plan the separation that ``prompt`` asks for, in the classes of a network.

    Raises:
        PromptNotUnderstood, PromptAmbiguous: see :func:`riata.understanding.understand`.
    """
    found = understand(prompt)
    everything = frozenset(vocabulary.classes)
    kept, removed = vocabulary.of(found.wanted), vocabulary.of(found.removed)
    wanted = kept if found.rest == "removed" else everything - removed
    sides = (kept, removed, vocabulary.of(found.context))
    hinted = frozenset[str]().union(*(side for side in sides if len(side) <= _FEW))
    competing = kept | removed if kept and removed else everything
    one_side = len(kept | removed) <= _FEW and bool(kept) != bool(removed)
    named = (1 if kept else -1) if one_side else 0
    return Plan(wanted, hinted, competing, _experts(wanted, competing, hinted), named, exponents, found)


def plan_without_name(vocabulary: Vocabulary) -> Plan:
    """The plan for a target that is only known by where it sounds."""
    return Plan(frozenset(), frozenset(), frozenset(vocabulary.classes), (), 0, PLAIN, None)


def role_of(name: str) -> Role:
    """The role of a network's class."""
    return next((role for role, names in _ROLES.items() if name in names), Role.MUSIC)


_VOICE_SIDES = {Role.VOCALS: 1, Role.SPEECH: 1, Role.ANIMALS: 1, Role.AMBIENT: 0, Role.MUSIC: -1}
_SPEECH_SIDES = {Role.SPEECH: 1, Role.VOCALS: 0, Role.ANIMALS: -1, Role.AMBIENT: -1, Role.MUSIC: -1}
"""What an expert takes (1), leaves (-1) or says nothing of (0); the speech expert keeps singing too."""


def _experts(wanted: frozenset[str], competing: frozenset[str], named: frozenset[str]) -> tuple[str, ...]:
    """Experts that judge the two sides differently. Speech among instruments is rare: it is asked for only where the prompt is
    not about instruments alone.
    """
    roles = {role_of(name) for name in competing}
    about_more = {role_of(name) for name in named} - {Role.MUSIC}
    asked = []
    for name, sides, useful in (("voice", _VOICE_SIDES, True), ("speech", _SPEECH_SIDES, bool(about_more))):
        if useful and wanted < competing and len({sides[role] for role in roles}) > 1:
            asked.append(name)
    return tuple(asked)
