"""Tokens → marks: each phrase of a prompt with the part it can play."""

import json
from enum import Enum, auto
from functools import cache
from importlib import resources
from typing import NamedTuple

from riata.understanding import spelling, words
from riata.understanding.lexicon import INSTRUMENTAL, LEXICON, MIXTURES, NOISE, PERSONS, SONGS, UNSUPPORTED, Sound

_HYPONYM, _NARROWER, _SLIP = 0.85, 0.95, 0.85
"""Certainty of a word read through WordNet, as a part of its class, and with its spelling corrected."""

LONGEST = max(map(len, (*LEXICON, *UNSUPPORTED)))


class Kind(Enum):
    """The part a phrase plays."""

    SOUND = auto()
    NOISE = auto()
    INSTRUMENTAL = auto()
    SONG = auto()
    MIXTURE = auto()
    PERSON = auto()
    UNSUPPORTED = auto()
    UNKNOWN = auto()
    KEEP = auto()
    SEPARATE = auto()
    DROP = auto()
    AFTER_DROP = auto()
    AFTER_KEEP = auto()
    SPARE = auto()
    NOT = auto()
    NO = auto()
    EXCEPT = auto()
    BUT = auto()
    ALL = auto()
    NOTHING = auto()
    ONLY = auto()
    TOO = auto()
    ANOTHER = auto()
    AND = auto()
    WITH = auto()
    FROM = auto()
    SCENE = auto()
    WHILE = auto()
    PURPOSE = auto()
    STEMS = auto()
    PAUSE = auto()
    DETERMINER = auto()
    PRONOUN = auto()
    FILLER = auto()


class Mark(NamedTuple):
    """One phrase: its part, its words, and for a sound what it stands for.

    ``certainty`` is below 1 where the words had to be interpreted; ``note`` then says how.
    """

    kind: Kind
    text: str
    sound: Sound | None = None
    certainty: float = 1.0
    note: str | None = None


_WORDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    (Kind.PAUSE, words.BOUNDARY),
    (Kind.SPARE, words.SPARE),
    (Kind.SEPARATE, words.SEPARATE),
    (Kind.AFTER_DROP, words.AFTER_DROP - words.DROP),
    (Kind.AFTER_KEEP, words.AFTER_KEEP - words.KEEP),
    (Kind.KEEP, words.KEEP),
    (Kind.DROP, words.DROP),
    (Kind.NOT, words.NEGATION),
    (Kind.NO, words.NO),
    (Kind.EXCEPT, words.EXCEPT),
    (Kind.BUT, frozenset({"but", "yet", "although"})),
    (Kind.ALL, words.ALL),
    (Kind.NOTHING, words.NOTHING),
    (Kind.ONLY, words.ONLY),
    (Kind.TOO, words.TOO),
    (Kind.ANOTHER, words.ANOTHER),
    (Kind.AND, words.AND),
    (Kind.WITH, frozenset({"with"})),
    (Kind.FROM, words.FROM),
    (Kind.SCENE, words.SCENE),
    (Kind.WHILE, words.WHILE),
    (Kind.PURPOSE, words.PURPOSE),
    (Kind.NOISE, frozenset({NOISE, "noises"})),
    (Kind.SONG, SONGS),
    (Kind.STEMS, words.STEMS),
    (Kind.PERSON, PERSONS),
    (Kind.MIXTURE, MIXTURES),
    (Kind.PRONOUN, words.PRONOUNS),
    (Kind.DETERMINER, words.DETERMINERS),
    (Kind.FILLER, words.FILLERS),
)
_KIND_OF = {word: kind for kind, listed in reversed(_WORDS) for word in listed}
_INSTRUMENTAL = {tuple(phrase.split()) for phrase in INSTRUMENTAL}


class _Table(NamedTuple):
    hypernyms: dict[tuple[str, ...], str]
    taking_away: frozenset[str]
    real_words: frozenset[str]


@cache
def wordnet() -> _Table:
    """The table that ``derive`` made from WordNet; read when the first unknown word comes."""
    table = json.loads(resources.files(__package__).joinpath("hypernyms.json").read_text(encoding="utf-8"))
    kinds = {tuple(p.split()): name for name, listing in table["hypernyms"].items() for p in listing.split(", ")}
    return _Table(kinds, frozenset(table["taking_away"].split()), frozenset(table["real_words"].split()))


