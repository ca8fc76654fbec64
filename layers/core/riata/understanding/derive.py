"""Derive ``hypernyms.json`` from the WordNet 3.0 database: ``python -m riata.understanding.derive /usr/share/wordnet``.

Run when the lexicon changes; the result is committed. Three lists come out: unseen words whose dominant noun sense is a
kind of a sound we know (kazoo → wind instrument → woodwind), verbs that take something away and that the grammar does
not list, and real words that a spelling correction must leave alone. WordNet: Princeton University, see ``WORDNET.md``.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from riata.understanding import words as grammar
from riata.understanding.lexicon import INSTRUMENTAL, LEXICON, MIXTURES, PERSONS, UNSUPPORTED
from riata.understanding.spelling import near, typo_targets

ROOTS: dict[str, list[str]] = {
    "brass": ["brass#2"],
    "organ": ["organ#3", "organ#5", "organ#6", "accordion#1", "organ_pipe#1", "organ_stop#1", "reed_organ#1"],
    "woodwind": ["woodwind#1", "wind_instrument#1"],
    "strings": ["bowed_stringed_instrument#1"],
    "acoustic_guitar": ["guitar#1", "banjo#1", "mandolin#1", "lute#2"],
    "piano": ["piano#1", "clavier#2"],
    "drums": ["drum#1", "cymbal#1"],
    "synthesizer": ["electronic_instrument#1"],
    "vocals": ["singer#1", "singing#1"],
    "speech": ["speaker#1", "lecturer#1", "oration#1"],
    "dog": ["dog#1", "wolf#1"],
    "birds": ["bird#1"],
    "weather_water": ["precipitation#3", "wind#1", "storm#1"],
    "vehicles": ["motor_vehicle#1", "aircraft#1", "locomotive#1", "motorboat#1", "siren#3"],
}
"""Noun senses whose hyponyms are answered with a class."""

EXCLUDED = ["bell#1", "chime#1", "steel_drum#1", "xylophone#1", "marimba#1", "vibraphone#1", "balloon#1", "glider#1"]
TAKING_AWAY = ["remove#1", "destroy#1", "eliminate#1", "kill#1", "delete#1", "suppress#1", "discard#1", "reduce#1"]


class Database:
    """One part of speech of WordNet: senses of a lemma, and the synsets below a synset."""

    def __init__(self, folder: Path, part: str) -> None:
        self.synsets: dict[str, list[str]] = {}
        self.below: dict[str, list[str]] = defaultdict(list)
        self.senses: dict[str, list[str]] = {}
        self.capitalised: set[str] = set()
        for line in _lines(folder / f"data.{part}"):
            fields = line.partition("|")[0].split()
            count = int(fields[3], 16)
            self.capitalised.update(word.lower() for word in fields[4 : 4 + 2 * count : 2] if word != word.lower())
            self.synsets[fields[0]] = [fields[4 + 2 * i].lower().partition("(")[0] for i in range(count)]
            start = 4 + 2 * count
            for i in range(int(fields[start])):
                symbol, target = fields[start + 1 + 4 * i], fields[start + 2 + 4 * i]
                if symbol == "@":
                    self.below[target].append(fields[0])
        for line in _lines(folder / f"index.{part}"):
            fields = line.split()
            self.senses[fields[0]] = fields[-int(fields[2]) :]

    def under(self, sense: str) -> set[str]:
        """The synset of ``lemma#number`` and all below it."""
        lemma, _, number = sense.partition("#")
        found, waiting = set(), [self.senses[lemma][int(number) - 1]]
        while waiting:
            synset = waiting.pop()
            if synset not in found:
                found.add(synset)
                waiting.extend(self.below[synset])
        return found


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="latin-1").splitlines() if not line.startswith(" ")]


def _known_words() -> set[str]:
    listed = {word for phrase in (*LEXICON, *UNSUPPORTED) for word in phrase}
    listed |= {word for phrase in INSTRUMENTAL for word in phrase.split()} | MIXTURES | PERSONS
    for value in vars(grammar).values():
        if isinstance(value, frozenset):
            listed |= {word for entry in value for word in ((entry,) if isinstance(entry, str) else entry)}
    return listed


def derive(folder: Path) -> dict[str, object]:
    """Read the database files of ``folder`` and return the table."""
    nouns, verbs = Database(folder, "noun"), Database(folder, "verb")
    adjectives = Database(folder, "adj")
    known = _known_words()
    excluded = set().union(*(nouns.under(root) for root in EXCLUDED))
    owner: dict[str, str] = {}
    for name, roots in ROOTS.items():
        for root in roots:
            for synset in nouns.under(root) - excluded:
                owner.setdefault(synset, name)
    hypernyms: dict[str, list[str]] = defaultdict(list)
    for lemma, senses in nouns.senses.items():
        name = owner.get(senses[0], "")
        phrase = tuple(lemma.replace("-", "_").split("_"))
        if name and phrase not in LEXICON and phrase not in UNSUPPORTED and len(phrase) <= 3:
            if len(phrase) == 1 and (lemma in known or lemma in verbs.senses or lemma in adjectives.senses):
                continue
            if len(phrase) > 1 and lemma in nouns.capitalised:
                continue
            hypernyms[name].append(" ".join(phrase))
    taking = set().union(*(verbs.under(root) for root in TAKING_AWAY))
    drops = sorted(
        lemma
        for lemma, senses in verbs.senses.items()
        if set(senses) & taking and "_" not in lemma and lemma not in known and lemma not in nouns.senses
    )
    targets = typo_targets()
    single = {
        lemma
        for base in (nouns, verbs, adjectives)
        for lemma in base.senses
        if lemma.isalpha() and len(lemma) >= 4 and lemma not in known
    }
    guards = sorted(lemma for lemma in single if any(near(lemma, target) for target in targets))
    heads = {(p,) for listed in hypernyms.values() for p in listed if " " not in p} | set(LEXICON)
    kept = {
        name: sorted(phrase for phrase in phrases if " " not in phrase or (phrase.split()[-1],) not in heads)
        for name, phrases in sorted(hypernyms.items())
    }
    return {
        "hypernyms": {name: ", ".join(phrases) for name, phrases in kept.items()},
        "taking_away": " ".join(drops),
        "real_words": " ".join(guards),
    }


if __name__ == "__main__":
    table = derive(Path(sys.argv[1]))
    out = Path(__file__).with_name("hypernyms.json")
    out.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
