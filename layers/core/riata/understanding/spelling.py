"""Correct typos towards the words that the grammar and the lexicon know."""

from functools import cache

from riata.understanding import words as grammar
from riata.understanding.lexicon import LEXICON, Sound

_SHORTEST = 4
_LONG = 7


def distance(a: str, b: str, most: int) -> int:
    """Optimal string alignment distance of two words, or ``most + 1`` where it is larger.

    Insertions, deletions, substitutions and swaps of neighbours each cost 1 (Damerau 1964, restricted form).
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before = before, row
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if older and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def near(typed: str, word: str) -> int:
    """How many slips make ``word`` into ``typed``, or 0 where that is no plausible slip.

    One slip in a word of five letters or more, a swap already in four; two in long words or where the letters are the
    same. The first letter is rarely mistyped: it must agree.
    """
    if len(typed) < _SHORTEST or len(word) < _SHORTEST or typed[0] != word[0]:
        return 0
    anagram = sorted(typed) == sorted(word)
    most = 2 if min(len(typed), len(word)) >= _LONG or anagram else 1
    slips = distance(typed, word, most)
    if slips > most or (min(len(typed), len(word)) < _SHORTEST + 1 and not anagram):
        return 0
    return slips


@cache
def typo_targets() -> tuple[str, ...]:
    """The words worth correcting to: those of the lexicon, and the verbs and negations of the grammar."""
    found = {word for phrase in LEXICON for word in phrase if len(word) >= _SHORTEST}
    verbs = grammar.KEEP | grammar.SEPARATE | grammar.DROP | {"without", "everything", "except", "only"}
    return tuple(sorted(found | {word for word in verbs if len(word) >= _SHORTEST}))


def corrections(typed: str) -> list[str]:
    """The likeliest words meant by ``typed``, all equally near; empty where nothing is near enough."""
    slips = {word: near(typed, word) for word in typo_targets()}
    fewest = min((n for n in slips.values() if n), default=0)
    return [word for word, n in slips.items() if n and n == fewest]


def nearest(typed: list[str]) -> tuple[str, ...]:
    """Names of sounds that look like the words of a refused prompt: at most three, and no two for one sound."""
    from difflib import get_close_matches

    names = {" ".join(phrase): sound for phrase, sound in LEXICON.items()}
    found = (match for word in typed for match in get_close_matches(word, list(names), n=8, cutoff=0.7))
    first: dict[Sound, str] = {}
    for name in found:
        first.setdefault(names[name], name)
    return tuple(first.values())[:3]