def scan(tokens: list[str]) -> list[Mark]:
    """Read tokens from left to right, the longest phrase first."""
    typed = _without_suffixes(tokens)
    corrected = [_corrected(token) for token in typed]
    slips = {right: f"{wrong} → {right}" for wrong, right in zip(typed, corrected, strict=True) if wrong != right}
    tokens = _with_particles(corrected)
    marks: list[Mark] = []
    i = 0
    while i < len(tokens):
        mark, length = _phrase_at(tokens, i) or (_word(tokens[i]), 1)
        for token in tokens[i : i + length]:
            if token in slips:
                note = f"{slips[token]}, {mark.note}" if mark.note else slips[token]
                mark = mark._replace(certainty=mark.certainty * _SLIP, note=note)
        marks.append(mark)
        i += length
    return marks


def _without_suffixes(tokens: list[str]) -> list[str]:
    """``drumless`` → ``no drum``."""
    out: list[str] = []
    for token in tokens:
        stem = token.removesuffix("less")
        if stem != token and (stem,) in LEXICON:
            out += ["no", stem]
        else:
            out.append(token)
    return out


def _with_particles(tokens: list[str]) -> list[str]:
    """``take the singing out`` → ``remove the singing``: a removing pair that its object splits."""
    out = list(tokens)
    for first, particle in words.DROP_PAIRS:
        for i, token in enumerate(tokens):
            if token != first or particle not in tokens[i + 1 : i + 8]:
                continue
            j = tokens.index(particle, i + 1)
            between = tokens[i + 1 : j]
            if any(word in words.BOUNDARY or _KIND_OF.get(word) in _VERBS for word in between):
                continue
            out[i], out[j] = "remove", ""
            if out[j + 1 : j + 2] == ["of"]:
                out[j + 1] = "" if particle == "rid" else "from"
    return [token for token in out if token]


_VERBS = {Kind.KEEP, Kind.DROP, Kind.SEPARATE}


def _phrase_at(tokens: list[str], i: int) -> tuple[Mark, int] | None:
    for length in range(min(LONGEST, len(tokens) - i), 0, -1):
        phrase = tuple(tokens[i : i + length])
        text = " ".join(phrase)
        if phrase in _INSTRUMENTAL:
            return Mark(Kind.INSTRUMENTAL, text), length
        if phrase in LEXICON:
            sound = LEXICON[phrase]
            note = f"{text} → {_names(sound)}" if sound.narrower else None
            return Mark(Kind.SOUND, text, sound, _NARROWER if sound.narrower else 1.0, note), length
        if phrase in UNSUPPORTED:
            return Mark(Kind.UNSUPPORTED, text), length
        if length == 2:
            if phrase in words.DROP_PAIRS:
                return Mark(Kind.DROP, text), length
            if phrase in words.EXCEPT_PAIRS:
                return Mark(Kind.EXCEPT, text), length
            if phrase == ("out", "of"):
                return Mark(Kind.FROM, text), length
        if length <= 3 and phrase[0] not in _KIND_OF and phrase in wordnet().hypernyms:
            return _hyponym(text, wordnet().hypernyms[phrase]), length
    return None


def _hyponym(text: str, name: str) -> Mark:
    sound = Sound(frozenset({name}), narrower=True)
    return Mark(Kind.SOUND, text, sound, _HYPONYM, f"{text} → {_names(sound)}")


def _word(token: str) -> Mark:
    if token in _KIND_OF:
        return Mark(_KIND_OF[token], token)
    if token[0].isdigit():
        return Mark(Kind.FILLER, token)
    for singular in (token.removesuffix("s"), token.removesuffix("es")):
        if singular != token and (singular,) in wordnet().hypernyms:
            return _hyponym(token, wordnet().hypernyms[singular,])
    return Mark(Kind.UNKNOWN, token)


@cache
def _vocabulary() -> frozenset[str]:
    phrases = (*LEXICON, *UNSUPPORTED, *_INSTRUMENTAL, *words.DROP_PAIRS, *words.EXCEPT_PAIRS)
    return frozenset(word for phrase in phrases for word in phrase) | frozenset(_KIND_OF)


def _corrected(token: str) -> str:
    """The word meant by a misspelt one; the token itself where it is right or may be several."""
    if token in _vocabulary() or not token.isalpha():
        return token
    singular = token.removesuffix("s")
    table = wordnet()
    if {token, singular} & table.real_words or any((word,) in table.hypernyms for word in (token, singular)):
        return token
    readings: dict[object, str] = {}
    for word in spelling.corrections(token):
        sound = LEXICON.get((word,))
        readings.setdefault(sound.classes if sound else _KIND_OF.get(word, word), word)
    return next(iter(readings.values())) if len(readings) == 1 else token


def _names(sound: Sound) -> str:
    from riata.understanding.classes import in_order, label

    return " and ".join(label(name) for name in in_order(sound.classes))
