"""A reading → wanted and removed classes: which mention counts, and what contradicts."""

from collections.abc import Iterable
from dataclasses import dataclass

from riata.understanding.classes import AMBIENCE, INSTRUMENTS, MUSIC, VOICES
from riata.understanding.grammar import Mention, Reading, Role
from riata.understanding.scan import Kind


class Unclear(Exception):
    """The prompt names nothing we can act on. ``unsupported`` is the sound without a class, where there is one."""

    def __init__(self, reason: str, unsupported: str | None = None) -> None:
        super().__init__(reason)
        self.unsupported = unsupported


class Contradiction(Exception):
    """The prompt wants and removes what the separator cannot tell apart."""


@dataclass
class Sides:
    """What goes where: sets of classes, whether the rest is kept, and remarks for the caller."""

    wanted: set[str]
    removed: set[str]
    context: set[str]
    rest_kept: bool
    notes: list[str]


_LESS_ONE = {"backing", "minus", "playback"}
"""An instrumental by these names, set against an instrument, lacks only that one: it is the recording."""

_WEAK = {Kind.NOISE, Kind.INSTRUMENTAL, Kind.SONG, Kind.PERSON}


def resolve(reading: Reading) -> Sides:
    """Weigh the mentions of a reading.

    The narrower mention wins where two overlap (``keep the vocals, remove the music``); a mention after ``from`` is the
    other side unless it contains what is wanted, for then it is the recording (``the piano from the music``).

    Raises:
        Unclear: Nothing, or nothing we know, is asked for.
        Contradiction: The same sound is on both sides.
    """
    if reading.odd_verb is not None:
        raise Unclear(f"“{reading.odd_verb}” is no verb I know: say keep or remove")
    if reading.into_stems:
        raise Unclear("one request takes out one target: name the sound")
    if reading.complaint:
        raise Unclear("say whether to keep or to remove it")
    if reading.caption:
        raise Unclear("the prompt describes two sounds: say which one to keep")
    if reading.contradiction:
        raise Contradiction("the same sound is to be both kept and removed")
    if reading.one_of_several:
        raise Contradiction("this model cannot tell two of a kind apart")
    mentions = reading.mentions
    if reading.exceptions and reading.rest < 0:
        for mention in reading.exceptions:
            mention.polarity = 1
    _demote_introductions(mentions)
    _split_lists(mentions)
    sides = [m for m in mentions if m.role is Role.SIDE]
    context = {name for m in mentions if m.role is Role.SCENE for name in m.classes}
    plus, minus = _of(sides, 1), _of(sides, -1)
    plus, minus = _weak_mentions(plus, minus, [m for m in mentions if m.kind not in {Kind.NOISE, Kind.SONG}], mentions)
    minus, origin = _other_sides(plus, minus, mentions)
    context |= origin
    wanted, removed = _weigh(plus, minus)
    notes = [m.note for m in mentions if m.note and m.role is not Role.SCENE]
    wanted, removed = _any_voice(wanted, removed, plus + minus, notes)
    rest_kept = reading.rest > 0 or (not wanted and reading.rest >= 0)
    _refuse_unknown(plus, minus, rest_kept=rest_kept, notes=notes)
    if rest_kept:
        wanted = set()
    if not (removed if rest_kept else wanted):
        raise Unclear("the prompt names no sound I know")
    return Sides(wanted, removed, context - wanted - removed, rest_kept, notes)


def _of(mentions: Iterable[Mention], polarity: int) -> list[Mention]:
    return [m for m in mentions if m.polarity == polarity]


def _demote_introductions(mentions: list[Mention]) -> None:
    """``violin with orchestra, extract the violin``: what is named before a clause that asks is the scene."""
    asked = [m.clause for m in mentions if m.role is Role.SIDE and m.polarity > 0 and not m.implicit and m.classes]
    for mention in mentions:
        if mention.implicit and mention.role is Role.SIDE and any(clause > mention.clause for clause in asked):
            mention.role = Role.SCENE


def _split_lists(mentions: list[Mention]) -> None:
    """``split A and the music``, ``separate A and B, I need B``: the other part of the list is the other side."""
    listed = [m for m in mentions if m.separating and m.role is Role.SIDE and m.polarity > 0]
    if len(listed) < 2:
        return
    chosen = {
        name for m in mentions if not (m.separating or m.implicit) and m.polarity > 0 and m.role is Role.SIDE
        for name in m.classes
    }  # fmt: skip
    for mention in listed[0 if chosen else 1 :]:
        broad = mention.kind in _WEAK or mention.classes in (MUSIC, INSTRUMENTS, AMBIENCE)
        if (chosen and not mention.classes & chosen) or (not chosen and broad):
            mention.polarity = -1


