"""Songs whose makers published every track apart: the tracks of a class are summed, and each song is cut into pieces.

python -m training.real_songs        writes $RIATA_TRAINING_DIR/songs/train/real_SONG_PIECE/CLASS.wav
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from training.audio_files import Wave, decode, write
from training.workspace import RATE, folder, root

TRACKS = {
    "vocals": ("*VOX*",),
    "bass": ("*BASS*",),
    "piano": ("*PIANO*",),
    "synthesizer": (
        "ARP*", "BEEP*", "*PAD*", "HIGH STABS", "KEYS", "MALLET", "MELODY*", "MINILOGUE*", "PLUCK", "SINE", "TEXTURE",
    ),
    "other": ("BUILD", "EDM BUILD", "FILL BUILD", "MICROCOSM*", "*SWEEP*", "RISE", "SLIDE", "TRANSISTION"),
    "drums": ("*",),
}  # fmt: skip
"""Class → names of tracks; the first class that knows a name has it."""

MIXED = ("PAD + BASS", "Master*")
"""Tracks of several classes."""

SMALL = "_mobile"
"""After the name of a track that is there again with fewer bits."""

SECONDS, LONGEST_SECONDS = 40.0, 400.0
QUIET = 1e-3


def tracks(song: Path) -> Iterator[tuple[str, Path]]:
    """(class, file) of the tracks of a song, each once."""
    for path in sorted(song.glob("*_Stem_*.m4a")):
        name = path.stem.split("_Stem_", 1)[1]
        if name.endswith(SMALL) and path.with_stem(path.stem.removesuffix(SMALL)).exists():
            continue
        name = name.removesuffix(SMALL)
        if not any(fnmatchcase(name, mixed) for mixed in MIXED):
            yield next(label for label, known in TRACKS.items() if any(fnmatchcase(name, one) for one in known)), path


def stems(song: Path) -> dict[str, Wave]:
    """Aligned stems (n,) by class."""
    found: dict[str, Wave] = {}
    for label, path in tracks(song):
        x = decode(path, LONGEST_SECONDS)
        n = max(len(x), len(found.get(label, ())))
        found[label] = sum((np.pad(y, (0, n - len(y))) for y in (x, found.get(label, x[:0]))), np.zeros(n, np.float32))
    return found


def build() -> int:
    """Write the pieces in which at least two classes sound; returns how many."""
    count, n = 0, int(SECONDS * RATE)
    for song in sorted(path for path in (root() / "sources" / "remixed" / "src").glob("*") if path.is_dir()):
        whole = stems(song)
        for k in range(max(map(len, whole.values()), default=0) // n):
            pieces = {label: x[k * n : (k + 1) * n] for label, x in whole.items()}
            sounding = {label: x for label, x in pieces.items() if len(x) == n and np.abs(x).max() > QUIET}
            if len(sounding) > 1:
                target = folder("songs", "train", f"real_{song.name.replace('.', '_')}_{k}")
                for label, x in sounding.items():
                    write(target / f"{label}.wav", x)
                count += 1
    return count


if __name__ == "__main__":
    print(f"{build()} pieces of real songs")
