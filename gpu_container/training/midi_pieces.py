"""MIDI pieces: taken out of packages and WAD files, read into note lists, split between training and the benches."""

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path

import mido
from mido.midifiles.meta import KeySignatureError

from training.classes import CLASS_OF_PROGRAM
from training.composition import Note, Parts
from training.workspace import folder, root

HELD_PACKAGES = ("openttd-openmsx", "simutrans-data", "planetblupi-music-midi", "pianobooster")


def lumps(path: Path) -> Iterator[tuple[str, bytes]]:
    """Named lumps of a WAD file."""
    data = path.read_bytes()
    _, count, directory = struct.unpack("<4sii", data[:12])
    for k in range(count):
        start, size, name = struct.unpack("<ii8s", data[directory + 16 * k : directory + 16 * k + 16])
        yield name.rstrip(b"\0").decode("latin1"), data[start : start + size]


def _held(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 5 == 0


def collect() -> dict[str, list[Path]]:
    """Paths of the pieces of each split: "train" and "held"; copyleft pieces are held-out material only."""
    sources, target = root() / "sources", folder("midi")
    splits: dict[str, list[Path]] = {"train": [], "held": []}
    bodies: dict[str, bytes] = {}
    for wad in sorted(sources.glob("freedoom/**/*.wad")):
        for name, body in lumps(wad):
            if body[:4] == b"MThd":
                bodies[f"{wad.stem}_{name}"] = body
    for name, body in bodies.items():
        path = target / f"{name}.mid"
        path.write_bytes(body)
        splits["held" if _held(name) else "train"].append(path)
    for package in HELD_PACKAGES:
        splits["held"] += sorted((sources / package).rglob("*.mid"))
    return splits


def read(path: Path, seconds: float) -> Parts:
    """The first `seconds` after a piece's first note, as note lists per class.

    Raises OSError for a file that is no MIDI: malformed pieces are common in the wild.
    """
    try:
        messages = list(mido.MidiFile(path, clip=True))
    except (EOFError, ValueError, KeyError, IndexError, KeySignatureError) as error:
        raise OSError(f"{path}: not readable as MIDI: {error}") from error
    program, now = [0] * 16, 0.0
    parts: Parts = {}
    sounding: dict[tuple[int, int], list[tuple[float, int, str | None]]] = {}
    for message in messages:
        now += message.time
        if message.type == "program_change":
            program[message.channel] = message.program
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if message.type == "note_on" and message.velocity:
                name = "drums" if message.channel == 9 else CLASS_OF_PROGRAM.get(program[message.channel])
                sounding.setdefault(key, []).append((now, message.velocity, name))
            elif sounding.get(key):
                start, velocity, name = sounding[key].pop(0)
                if name:
                    note = Note(start, min(6.0, now - start), message.note, velocity)
                    parts.setdefault(name, []).append(note)
        if now > seconds + 20:
            break
    first = min((note.start for notes in parts.values() for note in notes), default=0.0)
    shifted = {name: [note._replace(start=note.start - first) for note in notes] for name, notes in parts.items()}
    return {name: [note for note in notes if note.start < seconds] for name, notes in shifted.items()}
