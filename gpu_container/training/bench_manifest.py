"""The held-out bench: which moments of which held-out stems make which mixture. Drawn once, before training, and committed.

python -m training.bench_manifest        draws bench/manifest.jsonl out of the packed split "held"

The first line names the hashes of the packed stems; each further line is a case: target class, kind ("song": aligned stems of
one piece; "scene": unrelated ones) and the stems as [class, first sample, gain], gains multiplying equal loudness. No held-out
instrument, piece, voice or recording is ever heard in training (`sources.toml`).
"""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riata_separator.backends.riata_small.networks.base import CLASSES
from training.classes import AMBIENT, MUSIC
from training.packing import BLOCK
from training.scenes import Scenes
from training.scores import is_absent
from training.workspace import RATE, root

MANIFEST = Path(__file__).parent / "bench" / "manifest.jsonl"
SECONDS, PER_CLASS, RANGE_DB, SEED = 6.0, 100, 5.0, 20_261
TRIES = 60


class ManifestError(ValueError):
    """The manifest and the packed stems do not belong together."""


@dataclass(frozen=True)
class Case:
    """One mixture of the bench: stems are (class, first sample, gain), the target's first."""

    target: str
    kind: str
    stems: tuple[tuple[str, int, float], ...]


def fingerprint(split: str = "held") -> dict[str, str]:
    """SHA-256 of the packed stems and of their index."""
    cache = root() / "cache"
    return {
        name: hashlib.file_digest((cache / f"{split}.{name}").open("rb"), "sha256").hexdigest() for name in ("raw", "json")
    }


def stem(scenes: Scenes, first: int, gain: float) -> np.ndarray:
    """Samples (n,) of a stem of a case. Raises ManifestError where the stem is silent."""
    x = scenes.window(first, scenes.n, 0, 1.0, random.Random(0))
    if x is None:
        raise ManifestError(f"the stem at sample {first} is silent: rebuild the held-out split")
    return np.asarray(x * np.float32(gain))


class Drawer:
    """Draws cases from a packed split."""

    def __init__(self, split: str = "held") -> None:
        self.scenes = Scenes(split, SECONDS, augment=False)
        self.choose = random.Random(SEED)

    def _sounding(self, start: int, length: int) -> int | None:
        """First sample of a window where a stem sounds for at least half of the time."""
        if length < self.scenes.n:
            return None
        first = start + BLOCK * self.choose.randrange(max(1, (length - self.scenes.n) // BLOCK))
        window = self.scenes.active[first // BLOCK : first // BLOCK + self.scenes.n // BLOCK]
        return first if window.mean() >= 0.5 else None

    def _of_class(self, label: str) -> int | None:
        clips = [tuple(clip[:2]) for clip in self.scenes.clips.get(label, [])]
        stems = [tuple(stem) for stem in self.scenes.stems[label]]
        for _ in range(TRIES):
            pool = clips if clips and (not stems or self.choose.random() < 0.5) else stems
            if pool and (first := self._sounding(*self.choose.choice(pool))) is not None:
                return first
        return None

    def _song(self, label: str) -> dict[str, int]:
        """First samples of 2–4 stems of one song; with the class itself for music, as a background for effects."""
        songs = [song for song in self.scenes.songs if label in song or label not in MUSIC]
        for _ in range(TRIES if songs else 0):
            song = self.choose.choice(songs)
            length = next(iter(song.values()))[1]
            offset = BLOCK * self.choose.randrange(max(1, (length - self.scenes.n) // BLOCK))
            sounding = [
                name for name, (first, _) in song.items()
                if self.scenes.active[(first + offset) // BLOCK :][: self.scenes.n // BLOCK].mean() >= 0.5
            ]  # fmt: skip
            others = [name for name in sounding if name != label]
            if length < self.scenes.n or not others or (label in song and label not in sounding):
                continue
            chosen = self.choose.sample(others, min(len(others), self.choose.choice((1, 2, 3))))
            found = {label: song[label][0] + offset} if label in song else {}
            return found | {name: song[name][0] + offset for name in chosen}
        return {}

    def case(self, label: str, kind: str) -> Case | None:
        """One case of a class, or None when these draws did not give a scorable mixture."""
        found: dict[str, int | None] = dict(self._song(label)) if kind == "song" else {}
        if kind == "song" and not found:
            return None
        if kind == "scene":
            pool = [*MUSIC, "other", "speech"] if label in MUSIC else [*AMBIENT, "speech", "other", *self.choose.sample(MUSIC, 2)]
            others = self.choose.sample([name for name in pool if name != label], self.choose.choice((1, 2, 3)))
            found = {name: self._of_class(name) for name in others}
        if label not in found:
            found[label] = self._of_class(label)
        if any(first is None for first in found.values()) or len(found) < 2:
            return None
        order = [label, *(name for name in found if name != label)]
        gains = [round(10 ** (self.choose.uniform(-RANGE_DB, RANGE_DB) / 20), 4) for _ in order]
        case = Case(label, kind, tuple((name, int(found[name] or 0), gain) for name, gain in zip(order, gains, strict=True)))
        try:
            stems = [stem(self.scenes, first, gain) for _, first, gain in case.stems]
        except ManifestError:
            return None
        return None if is_absent(stems[0], np.sum(stems, 0)) else case

    def cases(self, per_class: int = PER_CLASS) -> Iterator[Case]:
        """`per_class` cases of every class, half of them songs. Raises ManifestError when a class has too little material."""
        for label in CLASSES:
            for kind in ("song", "scene"):
                wanted, tries = per_class // 2, 0
                while wanted:
                    tries += 1
                    if tries > 100 * per_class:
                        raise ManifestError(f"too little held-out material for {label} in a {kind}")
                    if (case := self.case(label, kind)) is not None:
                        wanted -= 1
                        yield case


@dataclass(frozen=True)
class Mixture:
    """A case as sound: samples (n,) of the mixture and of the target in it, what classes may sound, where the target is from."""

    target: str
    kind: str
    samples: np.ndarray
    reference: np.ndarray
    present: frozenset[str]
    source: str = ""


def mixtures(cases: list[Case], seconds: float, split: str = "held") -> Iterator[Mixture]:
    """The cases of a manifest as sound."""
    scenes = Scenes(split, seconds, augment=False)
    for case in cases:
        stems = [stem(scenes, first, gain) for _, first, gain in case.stems]
        present = frozenset(name for name, _, _ in case.stems)
        yield Mixture(case.target, case.kind, np.sum(stems, 0).astype(np.float32), stems[0], present)


def save(cases: list[Case], path: Path = MANIFEST) -> None:
    """Write the manifest."""
    head = {"seconds": SECONDS, "rate": RATE, "sha256": fingerprint()}
    lines = [json.dumps(head), *(json.dumps([case.target, case.kind, case.stems]) for case in cases)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(path: Path = MANIFEST) -> tuple[dict[str, Any], list[Case]]:
    """Head and cases of a manifest."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return json.loads(head), [Case(row[0], row[1], tuple((n, f, g) for n, f, g in row[2])) for row in rows]


def check(head: dict[str, Any]) -> None:
    """Raise ManifestError unless the packed stems on this machine are those the manifest was drawn from."""
    if fingerprint() != head["sha256"]:
        raise ManifestError(
            "the packed held-out stems differ from the manifest's (other versions of the sound-font renderer or the sources "
            "do that); scores would not compare. Use the same cache, or draw a new manifest with `make bench-manifest`."
        )


if __name__ == "__main__":
    drawn = list(Drawer().cases())
    save(drawn)
    print(f"{len(drawn)} cases in {MANIFEST}")
