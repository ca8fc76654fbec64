"""A small grammar over a lexicon: which classes a prompt wants, and which it names.

Words are read from left to right with a polarity: "keep", "isolate" switch it to wanted, "remove", "without" to unwanted, and
"from", "in", "over" after an item open a context that is named but not wanted.
"""

import re
from dataclasses import dataclass, field

from .classes import CLASSES, GROUPS, SYNONYMS

KEEP = frozenset(
    "keep isolate extract separate solo only get give hear want pull leave preserve split grab enhance boost focus just".split()
)
DROP = frozenset(
    "remove mute delete drop suppress eliminate reduce without no silence discard denoise strip kill cancel not hide lose ignore "
    "removing muting dropping suppressing eliminating reducing cutting".split()
)
DROP_PAIRS = frozenset({("take", "out"), ("filter", "out"), ("cut", "out"), ("rid", "of"), ("turn", "off"), ("tune", "out")})
EXCEPT = frozenset({"except", "excluding", "minus", "but"})
EXCEPT_PAIRS = frozenset({("other", "than"), ("apart", "from"), ("except", "for")})
CONTEXT = frozenset("from in over against behind amid within inside on during".split())
ALL = frozenset("everything all mix rest anything else".split())


@dataclass(frozen=True, slots=True)
class Wish:
    """What a prompt asks for: the classes of the target, and all classes it mentions."""

    wanted: frozenset[str]
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Item:
    members: frozenset[str]
    specific: bool


def _lexicon() -> dict[tuple[str, ...], _Item]:
    items = {tuple(p.split()): _Item(frozenset({name}), True) for name, phrases in SYNONYMS.items() for p in phrases}
    for phrase, members in GROUPS.items():
        items.setdefault(tuple(phrase.split()), _Item(members, False))
    for key in list(items):
        if not key[-1].endswith("s"):
            items.setdefault((*key[:-1], key[-1] + "s"), items[key])
    return items


_LEXICON = _lexicon()
_LONGEST = max(map(len, _LEXICON))


def words_of(prompt: str) -> list[str]:
    """The prompt's words: lower case, letters only, without possessives."""
    return re.findall(r"[a-z]+", prompt.lower().replace("'s", ""))


@dataclass(slots=True)
class _Reading:
    """What has been read so far. An item named by itself beats one that is only part of a group."""

    wanted: bool = True
    in_context: bool = False
    keeps_everything: bool = False
    drops_everything: bool = False
    last: str = ""
    named: set[str] = field(default_factory=set)
    specific: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})
    general: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})

    def turn(self, wanted: bool) -> None:
        self.wanted, self.in_context = wanted, False

    def add(self, item: _Item) -> None:
        if item.specific:
            self.named |= item.members
        if not self.in_context:
            (self.specific if item.specific else self.general)[self.wanted] |= item.members
        self.last = "item"

    def add_everything(self) -> None:
        self.keeps_everything |= self.wanted
        self.drops_everything = not self.wanted
        self.last = "all"

    def result(self) -> Wish | None:
        plus, minus = self.specific[True] | self.general[True], self.specific[False] | self.general[False]
        if not plus and not minus:
            return None
        if minus and (self.keeps_everything or not plus):
            plus = set(CLASSES)
        wanted = (plus - minus) | (self.specific[True] - self.specific[False])
        return Wish(frozenset(wanted), frozenset(self.named)) if wanted else None


def parse(prompt: str) -> Wish | None:
    """The wish in a prompt, or None when it names nothing of the lexicon, or wants nothing."""
    words, reading, at = words_of(prompt), _Reading(), 0
    while at < len(words):
        at += _read(reading, words, at)
    return reading.result()


def _read(reading: _Reading, words: list[str], at: int) -> int:
    """Read one phrase; how many words it had."""
    for count in range(min(_LONGEST, len(words) - at), 0, -1):
        item = _LEXICON.get(tuple(words[at : at + count]))
        if item is not None:
            reading.add(item)
            return count
    word, pair = words[at], tuple(words[at : at + 2])
    if pair in EXCEPT_PAIRS or (word in EXCEPT and (word != "but" or reading.last == "all")):
        reading.turn(reading.drops_everything)
        return 2 if pair in EXCEPT_PAIRS else 1
    if pair in DROP_PAIRS or word in DROP:
        reading.turn(False)
        return 2 if pair in DROP_PAIRS else 1
    if pair == ("out", "of"):
        reading.in_context = True
        return 2
    if word in KEEP:
        reading.turn(True)
    elif word in CONTEXT and reading.last == "item":
        reading.in_context = True
    elif word in ALL and not reading.in_context:
        reading.add_everything()
    return 1
