"""The scenes of docs/examples: made of recordings whose licences allow to ship them, most of them kept out of training.

python -m training.example_scenes     writes mixture.flac and reference.flac of every scene, from `make data` and `make bench-data`
"""

import random
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from training.audio_files import Wave, decode
from training.composition import Note, Song
from training.note_player import DrumPlayer, Library, NotePlayer
from training.rooms import impulse_response, in_room
from training.singing import sing
from training.speech import Voice
from training.workspace import RATE, folder, root

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SECONDS, LEVEL, STEP = 6.0, 0.08, 0.5
SAID = "The last train to the mountain village leaves at a quarter past nine. Please keep your ticket, and mind the gap."

Stems = dict[str, Wave]


@dataclass(frozen=True)
class Scene:
    """A folder of docs/examples: the prompt, which stems it asks for, how the stems are made and at which levels in dB."""

    name: str
    prompt: str
    target: str
    stems: Callable[[], Stems]
    levels: dict[str, float]
    title: str


class Ensemble:
    """Players of one piece. Every instrument is one of the note library, named."""

    def __init__(self, seed: int) -> None:
        self.song, self._choose, self._seed = Song(seed, 24.0), random.Random(seed), seed
        self._room = impulse_response(random.Random(seed))

    def play(self, label: str, instrument: str, notes: list[Note], split: str = "held", wet: float = 0.25) -> Wave:
        """A part, in the room."""
        library = Library(split)
        library.instruments[label] = {instrument: library.instruments[label][instrument]}
        player = DrumPlayer(library, self._choose) if label == "drums" else NotePlayer(library, label, self._choose)
        return self._placed(player.play(notes, self.song.seconds), wet)

    def sing(self, notes: list[Note], voice: str = "rms", wet: float = 0.25) -> Wave:
        """A melody, sung by a held-out voice."""
        return self._placed(sing(notes, self.song.seconds, _singer(voice), self._choose), wet)

    def _placed(self, x: Wave, wet: float) -> Wave:
        return in_room(x, self._room, wet)


def _singer(name: str) -> Voice:
    stored, voice = np.load(folder("voices", "held") / f"{name}.npz"), object.__new__(Voice)
    voice.f0, voice.envelope, voice.aperiodicity = (
        np.ascontiguousarray(stored[part], np.float64) for part in ("f0", "envelope", "aperiodicity")
    )
    return voice


def _band() -> Stems:
    band = Ensemble(2042)
    song = band.song
    return {
        "vocals": band.sing(song.melody("vocals")),
        "piano": band.play("piano", "salamander", song.comp("piano")),
        "bass": band.play("bass", "fettuccine", song.bass()),
        "guitar": band.play("electric_guitar", "shiny_electric", song.comp("electric_guitar")),
        "drums": band.play("drums", "muld_close", song.drums(), "train", 0.1),
    }


def _trio() -> Stems:
    band = Ensemble(2044)
    song = band.song
    return {
        "piano": band.play("piano", "salamander", song.melody("piano") + song.comp("piano")),
        "bass": band.play("bass", "rubner_plucked", song.bass()),
        "strings": band.play("strings", "rubner_bowed", song.melody("strings")),
        "drums": band.play("drums", "muld_close", song.drums(), "train", 0.1),
    }


def _duo() -> Stems:
    band = Ensemble(2107)
    song = band.song
    return {
        "guitar": band.play("acoustic_guitar", "shiny_acoustic", song.comp("acoustic_guitar")),
        "singer": band.sing(song.melody("vocals")),
    }


def _bar() -> Stems:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "said.wav"
        subprocess.run(["flite", "-voice", "rms", "-t", SAID, "-o", str(path)], check=True)
        said = decode(path, SECONDS)
    crowd = decode(next((root() / "sources").glob("noixer/assets/*bar-crowd*.mp3")), 40.0)
    n = int(SECONDS * RATE)
    room = impulse_response(random.Random(5))
    return {"speaker": in_room(np.pad(said, (0, max(0, n - len(said)))), room, 0.2)[:n], "crowd": crowd[12 * RATE :][:n]}


SCENES = (
    Scene("lead-vocal", "isolate the lead vocal", "vocals", _band,
          {"vocals": 2, "piano": -3, "bass": -2, "guitar": -5, "drums": 0}, "a singer in front of a band"),
    Scene("piano", "separate the piano from the background music", "piano", _trio,
          {"piano": 2, "bass": -2, "strings": -4, "drums": -2}, "a piano with bass, strings and drums"),
    Scene("guitar-and-singer", "separate the guitar from the singer", "guitar", _duo,
          {"guitar": 0, "singer": 0}, "a guitar and a singer"),
    Scene("speaker-in-a-crowd", "remove crowd noise and keep the speaker", "speaker", _bar,
          {"speaker": 1, "crowd": 0}, "an announcement in a bar"),
)  # fmt: skip


def busiest(stems: Stems) -> Stems:
    """The stretch of ``SECONDS`` in which the least present stem sounds the most."""
    length, step = int(SECONDS * RATE), int(STEP * RATE)
    shortest = min(map(len, stems.values()))

    def sounding(start: int) -> float:
        parts = [(x[start : start + length], np.abs(x).max()) for x in stems.values()]
        return min(float((np.abs(part[::50]) > 0.05 * peak).mean()) for part, peak in parts)

    best = max(range(0, max(1, shortest - length), step), key=sounding)
    return {name: x[best : best + length] for name, x in stems.items()}


def mixed(scene: Scene) -> tuple[Wave, Wave]:
    """Mixture and reference (n,) of a scene, with a peak below full scale."""
    stems = {
        name: x * np.float32(LEVEL * 10 ** (scene.levels[name] / 20) / (np.sqrt(np.mean(x**2)) + 1e-9))
        for name, x in busiest(scene.stems()).items()
    }
    mixture = np.sum(list(stems.values()), 0)
    gain = np.float32(min(1.0, 0.9 / np.abs(mixture).max()))
    return mixture * gain, stems[scene.target] * gain


def main() -> None:
    """Write the scenes."""
    for scene in SCENES:
        into = EXAMPLES / scene.name
        into.mkdir(parents=True, exist_ok=True)
        for name, x in zip(("mixture", "reference"), mixed(scene), strict=True):
            sf.write(into / f"{name}.flac", x, RATE, subtype="PCM_16")
        (into / "prompt.txt").write_text(scene.prompt + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
