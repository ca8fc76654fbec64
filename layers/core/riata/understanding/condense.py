"""Marks that only belong to a neighbouring sound are dropped before the prompt is read."""

from riata.understanding.classes import MUSIC
from riata.understanding.lexicon import Sound
from riata.understanding.scan import Kind, Mark

LIGHT = frozenset({Kind.FILLER, Kind.DETERMINER, Kind.ONLY})
"""Kinds that stand between the words of one phrase."""


def condense(marks: list[Mark]) -> list[Mark]:
    """Drop marks that only belong to a neighbouring sound.

    Heads (``piano music``, ``dog noise``, ``narrator's voice``), modifiers (``phone recording``, ``coughing audience``) and
    owners (``a man talking``).
    """
    out: list[Mark] = []
    for i, mark in enumerate(marks):
        last = out[-1] if out else None
        following = next((m for m in marks[i + 1 :] if m.kind not in LIGHT), None)
        if last is not None and last.kind is Kind.SOUND and _is_head(last, mark):
            continue
        if mark.kind is Kind.PERSON:
            actor = following is not None and following.kind in {Kind.SOUND, Kind.UNSUPPORTED}
            if actor or (last is not None and last.kind is Kind.SOUND):
                continue
        if _is_modifier(marks, i, following):
            continue
        if last is not None and last.kind is Kind.UNSUPPORTED and mark.kind in {Kind.NOISE, Kind.MIXTURE}:
            continue
        if last is not None and last.kind is Kind.UNKNOWN and mark.kind is Kind.NOISE:
            out[-1] = last._replace(kind=Kind.UNSUPPORTED, text=f"{last.text} {mark.text}")
            continue
        if mark.text == "winds":
            mark = _winds(mark, marks)
        out.append(mark)
    return out


def _is_head(sound: Mark, mark: Mark) -> bool:
    if mark.kind in {Kind.NOISE, Kind.INSTRUMENTAL, Kind.SONG, Kind.MIXTURE}:
        return True
    if mark.kind is not Kind.SOUND or mark.sound is None or sound.sound is None:
        return False
    wider = sound.sound.classes < mark.sound.classes
    return wider and (mark.text.split()[0] in {"music", "voice", "sound", "noise", "orchestra", "voices", "sounds", "band"})


def _is_modifier(marks: list[Mark], i: int, following: Mark | None) -> bool:
    """``phone recording``, ``coughing audience``, ``acoustic drums``, ``noise of the crowd``."""
    mark = marks[i]
    adjacent = marks[i + 1] if i + 1 < len(marks) else None
    if adjacent is None or following is None:
        return False
    if mark.text in {"acoustic", "electric"}:
        return adjacent.kind in {Kind.SOUND, Kind.MIXTURE, Kind.SONG}
    if mark.text == "backing":
        return adjacent.kind is Kind.SOUND
    if mark.kind is Kind.NOISE:
        return adjacent.text == "of" and following.kind is Kind.SOUND
    recording = adjacent.kind is Kind.MIXTURE and not adjacent.text.startswith("sound")
    return mark.kind in {Kind.UNSUPPORTED, Kind.MIXTURE} and (adjacent.kind is Kind.SOUND or recording)


def _winds(mark: Mark, marks: list[Mark]) -> Mark:
    """The winds of an orchestra where other music is named, else the weather."""
    others = [m.sound.classes for m in marks if m.sound is not None and m is not mark]
    classes = frozenset({"brass", "woodwind"}) if any(c <= MUSIC for c in others) else frozenset({"weather_water"})
    return mark._replace(sound=Sound(classes))
