"""Find recordings in which something else sounds than the class that they are filed under, by what the ear hears in them.

python -m training.heard train|held|development

File names lie: a "plane" may be a plain of songbirds, and "waves" a piece of music. Every recording that teaches or measures is
heard here, and those are printed in which the ear (`riata models pull ear`) hardly hears their class, with what it hears most.
It is no judge: it calls a single note nothing at all. Look at what it names, and relabel or leave out what is wrong.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.base import load_ear
from training import development_set, recordings
from training.audio_files import Wave, decode
from training.workspace import root

WINDOWS, SECONDS = 8, 240.0
UNHEARD = 0.5
"""Presence below which a class is hardly heard."""
NAMED = [k for k, name in enumerate(CLASSES) if name != "other"]

Heard = tuple[float, str, float]
"""Presence of the class that a recording is filed under, and the class most heard in it with its presence."""


def windows(x: Wave) -> Wave:
    """Up to WINDOWS windows (B, LENGTH), spread over samples (n,); what is shorter than one is repeated."""
    if len(x) < LENGTH:
        return np.resize(x, (1, LENGTH))
    count = min(WINDOWS, -(-len(x) // LENGTH))
    starts = np.linspace(0, len(x) - LENGTH, count).astype(int)
    return np.stack([x[start : start + LENGTH] for start in starts])


def heard(presence: np.ndarray, label: str) -> Heard:
    """What the presences (B, C) of a recording's windows say of it, in the window that speaks for its class most."""
    own = CLASSES.index(label)
    best = presence[presence[:, own].argmax()]
    most = max(NAMED, key=lambda k: best[k])
    return float(best[own]), CLASSES[most], float(best[most])


def filed(split: str) -> Iterator[tuple[str, Path]]:
    """Class and file of every recording of a split that is filed under a class with a name."""
    if split != "development":
        yield from ((label, path) for label, path in recordings.listed(split) if label != "other")
        return
    for sound in development_set.RECORDINGS:
        for path in sorted((root() / "sources").glob(sound.files)):
            yield sound.label, path


def decoded(files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Path, Wave]]:
    """The same with samples, without what cannot be read."""
    for label, path in files:
        try:
            yield label, path, decode(path, SECONDS)
        except OSError as error:
            print(error, flush=True)


def main() -> None:
    """Print what is doubtful."""
    ear, missing = load_ear(CLASSES)
    if ear is None:
        raise SystemExit(" ".join(missing))
    for label, path, x in decoded(filed(sys.argv[1])):
        own, most, presence = heard(np.asarray(ear.presence(windows(x))), label)
        if own < UNHEARD:
            print(f"{label} {own:+.1f}, {most} {presence:+.1f}: {path.relative_to(root())}", flush=True)


if __name__ == "__main__":
    main()
