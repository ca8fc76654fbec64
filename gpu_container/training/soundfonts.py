"""Render note lists with FluidSynth: all parts of a song in one run, one after another on a single time line.

A large sound font is then opened once per song, and a stuck note cannot leak into the next part.
"""

import random
import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np

from training.audio_files import Wave, decode
from training.classes import PROGRAMS
from training.composition import Parts
from training.workspace import RATE, root

TICKS_PER_SECOND, GAP = 960, 2.5
DRUM_KITS = (0, 0, 8, 16, 24, 25, 32, 40)
PATTERNS = {
    "train": (
        "fluid-soundfont-gm/**/*.sf2",
        "musescore-general-soundfont-lossless/**/*.sf2",
        "csound-soundfont/**/sf_GMbank.sf2",
    ),
    "held": ("timgm6mb-soundfont/**/*.sf2",),
}


def fonts(split: str) -> list[Path]:
    """Sound fonts of "train" or "held"."""
    return [path for pattern in PATTERNS[split] for path in sorted((root() / "sources").glob(pattern))]


def _time_line(parts: Parts, seconds: float, choose: random.Random) -> mido.MidiFile:
    """A MIDI file with part k at k · (seconds + GAP); every part ends its own notes."""
    events: list[tuple[float, int, mido.Message]] = []
    for k, name in enumerate(sorted(parts)):
        offset, channel = k * (seconds + GAP), 9 if name == "drums" else k if k < 9 else k + 1
        program = choose.choice(DRUM_KITS if name == "drums" else PROGRAMS[name])
        events.append((offset, 0, mido.Message("program_change", channel=channel, program=program)))
        for start, length, pitch, velocity in parts[name]:
            end = offset + min(start + length, seconds)
            events.append((offset + start, 2, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
            events.append((end, 1, mido.Message("note_off", channel=channel, note=pitch)))
        for control, when in ((64, seconds), (66, seconds), (123, seconds), (120, seconds + GAP - 0.2)):
            events.append((offset + when, 3, mido.Message("control_change", channel=channel, control=control, value=0)))
    track, last = mido.MidiTrack(), 0
    for when, _, message in sorted(events, key=lambda event: event[:2]):
        tick = int(when * TICKS_PER_SECOND)
        track.append(message.copy(time=tick - last))
        last = tick
    midi = mido.MidiFile(ticks_per_beat=TICKS_PER_SECOND // 2)
    midi.tracks.append(track)
    return midi


def render(parts: Parts, seconds: float, font: Path, choose: random.Random) -> dict[str, Wave]:
    """Stems (n,) by class name, n = (seconds + 0.5) · RATE. Empty when FluidSynth fails or hangs."""
    if not parts:
        return {}
    room = f"synth.reverb.room-size={choose.uniform(0.1, 0.8):.2f}"
    level = f"synth.reverb.level={choose.uniform(0.1, 0.6):.2f}"
    reverb = ["-R", "1", "-o", room, "-o", level] if choose.random() < 0.6 else ["-R", "0"]
    with tempfile.TemporaryDirectory() as scratch:
        score, audio = Path(scratch) / "score.mid", Path(scratch) / "audio.wav"
        _time_line(parts, seconds, choose).save(score)
        command = ["fluidsynth", "-ni", "-q", "-r", str(RATE), "-g", "0.5", "-C", "0", *reverb]
        command += ["-o", "synth.dynamic-sample-loading=1", "-T", "wav", "-O", "s16", "-F", str(audio)]
        try:
            subprocess.run([*command, str(font), str(score)], capture_output=True, timeout=60)
            x = decode(audio)
        except (subprocess.TimeoutExpired, OSError):
            return {}
    stems, n = {}, int((seconds + 0.5) * RATE)
    for k, name in enumerate(sorted(parts)):
        begin = int(k * (seconds + GAP) * RATE)
        stem = x[begin : begin + n]
        if len(stem) and np.abs(stem).max() > 1e-3:
            stems[name] = np.pad(stem, (0, n - len(stem)))
    return stems