def _weak_mentions(
    plus: list[Mention], minus: list[Mention], firm: list[Mention], everything: list[Mention]
) -> tuple[list[Mention], list[Mention]]:
    """Judge the mentions that mean something only beside another sound.

    A bare ``noise`` needs another sound; the ``song`` is everything unless something that is no music is set against it; an
    ``instrumental`` that stands alone is everything but the voices.
    """
    if any(m.kind is Kind.NOISE for m in everything) and not any(m.classes for m in firm):
        raise Unclear("“noise” may be anything: say which, e.g. wind, crowd, traffic, hiss or background noise")
    others = {name for m in everything if m.kind is not Kind.SONG for name in m.classes}
    opposed = bool(others) and not others & MUSIC
    plus = [m for m in plus if m.kind is not Kind.SONG or (opposed and not m.implicit)]
    minus = [m for m in minus if m.kind is not Kind.SONG or opposed]
    instrumental = [m for m in plus if m.kind is Kind.INSTRUMENTAL]
    if any(not m.classes <= VOICES for m in minus):
        plus = [m for m in plus if m not in instrumental or m.text.split()[0] not in _LESS_ONE]
    elif instrumental:
        rest = [m for m in plus if m.kind is not Kind.INSTRUMENTAL]
        if not rest and all(m.classes <= VOICES for m in minus):
            voices = Mention(VOICES, instrumental[0].text, -1, Role.SIDE, implicit=False, kind=Kind.SOUND)
            voices.note = f"{instrumental[0].text} → everything but the voices"
            instrumental[0].note = voices.note
            return [], [*minus, voices]
        if any(m.classes & VOICES for m in rest):
            raise Contradiction("an instrumental has no voice in it, but a voice is wanted")
    return plus, minus


def _other_sides(
    plus: list[Mention], minus: list[Mention], mentions: list[Mention]
) -> tuple[list[Mention], set[str]]:
    wanted = {name for m in plus for name in m.classes}
    origin: set[str] = set()
    minus = list(minus)
    for mention in mentions:
        if mention.role is not Role.FROM or not mention.classes:
            continue
        if any(m.classes == mention.classes and m.kind is mention.kind is Kind.SOUND for m in plus):
            raise Contradiction(f"“{mention.text}” is on both sides, and this model cannot tell two of a kind apart")
        if wanted & mention.classes or not wanted or (mention.kind is Kind.SONG and wanted <= MUSIC):
            origin |= mention.classes
        else:
            minus.append(mention)
    return minus, origin


def _weigh(plus: list[Mention], minus: list[Mention]) -> tuple[set[str], set[str]]:
    wanted, removed = set[str](), set[str]()
    for name in {name for m in plus + minus for name in m.classes}:
        negated = any(m.negated for m in minus if name in m.classes)
        for_it = [(len(m.classes), m.implicit and not negated) for m in plus if name in m.classes]
        against = [(len(m.classes), m.implicit) for m in minus if name in m.classes]
        if not against or (for_it and min(for_it) < min(against)):
            wanted.add(name)
        elif not for_it or min(against) < min(for_it):
            removed.add(name)
        else:
            raise Contradiction("the same sound is wanted and removed")
    return wanted, removed


def _any_voice(
    wanted: set[str], removed: set[str], mentions: list[Mention], notes: list[str]
) -> tuple[set[str], set[str]]:
    """One kind of voice alone means any voice: hardly anybody says whether somebody sings or speaks."""
    named = {name for m in mentions if len(m.classes) == 1 for name in m.classes & VOICES}
    placed = (wanted | removed) & VOICES
    if len(placed) == 1 and placed <= named:
        notes.append(f"{next(iter(placed))} → any voice")
        return (wanted | VOICES, removed) if placed <= wanted else (wanted, removed | VOICES)
    return wanted, removed


def _refuse_unknown(plus: list[Mention], minus: list[Mention], *, rest_kept: bool, notes: list[str]) -> None:
    for mention in plus:
        if not mention.classes:
            raise Unclear(f"I have no class for “{mention.text}”", mention.text)
    for mention in minus:
        if not mention.classes:
            if rest_kept:
                raise Unclear(f"I have no class for “{mention.text}”", mention.text)
            notes.append(f"{mention.text} → goes with the rest")
