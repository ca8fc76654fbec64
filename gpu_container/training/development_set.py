"""The real development set: mixtures of real recordings that measure and tune, and never teach.

Other people's voices over other people's music, bands with the stems they published, real animals, streets and crowds, all from
sources that are evaluation-only (or of packages that the bench does not use). Cases are drawn by fixed rules and seeds from
whole files, so they need no rendering and no manifest; a missing source leaves its cases out and is named.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from training.audio_files import Wave, decode
from training.bench_manifest import Mixture
from training.classes import MUSIC
from training.scores import is_absent
from training.workspace import RATE, root

SECONDS = 6.0
SILENT = 1e-3
"""No sample of a recording of nothing exceeds this: a set's excerpt may be all noise of its last bit."""
MIR = "mirdata/tests/resources/mir_datasets/"
POP = "stempeg/stempeg/data/*.mp4"
FILOSAX, MULDJORD = MIR + "filosax/", "fretsonfire-songs-muldjord/**/"
SCORE_FILES = ("megaglest-data/**/music_*.ogg", "megaglest-data/**/*_music.ogg", "widelands-data/**/ingame_*.ogg")
LINCITY, MEGAGLEST = "lincity-ng-data/**/", "megaglest-data/**/tilesets/"
WESNOTH = "wesnoth-1.16-data/**/core/sounds/"
INSTRUMENTS = frozenset(MUSIC) - {"vocals"}


@dataclass(frozen=True)
class Sound:
    """Files (a pattern) that hold one thing: its class, or "" and all classes that may sound in it."""

    label: str
    files: str
    mixed: frozenset[str] = frozenset()

    @property
    def may_sound(self) -> frozenset[str]:
        """Every class that may sound in it."""
        return self.mixed or frozenset({self.label})


VOICES = Sound("speech", "speechocean/WAVE/SPEAKER0[0-4]*/*.WAV")
SINGERS = (
    Sound("vocals", MIR + "vocadito/Audio/*.wav"),
    Sound("vocals", MIR + "compmusic_jingju_acappella/**/*.wav"),
    Sound("vocals", "thinkdsp/soln/87778*.wav"),
    Sound("vocals", MIR + "medleydb_pitch/audio/*_STEM_08.wav"),
)
PLAYERS = (
    Sound("woodwind", "thinkdsp/soln/100475*.wav"),
    Sound("woodwind", "thinkdsp/soln/120994*.wav"),
    Sound("brass", "thinkdsp/soln/170255*.wav"),
    Sound("strings", "thinkdsp/soln/92002*.wav"),
    Sound("woodwind", MIR + "medley_solos_db/audio/*validation-3*.wav"),
    Sound("electric_guitar", MIR + "idmt_smt_audio_effects/Gitarre*/**/*.wav"),
    Sound("woodwind", MIR + "tinysol/audio/Winds/Flute/**/*.wav"),
    Sound("drums", MIR + "brid/**/Acoustic Mixtures/**/*.wav"),
)
BACKING = (
    Sound("", FILOSAX + "Backing/*/Bass_Drums.wav", frozenset({"bass", "drums"})),
    Sound("", FILOSAX + "Backing/*/Piano_Drums.wav", frozenset({"piano", "drums"})),
)
SCORES = tuple(Sound("", pattern, INSTRUMENTS) for pattern in SCORE_FILES)
AMBIENCE = (
    Sound("crowd", LINCITY + "ResidentialHigh1.wav"),
    Sound("vehicles", LINCITY + "RailTrain[23].wav"),
    Sound("weather", MEGAGLEST + "autumn/sounds/rain.ogg"),
    Sound("weather", MEGAGLEST + "winter*/sounds/wind.ogg"),
    Sound("crowd", LINCITY + "School3.wav"),
    Sound("vehicles", LINCITY + "CoalMine3.wav"),
    Sound("weather", LINCITY + "Water5.wav"),
    Sound("weather", MEGAGLEST + "forest/sounds/rain.ogg"),
)
ANIMALS = (
    Sound("dog", WESNOTH + "wolf-growl-[124].ogg"),
    Sound("birds", MEGAGLEST + "**/hawk.ogg"),
    Sound("dog", MEGAGLEST + "birch_forest/sounds/wolf.wav"),
    Sound("birds", MEGAGLEST + "**/owl.ogg"),
    Sound("dog", LINCITY + "Shanty4.wav"),
    Sound("birds", MEGAGLEST + "**/rooster.ogg"),
    Sound("dog", LINCITY + "Shanty5.wav"),
    Sound("birds", WESNOTH + "ambient/birds[123].ogg"),
    Sound("birds", LINCITY + "FireWasteland1.wav"),
    Sound("birds", LINCITY + "ParklandLake[12].wav"),
    Sound("birds", WESNOTH + "ambient/night.ogg"),
)
RECORDINGS = (VOICES, *SINGERS, *PLAYERS, *AMBIENCE, *ANIMALS)
"""What is one class each."""
POP_TRACKS = {"drums": 1, "bass": 2, "vocals": 4}


