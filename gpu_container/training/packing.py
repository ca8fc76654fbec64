"""Pack the stems of a split into one memory-mapped array.

python -m training.packing SPLIT

Writes $RIATA_TRAINING_DIR/cache/SPLIT.raw (int16, mono, 32 kHz), SPLIT_active.npy (one flag per quarter second) and
SPLIT.json: {"songs": [{class: [start, length]}], "clips": {class: [[start, length, name]]}}. Stems of a song stay aligned;
long silences are cut out of clips. A pack replaces the last one only when it is whole.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from riata_separator.backends.riata_small.networks.base import CLASSES
from training.workspace import RATE, folder, root

BLOCK = RATE // 4
SILENCE = 250
"""Peak (of 32768) under which a quarter second counts as silent."""


def _read(path: Path) -> np.ndarray:
    x = sf.read(path, dtype="int16", always_2d=True)[0]
    mono = x[:, 0] if x.shape[1] == 1 else x.astype(np.int32).sum(1) // x.shape[1]
    return np.asarray(mono, np.int16)


def without_silence(x: np.ndarray) -> np.ndarray:
    """Samples (n,) without the quarter seconds that are silent and have silent neighbours."""
    n = len(x) // BLOCK
    if n < 5:
        return x
    blocks = x[: n * BLOCK].reshape(n, BLOCK)
    loud = np.abs(blocks.astype(np.int32)).max(1) > SILENCE
    keep = loud.copy()
    keep[1:] |= loud[:-1]
    keep[:-1] |= loud[1:]
    return np.asarray(blocks[keep].reshape(-1))


class Packer:
    """Writes as it goes, for fifty hours of stems do not fit twice into memory."""

    def __init__(self, path: Path) -> None:
        self.file, self.position = path.open("wb"), 0
        self.active: list[np.ndarray] = []

    def add(self, x: np.ndarray) -> list[int]:
        """Append samples padded to whole blocks; returns [start, length]."""
        n = len(x)
        padded = np.ascontiguousarray(np.pad(x, (0, -n % BLOCK)), np.int16)
        padded.tofile(self.file)
        self.active.append(np.abs(padded.reshape(-1, BLOCK).astype(np.int32)).max(1) > SILENCE)
        start, self.position = self.position, self.position + len(padded)
        return [start, n]


def pack(split: str) -> dict[str, float]:
    """Pack one split; returns the hours of stems per class."""
    cache = folder("cache")
    packer = Packer(cache / f"{split}.raw.part")
    songs: list[dict[str, list[int]]] = []
    clips: dict[str, list[list[Any]]] = {}
    hours = dict.fromkeys(CLASSES, 0.0)
    for song in sorted(path for path in folder("songs", split).iterdir() if path.is_dir()):
        stems = {path.stem: _read(path) for path in sorted(song.glob("*.wav")) if path.stem in CLASSES}
        n = max(map(len, stems.values()), default=0)
        if len(stems) > 1:
            songs.append({label: packer.add(np.pad(x, (0, n - len(x)))) for label, x in stems.items()})
            for label in stems:
                hours[label] += n / RATE / 3600
    for path in sorted(folder("clips", split).glob("*__*.wav")):
        label, name = path.stem.split("__", 1)
        x = without_silence(_read(path)) if label in CLASSES else np.zeros(0, np.int16)
        if len(x) > RATE // 8:
            clips.setdefault(label, []).append([*packer.add(x), name])
            hours[label] += len(x) / RATE / 3600
    packer.file.close()
    np.save(cache / f"{split}_active.npy.part.npy", np.concatenate(packer.active))
    (cache / f"{split}.json.part").write_text(json.dumps({"songs": songs, "clips": clips}), encoding="utf-8")
    os.replace(cache / f"{split}.raw.part", cache / f"{split}.raw")
    os.replace(cache / f"{split}_active.npy.part.npy", cache / f"{split}_active.npy")
    os.replace(cache / f"{split}.json.part", cache / f"{split}.json")
    return hours


if __name__ == "__main__":
    packed = pack(sys.argv[1])
    for label, total in packed.items():
        print(f"{label:16s} {total:6.2f} h")
    print(f"{'all':16s} {sum(packed.values()):6.2f} h in {root() / 'cache'}")
