"""The real development set: mixtures of real recordings that measure and tune, and never teach.

Other people's voices over other people's music, bands with the stems they published, real animals, streets and crowds, all from
sources that are evaluation-only (or of packages that the bench does not use). Cases are drawn by fixed rules and seeds from
whole files, so they need no rendering and no manifest; a missing source leaves its cases out and is named.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from training.audio_files import Wave, decode
from training.bench_manifest import Mixture
from training.scores import is_absent
from training.workspace import RATE, root

SECONDS = 6.0
MIR = "mirdata/tests/resources/mir_datasets/"
POP = "stempeg/stempeg/data/*.mp4"
FILOSAX, MULDJORD = MIR + "filosax/", "fretsonfire-songs-muldjord/**/"
MUSIC = ("megaglest-data/**/music_*.ogg", "megaglest-data/**/*_music.ogg", "widelands-data/**/ingame_*.ogg")


@dataclass(frozen=True)
class Sound:
    """Files (a pattern) that hold one thing: their class ("" for music of unknown classes) and their track."""

    label: str
    files: str
    track: int = 0


VOICES = Sound("speech", "speechocean/WAVE/SPEAKER0[0-4]*/*.WAV")
SINGERS = (
    Sound("vocals", MIR + "vocadito/Audio/*.wav"),
    Sound("vocals", MIR + "compmusic_jingju_acappella/**/*.wav"),
    Sound("vocals", "thinkdsp/soln/87778*.wav"),
)
PLAYERS = (
    Sound("woodwind", "thinkdsp/soln/100475*.wav"),
    Sound("woodwind", "thinkdsp/soln/120994*.wav"),
    Sound("brass", "thinkdsp/soln/170255*.wav"),
    Sound("strings", "thinkdsp/soln/92002*.wav"),
    Sound("acoustic_guitar", MIR + "guitarset/audio_mono-mic/*.wav"),
)
BACKING = tuple(Sound("", FILOSAX + f"Backing/*/{name}.wav") for name in ("Bass_Drums", "Piano_Drums"))
SCORES = tuple(Sound("", pattern) for pattern in MUSIC)
AMBIENCE = (
    Sound("crowd", "lincity-ng-data/**/School*.wav"),
    Sound("vehicles", "lincity-ng-data/**/RailTrain*.wav"),
    Sound("vehicles", "lincity-ng-data/**/ParklandPlane*.wav"),
    Sound("weather", "megaglest-data/**/rain.ogg"),
    Sound("weather", "megaglest-data/**/wind.ogg"),
    Sound("weather", "lincity-ng-data/**/Water*.wav"),
)
ANIMALS = (
    Sound("dog", "wesnoth-1.16-data/**/wolf-growl*.ogg"),
    Sound("dog", "megaglest-data/**/wolf.wav"),
    Sound("birds", "megaglest-data/**/hawk.ogg"),
    Sound("birds", "megaglest-data/**/owl.ogg"),
    Sound("birds", "megaglest-data/**/rooster.ogg"),
)
POP_TRACKS = {"drums": 1, "bass": 2, "vocals": 4}


@lru_cache(maxsize=64)
def _read(path: Path, track: int) -> Wave:
    return decode(path, 90.0, track)


def _window(sound: Sound, choose: random.Random) -> Wave | None:
    """Six seconds of a sound at an RMS of 0.1 where it sounds, short ones padded; None when there is no such file."""
    files = sorted((root() / "sources").glob(sound.files))
    if not files:
        return None
    x, n = _read(choose.choice(files), sound.track), int(SECONDS * RATE)
    if len(x) <= n:
        lead = choose.randint(0, n - len(x))
        x = np.pad(x, (lead, n - len(x) - lead))
    else:
        starts = [choose.randrange(len(x) - n) for _ in range(6)]
        loudest = max(starts, key=lambda start: float((x[start : start + n] ** 2).sum()))
        x = x[loudest : loudest + n]
    loud = np.abs(x) > 0.02 * np.abs(x).max()
    return (x / (np.sqrt((x[loud] ** 2).mean()) + 1e-9) * 0.1).astype(np.float32) if loud.any() else None


def _mixed(kind: str, sounds: list[Sound], seed: str) -> Mixture | None:
    choose = random.Random(seed)
    stems = [_window(sound, choose) for sound in sounds]
    if any(x is None for x in stems):
        return None
    gains = [1.0, *(10 ** (choose.uniform(-5, 5) / 20) for _ in stems[1:])]
    scaled = [np.float32(gain) * x for gain, x in zip(gains, stems, strict=True) if x is not None]
    return Mixture(
        sounds[0].label, kind, np.sum(scaled, 0).astype(np.float32), scaled[0], frozenset(sound.label for sound in sounds),
        sounds[0].files,
    )  # fmt: skip


def _stems(kind: str, label: str, target: Wave, rest: Wave, source: str, present: frozenset[str] = frozenset()) -> Mixture:
    """A mixture out of published stems, at their own balance."""
    n = min(len(target), len(rest), int(SECONDS * RATE))
    return Mixture(label, kind, (target[:n] + rest[:n]).astype(np.float32), target[:n], present | {label}, source)


def _bands(sources: Path) -> Iterator[Mixture]:
    """Bands with published stems: a pop song in four, metal songs and jazz in two."""
    for path in sorted(sources.glob(POP)):
        tracks = [_read(path, track)[RATE // 2 :] for track in range(1, 5)]
        for label, track in POP_TRACKS.items():
            rest = np.sum([x for k, x in enumerate(tracks, 1) if k != track], 0)
            yield _stems("vocals" if label == "vocals" else "music", label, tracks[track - 1], rest, POP, frozenset(POP_TRACKS))
    for guitar in sorted(sources.glob(MULDJORD + "guitar.ogg")):
        for start in (20, 45, 70):
            target, rest = (_read(path, 0)[start * RATE :] for path in (guitar, guitar.with_name("song.ogg")))
            yield _stems("music", "electric_guitar", target, rest, MULDJORD)
    for sax in sorted(sources.glob(FILOSAX + "Participant */*/Sax.wav")):
        for name in ("Bass_Drums", "Piano_Drums"):
            backing = sources / FILOSAX / "Backing" / sax.parent.name / f"{name}.wav"
            if backing.exists():
                yield _stems("music", "woodwind", _read(sax, 0), _read(backing, 0), FILOSAX)


NOT_HERE = "No recording of the development set is here: run `make data`, and set RIATA_TRAINING_DIR to its folder."


def mixtures() -> Iterator[Mixture]:
    """Every mixture of the set; the kinds are speech, vocals, music and effects."""
    drawn: list[tuple[str, list[Sound]]] = []
    for k in range(8):
        drawn.append(("speech", [VOICES, SCORES[k % len(SCORES)]]))
        drawn.append(("speech", [VOICES, AMBIENCE[k % len(AMBIENCE)]]))
        drawn.append(("vocals", [SINGERS[k % len(SINGERS)], BACKING[k % len(BACKING)]]))
        drawn.append(("vocals", [SINGERS[k % len(SINGERS)], SCORES[k % len(SCORES)]]))
        drawn.append(("effects", [AMBIENCE[k % len(AMBIENCE)], SCORES[k % len(SCORES)]]))
    for k in range(10):
        drawn.append(("music", [PLAYERS[k % len(PLAYERS)], BACKING[k % len(BACKING)]]))
        drawn.append(("effects", [ANIMALS[k % len(ANIMALS)], AMBIENCE[k % len(AMBIENCE)]]))
        drawn.append(("effects", [ANIMALS[k % len(ANIMALS)], VOICES, AMBIENCE[(k + 1) % len(AMBIENCE)]]))
    for number, (kind, sounds) in enumerate(drawn):
        mixture = _mixed(kind, sounds, f"development {number}")
        if mixture is None:
            print(f"left out, no such recording: {', '.join(sound.files for sound in sounds)}", flush=True)
        elif not is_absent(mixture.reference, mixture.samples):
            yield mixture
    for mixture in _bands(root() / "sources"):
        if not is_absent(mixture.reference, mixture.samples):
            yield mixture