@lru_cache(maxsize=64)
def _read(path: Path, track: int) -> Wave:
    return decode(path, 90.0, track)


def _window(sound: Sound, choose: random.Random) -> Wave | None:
    """Six seconds of a sound at an RMS of 0.1 where it sounds, short ones padded; None when there is none such, or it is silent."""
    files = sorted((root() / "sources").glob(sound.files))
    if not files:
        return None
    x, n = _read(choose.choice(files), 0), int(SECONDS * RATE)
    if len(x) <= n:
        lead = choose.randint(0, n - len(x))
        x = np.pad(x, (lead, n - len(x) - lead))
    else:
        starts = [choose.randrange(len(x) - n) for _ in range(6)]
        loudest = max(starts, key=lambda start: float((x[start : start + n] ** 2).sum()))
        x = x[loudest : loudest + n]
    peak = np.abs(x).max()
    if peak < SILENT:
        return None
    return (x / np.sqrt((x[np.abs(x) > 0.02 * peak] ** 2).mean()) * 0.1).astype(np.float32)


def _mixed(kind: str, sounds: list[Sound], seed: str) -> Mixture | None:
    choose = random.Random(seed)
    stems = [_window(sound, choose) for sound in sounds]
    if any(x is None for x in stems):
        return None
    gains = [1.0, *(10 ** (choose.uniform(-5, 5) / 20) for _ in stems[1:])]
    scaled = [np.float32(gain) * x for gain, x in zip(gains, stems, strict=True) if x is not None]
    return Mixture(
        sounds[0].label, kind, np.sum(scaled, 0).astype(np.float32), scaled[0],
        frozenset[str]().union(*(sound.may_sound for sound in sounds)), sounds[0].files,
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
            yield _stems("vocals" if label == "vocals" else "music", label, tracks[track - 1], rest, POP, INSTRUMENTS | {"vocals"})
    for guitar in sorted(sources.glob(MULDJORD + "guitar.ogg")):
        for start in (20, 45, 70):
            target, rest = (_read(path, 0)[start * RATE :] for path in (guitar, guitar.with_name("song.ogg")))
            yield _stems("music", "electric_guitar", target, rest, MULDJORD, INSTRUMENTS)
    for sax in sorted(sources.glob(FILOSAX + "Participant */*/Sax.wav")):
        for backing in BACKING:
            path = sources / FILOSAX / "Backing" / sax.parent.name / Path(backing.files).name
            if path.exists():
                yield _stems("music", "woodwind", _read(sax, 0), _read(path, 0), FILOSAX, backing.may_sound)


NOT_HERE = "No recording of the development set is here: run `make data`, and set RIATA_TRAINING_DIR to its folder."


def _others(sound: Sound, choices: tuple[Sound, ...], first: int) -> Iterator[Sound]:
    """Of ``choices``, beginning with number ``first``, those in which the class of ``sound`` does not sound."""
    turned = (choices[(first + k) % len(choices)] for k in range(len(choices)))
    return (other for other in turned if sound.label not in other.may_sound)


def _drawn() -> Iterator[tuple[str, list[Sound]]]:
    """The kind and the sounds, the target first, of every mixture that is not a band's."""
    for k in range(8):
        singer, ambience, score = SINGERS[k % len(SINGERS)], AMBIENCE[k % len(AMBIENCE)], SCORES[k % len(SCORES)]
        yield "speech", [VOICES, score]
        yield "speech", [VOICES, ambience]
        yield "vocals", [singer, BACKING[k % len(BACKING)]]
        yield "vocals", [singer, score]
        yield "effects", [ambience, score]
    for k, player in enumerate(PLAYERS):
        for accompaniment in (*islice(_others(player, BACKING, k), 1), *islice(_others(player, PLAYERS, k + 1), 1)):
            yield "music", [player, accompaniment]
    for k, animal in enumerate(ANIMALS):
        yield "effects", [animal, AMBIENCE[k % len(AMBIENCE)]]
        yield "effects", [animal, VOICES, AMBIENCE[(k + 1) % len(AMBIENCE)]]


def mixtures() -> Iterator[Mixture]:
    """Every mixture of the set; the kinds are speech, vocals, music and effects."""
    for number, (kind, sounds) in enumerate(_drawn()):
        mixture = _mixed(kind, sounds, f"development {number}")
        if mixture is None:
            print(f"left out, no such recording, or a silent one: {', '.join(sound.files for sound in sounds)}", flush=True)
        elif not is_absent(mixture.reference, mixture.samples):
            yield mixture
    for mixture in _bands(root() / "sources"):
        if not is_absent(mixture.reference, mixture.samples):
            yield mixture
