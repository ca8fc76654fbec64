"""The speakers of each split: their speech as clips, their WORLD analyses as singers.

python -m training.voices SPLIT        writes $RIATA_TRAINING_DIR/clips/SPLIT/speech__*.wav and voices/SPLIT/*.npz
"""

import random
import sys
import zlib
from pathlib import Path

import numpy as np

from training import speech
from training.audio_files import Wave, decode, write
from training.rooms import impulse_response, in_room
from training.workspace import RATE, folder, root

ANALYSED_SECONDS = 45
LOW_VOICE_HZ = 155
CHANGES = {
    "low": ((1.85, 1.18), (1.5, 1.08), (1.2, 0.93), (0.85, 0.95)),
    "high": ((0.55, 0.85), (1.25, 1.12), (0.8, 0.95), (0.65, 0.9)),
}
"""(pitch, vocal tract) of the speakers made from a low or a high voice."""


def speakers(split: str, count: int, choose: random.Random) -> dict[str, Wave]:
    """Read speech of `count` people of the English corpus; the bench and the development set share nobody."""
    everybody = sorted((root() / "sources" / "speechocean" / "WAVE").glob("SPEAKER*"))
    mine = [path for path in everybody if (zlib.crc32(path.name.encode()) % 2 == 0) == (split == "held")]
    chosen = choose.sample(mine, min(count, len(mine)))
    spoken = {}
    for path in chosen:
        utterances = [decode(file) for file in sorted(path.glob("*.WAV"))]
        spoken[path.name.lower()] = speech.joined(utterances, 60, choose)
    return spoken


def recordings(split: str, choose: random.Random) -> dict[str, Wave]:
    """Speech of every original speaker of a split."""
    spoken = {}
    for package in speech.PROMPTS[split]:
        language = package.split("-")[3]
        spoken[language] = speech.joined(speech.prompts(package, 300), 500, choose)
    for voice in speech.FLITE_VOICES[split]:
        spoken[voice] = speech.joined(speech.synthesised(voice, 45, choose), 160, choose)
    return spoken | (speakers(split, 40, choose) if split == "held" else {})


def _save(path: Path, voice: speech.Voice) -> None:
    np.savez(
        path, f0=voice.f0.astype(np.float32), envelope=voice.envelope.astype(np.float32),
        aperiodicity=voice.aperiodicity.astype(np.float32),
    )  # fmt: skip


def singers(split: str) -> list[speech.Voice]:
    """The analysed voices of a split; empty before `build` has run."""
    loaded = []
    for path in sorted(folder("voices", split).glob("*.npz")):
        stored, voice = np.load(path), object.__new__(speech.Voice)
        voice.f0, voice.envelope, voice.aperiodicity = (
            np.ascontiguousarray(stored[name], np.float64) for name in ("f0", "envelope", "aperiodicity")
        )
        loaded.append(voice)
    return loaded


def build(split: str) -> None:
    """Write the speech clips and voice analyses of a split."""
    choose = random.Random(f"voices {split}")
    clips, analyses = folder("clips", split), folder("voices", split)
    for name, x in recordings(split, choose).items():
        if split != "train":
            write(clips / f"speech__{name}.wav", x)
            if not name.startswith("speaker"):
                _save(analyses / f"{name}.npz", speech.Voice(x[: ANALYSED_SECONDS * RATE]))
            continue
        half = len(x) // 2
        write(clips / f"speech__{name}_a.wav", x[:half])
        wide = speech.extend_band(x[half:], choose.uniform(0.3, 1.0))
        write(clips / f"speech__{name}_b.wav", in_room(wide, impulse_response(choose), choose.uniform(0.1, 0.6)))
        for part, start in enumerate((0, max(0, len(x) - ANALYSED_SECONDS * RATE))):
            voice = speech.Voice(x[start : start + ANALYSED_SECONDS * RATE])
            _save(analyses / f"{name}{part}.npz", voice)
            kind = "low" if voice.median_pitch < LOW_VOICE_HZ else "high"
            for k, (pitch, tract) in enumerate(CHANGES[kind][part::2]):
                y = speech.other_speaker(voice, pitch * choose.uniform(0.94, 1.06), tract)
                y = speech.extend_band(y, choose.uniform(0.2, 0.8))
                wet = choose.uniform(0.05, 0.6)
                write(clips / f"speech__{name}_as{part}{k}.wav", in_room(y, impulse_response(choose), wet))
        print(f"{split} {name} {len(x) / RATE:.0f} s", flush=True)


if __name__ == "__main__":
    build(sys.argv[1])
