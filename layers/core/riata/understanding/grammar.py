"""Marks → mentions: who asks for what, read from left to right.

A prompt is read with a polarity that verbs and negations switch (``keep`` +, ``remove`` −, ``no`` −), and with modes: what
follows ``from`` is the other side or the recording, what follows ``over`` or ``in`` sets the scene, what follows ``so``
gives a reason. Modes end at the next pause or verb.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from riata.understanding.classes import AMBIENCE, INSTRUMENTS, MUSIC, VOICES
from riata.understanding.condense import LIGHT, condense
from riata.understanding.scan import Kind, Mark, wordnet
from riata.understanding.words import PARTICLES, TWO


class Role(Enum):
    """Where a mention stands."""

    SIDE = auto()
    FROM = auto()
    SCENE = auto()


@dataclass
class Mention:
    """One sound of the prompt. ``polarity`` is +1 wanted, −1 removed; ``classes`` is empty for a sound we don't know."""

    classes: frozenset[str]
    text: str
    polarity: int
    role: Role
    implicit: bool
    kind: Kind
    separating: bool = False
    negated: bool = False
    clause: int = 0
    certainty: float = 1.0
    note: str | None = None


@dataclass
class Reading:
    """What a prompt says, before it is weighed.

    ``rest`` is +1 or −1 where everything else is kept or removed in words; ``exceptions`` are mentions whose polarity is
    the opposite of a rest that comes later.
    """

    mentions: list[Mention] = field(default_factory=list)
    rest: int = 0
    exceptions: list[Mention] = field(default_factory=list)
    caption: bool = False
    contradiction: bool = False
    one_of_several: bool = False
    complaint: bool = False
    into_stems: bool = False
    odd_verb: str | None = None
    unknown: list[str] = field(default_factory=list)


_GROUPS = {Kind.NOISE: AMBIENCE, Kind.INSTRUMENTAL: INSTRUMENTS, Kind.SONG: MUSIC, Kind.PERSON: VOICES}
_ITEMS = {Kind.SOUND, Kind.UNSUPPORTED, *_GROUPS}
_VERBS = {Kind.KEEP, Kind.SEPARATE, Kind.DROP}


