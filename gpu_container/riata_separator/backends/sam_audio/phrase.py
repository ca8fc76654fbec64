"""Prompt → the noun phrase that SAM-Audio is asked for, and whether the caller wants it or the rest.

The model was trained on lower-case noun and verb phrases ("man speaking", "thunder") and knows any sound, so nothing is mapped to
classes: the words that ask ("isolate the …, please") are taken away, the others stay as they are. It has no negation: "remove the
drums" asks it for the drums and takes what is left.
"""

from dataclasses import dataclass, field

from riata.errors import PromptNotUnderstood
from riata.understanding.scan import Kind, Mark, scan
from riata.understanding.tokens import tokenise

PARAM = "input.prompt"


@dataclass(frozen=True, slots=True)
class Phrase:
    """``text`` names a sound; ``removed`` says that the target is everything but that sound."""

    text: str
    removed: bool = False


_ASKING = frozenset({Kind.KEEP, Kind.SEPARATE})
_REMOVING = frozenset({Kind.DROP, Kind.NO})
_ASIDE = frozenset({Kind.FROM, Kind.SCENE, Kind.WHILE, Kind.WITH})
"""What follows these, up to the next pause or verb, is the recording or its setting."""

_ENDING = frozenset({Kind.PAUSE, Kind.PURPOSE})
_EMPTY = frozenset(
    {Kind.DETERMINER, Kind.PRONOUN, Kind.ONLY, Kind.NOT, Kind.TOO, Kind.ALL, Kind.NOTHING, Kind.STEMS, Kind.AFTER_KEEP, Kind.SPARE}
)
_POLITE = frozenset(
    """please pls plz thanks thank you u can could would should will i me my we us to be is are was were do does did hi hello hey
    ok now just able try trying help needed like what which there here it its that this""".split()
)
_ADJECTIVES = frozenset({"clear", "clean", "lower", "like"})
"""Verbs only before an article: "clear the speech", but "clear speech"."""

_RECORDING = frozenset({"song", "music", "track", "recording", "audio", "mix", "everything"})
"""No sound to ask for where another one is to be removed: "the song without vocals"."""

_GENERIC = frozenset({"sound", "sounds", "noise", "noises", "track", "audio", "part"})
"""Before "of" they say nothing: "the sound of rain" is rain."""


@dataclass
class _Reader:
    sign: int = 1
    aside: bool = False
    words: list[str] = field(default_factory=list)
    found: list[tuple[int, str]] = field(default_factory=list)

    def read(self, marks: list[Mark]) -> None:
        for index, mark in enumerate(marks):
            self._step(mark, marks[index + 1 :])
        self._flush()

    def _step(self, mark: Mark, following: list[Mark]) -> None:
        kind = mark.kind
        if mark.text in _ADJECTIVES and following and following[0].kind not in {Kind.DETERMINER, Kind.ALL}:
            kind = Kind.UNKNOWN
        opens = not self.words and any(_says_something(later) for later in following)
        if kind in _ASKING or kind in _REMOVING:
            if self.words and kind in _ASKING and not self._joined(following):
                self.words.append(mark.text)
                return
            if opens or self.words:
                self._begin(1 if kind in _ASKING else -1)
        elif kind is Kind.AFTER_DROP:
            self.sign = -1
            self._flush()
        elif kind in {Kind.EXCEPT, Kind.BUT}:
            self._begin(-self.sign)
        elif kind in _ENDING:
            self._flush()
            self.aside = kind is Kind.PURPOSE
        elif kind in _ASIDE:
            self._flush()
            self.aside = True
        elif kind is Kind.AND:
            if self.words:
                self.words.append("and")
        elif kind not in _EMPTY and not self.aside:
            self._say(mark)

    def _say(self, mark: Mark) -> None:
        if mark.kind is Kind.FILLER and mark.text == "of" and self.words and self.words[-1] in _GENERIC:
            self.words.pop()
        elif mark.text not in _POLITE:
            self.words += mark.text.split()

    def _joined(self, following: list[Mark]) -> bool:
        """Whether a verb after words begins a clause of its own, as after "and" or before "the"."""
        return self.words[-1] == "and" or bool(following and following[0].kind is Kind.DETERMINER)

    def _begin(self, sign: int) -> None:
        self._flush()
        self.sign, self.aside = sign, False

    def _flush(self) -> None:
        while self.words and self.words[-1] in {"and", "of"}:
            self.words.pop()
        if self.words:
            self.found.append((self.sign, " ".join(self.words)))
        self.words = []


def _says_something(mark: Mark) -> bool:
    return mark.kind not in _EMPTY and mark.kind is not Kind.PAUSE and mark.text not in _POLITE


def phrase_for(prompt: str) -> Phrase:
    """The phrase that ``prompt`` is about; what is wanted counts before what is to be removed.

    Raises:
        PromptNotUnderstood: it names no sound at all ("remove everything").
    """
    reader = _Reader()
    reader.read(scan(tokenise(prompt)))
    kept = list(dict.fromkeys(text for sign, text in reader.found if sign > 0))
    removed = list(dict.fromkeys(text for sign, text in reader.found if sign < 0))
    if kept and not (removed and _RECORDING.issuperset(kept)):
        return Phrase(" and ".join(kept))
    if removed:
        return Phrase(" and ".join(removed), removed=True)
    raise PromptNotUnderstood("The prompt names no sound. Say which one, e.g. “lead vocal” or “dog barking”.", param=PARAM)
