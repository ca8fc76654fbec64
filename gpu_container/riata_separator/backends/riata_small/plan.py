"""From a prompt to a plan in the network's classes: what to keep, what competes, which experts to ask."""

from dataclasses import dataclass

from riata.understanding import Understanding, understand

from .classes import Vocabulary

FRONT = frozenset({"vocals", "speech", "dog", "birds"})
"""What stands in front of the music: the voice expert hears all of it as voice."""

AMBIENT = frozenset({"crowd", "noise", "vehicle", "weather", "vehicles", "other"})
"""What the voice expert says nothing about, in the words of any network."""

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
        understanding: What the prompt was understood as.
    """

    wanted: frozenset[str]
    hinted: frozenset[str]
    competing: frozenset[str]
    experts: tuple[str, ...]
    understanding: Understanding


def plan_for(prompt: str, vocabulary: Vocabulary) -> Plan:
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
    experts = _experts(wanted, competing, hinted)
    return Plan(wanted, hinted, competing, experts, found)


def voice_sign(name: str) -> int:
    """How the voice expert bears on a class: 1 with its share, -1 with the share of the music, 0 not at all."""
    return 1 if name in FRONT else 0 if name in AMBIENT else -1


def speech_sign(name: str) -> int:
    """How the speech expert bears on a class. It keeps singing too, so it has no say on vocals."""
    return 1 if name == "speech" else 0 if name == "vocals" else -1


def _experts(wanted: frozenset[str], competing: frozenset[str], named: frozenset[str]) -> tuple[str, ...]:
    """Experts that judge the two sides differently. Speech among instruments is rare: it is asked for only where the prompt is
    not about instruments alone.
    """
    about_more = bool(named & (VOICES | AMBIENT | FRONT))
    asked = []
    for name, sign, useful in (("voice", voice_sign, True), ("speech", speech_sign, about_more)):
        if useful and wanted < competing and len({sign(c) for c in competing}) > 1:
            asked.append(name)
    return tuple(asked)