class _Reader:
    def __init__(self, marks: list[Mark]) -> None:
        self.marks = marks
        self.out = Reading()
        self.polarity = self.verb_polarity = 1
        self.implicit = True
        self.separating = False
        self.role = Role.SIDE
        self.purpose = False
        self.negated = False
        self.open_drop = False
        self.pending_except = False
        self.negated_item = False
        self.after_all = False
        self.caption_open = False
        self.segment = self.clause = 0
        self._modal = False

    def read(self) -> Reading:
        for i, mark in enumerate(self.marks):
            self._step(i, mark)
        self._close_drop()
        return self.out

    def _step(self, i: int, mark: Mark) -> None:
        kind = mark.kind
        if kind is Kind.PAUSE:
            self._pause(i, mark.text)
        elif self.purpose:
            return
        elif kind in _VERBS:
            self._verb(i, kind)
        elif kind is Kind.NOT:
            self._negation(i)
        elif kind is Kind.NO and self._next(i) is None:
            self._after(-1)
        elif kind is Kind.NO:
            self._side(-1)
            self.negated, self.open_drop = True, False
        elif kind is Kind.SPARE:
            self._side(1)
        elif kind is Kind.ONLY:
            self._only()
        elif kind is Kind.TOO:
            self.out.complaint = not any(m.kind in _VERBS | {Kind.NO} for m in self.marks)
        elif kind in {Kind.EXCEPT, Kind.BUT}:
            self._except(kind)
        elif kind is Kind.ALL:
            self._all(i)
        elif kind is Kind.NOTHING:
            self.out.rest, self.after_all, self.polarity = -1, True, -1
        elif kind in _ITEMS:
            self._item(i, mark)
        elif kind is Kind.WITH:
            self.segment = len(self.out.mentions)
        elif kind is Kind.STEMS:
            self.out.into_stems |= self.separating and any(m.text in {"into", "to", "in"} for m in self.marks[:i])
        elif kind in {Kind.FROM, Kind.SCENE, Kind.WHILE, Kind.PURPOSE}:
            self._preposition(kind, i)
        elif kind is Kind.AFTER_DROP:
            self._after(-1, particle=mark.text in PARTICLES)
        elif kind is Kind.AFTER_KEEP:
            self._after(1)
        elif kind is Kind.UNKNOWN:
            self._unknown(i, mark)

    def _next(self, i: int, *, skip: frozenset[Kind] | set[Kind] = frozenset(LIGHT)) -> Mark | None:
        return next((mark for mark in self.marks[i + 1 :] if mark.kind not in skip), None)

    def _previous(self, i: int, *, skip: frozenset[Kind] | set[Kind] = frozenset(LIGHT)) -> Mark | None:
        return next((mark for mark in reversed(self.marks[:i]) if mark.kind not in skip), None)

    def _side(self, polarity: int) -> None:
        self.polarity, self.implicit, self.role = polarity, False, Role.SIDE
        self.after_all = self.negated = False

    def _pause(self, i: int, text: str) -> None:
        if text in {",", "/"} and self.role is Role.FROM and (after := self._next(i)) and after.kind is Kind.SOUND:
            return
        self.purpose = False
        self.role = Role.SIDE
        self.clause += 1
        if self.negated_item:
            self.polarity, self.negated_item = self.verb_polarity, False
        if text == ":" and any(mark.kind in _VERBS for mark in self.marks[i:]):
            for mention in self.out.mentions:
                mention.role = Role.SCENE if mention.implicit else mention.role
        self.segment = len(self.out.mentions)

    def _verb(self, i: int, kind: Kind) -> None:
        before = self._previous(i)
        polarity = -1 if kind is Kind.DROP else 1
        if kind is Kind.KEEP and self.open_drop and before is not None and before.kind is Kind.AND:
            self.out.contradiction = True
        if before is not None and before.kind is Kind.NOT:
            earlier = self.marks[: self.marks.index(before)]
            hearing = self.marks[i].text == "hear" and earlier and earlier[-1].text in {"can", "could"}
            polarity = polarity if hearing else -polarity
        elif before is not None and before.kind is Kind.NO:
            polarity = 1
        chained = before is not None and before.text == "to" and self._modal
        polarity *= self.verb_polarity if chained else 1
        self._modal = kind is Kind.KEEP
        self._side(polarity)
        self.verb_polarity = polarity
        self.negated_item = False
        self.separating = kind is Kind.SEPARATE
        self.open_drop = polarity < 0
        self.segment = len(self.out.mentions)

    def _negation(self, i: int) -> None:
        after = self._next(i)
        if after is not None and after.kind in _VERBS:
            return
        if self.after_all:
            self._side(-self.polarity)
            return
        self._side(-self.verb_polarity)
        self.negated = self.negated_item = True

    def _only(self) -> None:
        """``no singing, just music``: what is only wanted ends a negation that no verb made."""
        if self.polarity != self.verb_polarity and not self.after_all and self.out.mentions:
            self._side(self.verb_polarity)

    def _except(self, kind: Kind) -> None:
        if self.after_all:
            self._side(-self.polarity)
        elif kind is Kind.BUT:
            self.role = Role.SIDE
            if self.negated_item:
                self.polarity, self.negated_item = self.verb_polarity, False
        elif self.out.mentions or self.out.rest:
            self._side(-self.polarity)
        else:
            self._side(-1)
            self.pending_except = True
        self.negated = self.negated or (kind is Kind.EXCEPT and self.polarity < 0)
        self.segment = len(self.out.mentions)

    def _all(self, i: int) -> None:
        if self.role is not Role.SIDE:
            return
        after = self._next(i)
        text = self.marks[i].text
        if text in {"all", "whole", "remaining", "anything"} and after is not None and after.kind in _ITEMS - {Kind.SONG}:
            self.after_all = True
            return
        if text in {"all", "whole"} and after is not None and after.kind is Kind.UNKNOWN:
            return
        self.out.rest = self.polarity
        self.pending_except = False
        self.after_all = True
        self.open_drop = False

    def _item(self, i: int, mark: Mark) -> None:
        self._modal = False
        self._one_of_several(i, mark)
        sound = mark.sound
        classes = sound.classes if sound else _GROUPS.get(mark.kind, frozenset())
        role = self.role
        if role is Role.FROM and self.verb_polarity < 0:
            role = Role.SCENE
        if self.caption_open and mark.kind is Kind.SOUND:
            self.out.caption = True
        mention = Mention(
            classes, mark.text, self.polarity, role, self.implicit, mark.kind,
            self.separating, self.negated, self.clause, mark.certainty, mark.note,
        )  # fmt: skip
        self.out.mentions.append(mention)
        if self.pending_except:
            self.out.exceptions.append(mention)
        if role is Role.SIDE:
            self.open_drop = False
        self.after_all = self.after_all and len(classes) > len(VOICES)

    def _one_of_several(self, i: int, mark: Mark) -> None:
        before = self.marks[i - 1] if i else None
        if before is None or mark.sound is None or len(mark.sound.classes) > len(VOICES):
            return
        among = before.kind is Kind.ANOTHER or (self.separating and before.text in TWO)
        self.out.one_of_several |= among and self.role is Role.SIDE

    def _preposition(self, kind: Kind, i: int) -> None:
        if not self.out.mentions or (kind is Kind.SCENE and self.marks[i - 1].kind in _VERBS):
            return
        if kind is Kind.WHILE and self.implicit:
            self.caption_open = True
        elif kind is Kind.PURPOSE:
            self.purpose = True
        else:
            self.role = Role.FROM if kind is Kind.FROM else Role.SCENE

    def _after(self, polarity: int, *, particle: bool = False) -> None:
        """What is said after the sound. A bare ``out`` only removes where no verb kept: ``pull the vocals out``."""
        mentions = [m for m in self.out.mentions[self.segment :] if m.role is Role.SIDE]
        for mention in mentions:
            if mention.implicit or (polarity < 0 and not particle):
                mention.polarity, mention.implicit = polarity, False
        self.segment = len(self.out.mentions)
        if polarity < 0 and not mentions and not particle:
            self._side(-1)
            self.open_drop = True

    def _close_drop(self) -> None:
        """A ``remove`` without an object, or with ``it``, speaks of what was named before."""
        if self.open_drop:
            for mention in self.out.mentions:
                if mention.implicit and mention.role is Role.SIDE:
                    mention.polarity, mention.implicit = -1, False

    def _unknown(self, i: int, mark: Mark) -> None:
        self.out.unknown.append(mark.text)
        if self.role is not Role.SIDE:
            return
        verbs_before = any(m.kind in _VERBS | {Kind.NO, Kind.NOT, Kind.EXCEPT} for m in self.marks[:i])
        following = self.marks[i + 1].kind if i + 1 < len(self.marks) else None
        if not verbs_before and (following is Kind.DETERMINER or mark.text in wordnet().taking_away):
            self.out.odd_verb = mark.text
        if self._stands_alone(i):
            self._item(i, Mark(Kind.UNKNOWN, mark.text))

    def _stands_alone(self, i: int) -> bool:
        """Whether the noun phrase around an unknown word has no known head: ``the vocals and the zurna``."""
        phrase = {*LIGHT, Kind.UNKNOWN}
        after = self._next(i, skip=phrase)
        before = self._previous(i, skip=phrase)
        heads = {*_ITEMS, Kind.MIXTURE, Kind.STEMS}
        if after is not None and after.kind in heads | {Kind.AFTER_DROP, Kind.AFTER_KEEP}:
            return False
        return before is None or before.kind not in heads


def read(marks: list[Mark]) -> Reading:
    """Read the marks of one prompt."""
    return _Reader(condense(marks)).read()
