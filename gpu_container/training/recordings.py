"""Recorded clips, file by file: which files of which source are which class, for training and for the benches.

python -m training.recordings SPLIT        writes $RIATA_TRAINING_DIR/clips/SPLIT/CLASS__rec_SOURCE_NAME.wav

Only files whose own licence entry is permissive are named for training. The sampled breakbeat loops of sonic-pi-samples
are left out, for whoever marked them CC0 did not record them. Where a set licenses each clip, its list decides.
The fifth fold of ESC-10 is held out: folds of that set share no recording. Of ESC-50 the forty other classes train, but for
what shares a recording with that fold. `clips.toml` lists further sets.
"""

import re
import struct
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.audio_files import Wave, decode, resample, trim, write
from training.clip_licences import ClipLicences
from training.midi_pieces import lumps
from training.workspace import RATE, folder, root

STK, SONIC, WIS = "supertuxkart-data/**/", "sonic-pi-samples/**/", "wis/mods/sounds/sounds/**/sounds_"
ESC, ESC_HELD, BLANKET = "esc10/{} - */[1-4]-*.ogg", "esc10/{} - */5-*.ogg", "blanket/data/resources/sounds/{}.ogg"
ESC50 = "esc50/environmental-sound-classification-50/versions/15/audio/audio/16000/*-{}.wav"
NOIXER, WIDELANDS, TUXPAINT = "noixer/assets/*{}*.mp3", "widelands-data/**/", "tuxpaint-stamps-default/**/"


def _esc50(*numbers: int) -> list[str]:
    """Clips of ESC-50's classes, which it numbers."""
    return [ESC50.format(number) for number in numbers]


TRAIN = {
    "birds": [
        *_esc50(6, 9, 14),
        STK + "exotic-birds*.ogg", SONIC + "misc_crow.flac", ESC.format("009"), BLANKET.format("birds"), NOIXER.format("forestday"),
        *(WIS + f"{name}.ogg" for name in (
            "bird_0*", "canary_*", "chicken_*", "crow_caw", "duck_quack_02", "duck_quack_03", "goose", "owl_hoot", "parrot_*",
            "peacock_*", "pigeon", "quail", "rooster", "seagull_*", "seagulls", "turkey_gobble", "penguin_*")),
    ],
    "weather": [
        *_esc50(15, 16, 17, 18, 19),
        STK + "rain.ogg", STK + "river_loop.ogg", STK + "waterfall_loop_2.ogg", STK + "thunder.ogg", STK + "static-radio.ogg",
        SONIC + "vinyl_hiss.flac", ESC.format("002"), ESC.format("003"), ESC.format("010"),
        *(NOIXER.format(name) for name in ("waterfall", "waves-of", "campfire")),
        *(BLANKET.format(name) for name in ("fireplace", "rain", "storm", "stream", "waves", "wind")),
        *(WIS + f"{name}.ogg" for name in ("rain_*", "wind", "thunder_*", "fire_crackle", "leaves_*", "fuse")),
    ],
    "vehicles": [
        *_esc50(42, 43, 44, 45, 47),
        STK + "car_accel.ogg", STK + "car_revup.ogg", STK + "machine_sound.ogg", STK + "sfx/horn.ogg", STK + "sfx/skid.ogg",
        ESC.format("007"), ESC.format("008"), NOIXER.format("train"),
        *(BLANKET.format(name) for name in ("city", "train", "boat")),
        *(WIS + f"{name}.ogg" for name in (
            "airplane_prop", "car_motor", "compressor_motor_*", "helicopter", "jet_*", "motorbike_idle", "train_whistle",
            "vehicle_*")),
    ],
    "dog": [
        ESC.format("001"),
        *(WIS + f"{name}.ogg" for name in ("dog_bark", "puppy_bark", "wolf_howl", "wolf_snarl", "coyote_howl")),
    ],
    "crowd": [
        *_esc50(22),
        STK + "lenautile_restaurant.ogg", STK + "goal_scored.ogg", BLANKET.format("coffee-shop"), NOIXER.format("bar-crowd"),
    ],
    "other": [
        *_esc50(2, 3, 4, 5, 7, 8, 13, *range(23, 38), 39, 46, 48, 49),
        ESC.format("004"), ESC.format("005"), ESC.format("006"),
        *(NOIXER.format(name) for name in ("cat-purr", "frogs", "bowl", "chime")), SONIC + "misc_burp.flac",
        SONIC + "vinyl_scratch.flac",
        *(WIS + f"{name}.ogg" for name in (
            "bear*", "bee", "bees", "camel*", "cat_*", "cow_*", "elephant*", "frog*", "goat*", "horse_*", "monkey_*", "pig_*",
            "sheep_*", "door_*", "clock_*", "glass_*", "bicycle_bell", "balloon_*")),
    ],
    "piano": [SONIC + "ambi_piano.flac"],
    "vocals": [
        SONIC + "ambi_choir.flac", *(NOIXER.format(name) for name in ("ethereal-voices", "call-to-prayer", "choirs")),
    ],
    "electric_guitar": [SONIC + "guit_*.flac", "fretsonfire-songs-sectoid/**/[FMW]*/guitar.ogg"],
    "bass": [SONIC + "bass_*_c.flac", SONIC + "bass_dnb_f.flac"],
    "drums": [SONIC + "loop_tabla.flac", SONIC + "loop_compus.flac", SONIC + "loop_industrial.flac"],
}  # fmt: skip
HELD = {
    "dog": [
        WIDELANDS + "wolf_0*.ogg", WIDELANDS + "coyote_0*.ogg", TUXPAINT + "*dog*.*", TUXPAINT + "*wolf*.*",
        TUXPAINT + "*puppy*.*", ESC_HELD.format("001"),
    ],
    "birds": [WIDELANDS + "bird*_0*.ogg", TUXPAINT + "animals/birds/**/*.*", ESC_HELD.format("009")],
    "crowd": [
        "frozen-bubble-data/**/applause.ogg", "lincity-ng-data/**/Market[FLM]*.wav", "lincity-ng-data/**/SportsCroud*.wav",
    ],
    "weather": [
        "supertux-data/**/rain.wav", "supertux-data/**/waterfall.wav",
        *(ESC_HELD.format(number) for number in ("002", "003", "010")),
    ],
    "vehicles": [
        TUXPAINT + "vehicles/**/*.*", "lincity-ng-data/**/Trafic*.wav",
        *(ESC_HELD.format(number) for number in ("007", "008")),
    ],
    "other": [
        TUXPAINT + "household/**/*.*", TUXPAINT + "animals/mammals/**/*.*",
        *(ESC_HELD.format(number) for number in ("004", "005", "006")),
    ],
    "electric_guitar": ["fretsonfire-songs-sectoid/**/Escape*/guitar.ogg"],
}  # fmt: skip
MORE = tomllib.loads(Path(__file__).with_name("clips.toml").read_text(encoding="utf-8"))
"""Source → class → files inside the source, for training."""
SHARED = (
    STK + "sfx/rain.ogg", WIS + "canary_02.ogg", WIS + "canary_03.ogg", "esc10/004 - */3-151080-A.ogg",
    ESC50.format("234879-A-6"), ESC50.format("209698-A-37"), "dogblocks/sounds/dogblocks_ft*.ogg",
)  # fmt: skip
"""Recordings that what is measured contains too, as `overlap` finds them: they do not train."""
MISNAMED = (TUXPAINT + "bathyscape.ogg",)
"""Recordings of something else than their names say, as `heard` finds them: a sonar."""
LISTS = {"train": TRAIN, "held": HELD}
# Creature voices of Freedoom: growls and snarls, the nearest thing to real dogs in quantity.
CREATURES = (
    "BGACT BGDTH1 BGDTH2 BGSIT1 BGSIT2 BSPACT BSPDTH BSPSIT CACSIT CACDTH BRSSIT DMACT DMPAIN KNTSIT KNTDTH SGTATK SGTDTH "
    "SGTSIT MANSIT MANATK PESIT PEPAIN SKESIT VILACT"
).split()
LONGEST_SECONDS = 240.0
REEL_SECONDS, PAUSE_SECONDS = 8.0, 0.3
SPOKEN = ("_desc", "_de.", "_en.", "_es.", "_fr.")
"""Parts of file names that mark somebody saying the name of the thing."""


def wad_sound(body: bytes) -> Wave:
    """Sound lump of a WAD: 16-bit format 3, 16-bit rate, 32-bit count, 8-bit samples with 16 of padding on both sides."""
    _, rate, count = struct.unpack("<HHI", body[:8])
    x = (np.frombuffer(body[24 : 8 + count - 16], np.uint8).astype(np.float32) - 128) / 128
    return resample(x - x.mean(), rate)


def listed(split: str) -> Iterator[tuple[str, Path]]:
    """(class, file) of every clip of a split."""
    sources = root() / "sources"
    licences = ClipLicences()
    lists = {label: list(patterns) for label, patterns in LISTS[split].items()}
    for source, classes in MORE.items() if split == "train" else ():
        for label, files in classes.items():
            lists.setdefault(label, []).extend(f"{source}/{file}" for file in files)
    unfit = (*SHARED, *MISNAMED) if split == "train" else MISNAMED
    left_out = {path for pattern in unfit for path in sources.glob(pattern)}
    for label, patterns in lists.items():
        for path in sorted({path for pattern in patterns for path in sources.glob(pattern)} - left_out):
            sound = path.suffix in {".ogg", ".wav", ".flac", ".mp3", ".m4a", ".opus"} and not path.is_symlink()
            if sound and licences.permits(path) and not any(word in path.name for word in SPOKEN):
                yield label, path


def reels(waves: list[Wave]) -> list[Wave]:
    """Short clips one after another with short pauses, in reels long enough for the benches' mixtures."""
    done: list[Wave] = []
    current: list[Wave] = []
    for x in waves:
        current += [x.astype(np.float32), np.zeros(int(PAUSE_SECONDS * RATE), np.float32)]
        if sum(map(len, current)) > 2 * REEL_SECONDS * RATE:
            done.append(np.concatenate(current))
            current = []
    if current:
        rest = np.concatenate(current)
        done.append(np.tile(rest, max(1, -(-int(REEL_SECONDS * RATE) // len(rest)))))
    return done


def build(split: str) -> dict[str, float]:
    """Write the clips of a split; returns seconds per class."""
    out, sources = folder("clips", split), root() / "sources"
    seconds: dict[str, float] = {}
    short: dict[str, list[Wave]] = {}
    for label, path in listed(split):
        try:
            x = trim(decode(path, LONGEST_SECONDS))
        except OSError:
            continue
        name = re.sub(r"[^A-Za-z0-9]+", "_", str(path.relative_to(sources).with_suffix("")))[-70:]
        if len(x) <= RATE // 8:
            continue
        if split != "train" and len(x) < REEL_SECONDS * RATE:
            short.setdefault(label, []).append(x / (np.abs(x).max() + 1e-9))
        elif write(out / f"{label}__rec_{name}.wav", x):
            seconds[label] = seconds.get(label, 0.0) + len(x) / RATE
    for label, waves in short.items():
        for k, reel in enumerate(reels(waves)):
            write(out / f"{label}__rec_reel{k}.wav", reel)
            seconds[label] = seconds.get(label, 0.0) + len(reel) / RATE
    if split == "train":
        wads = sorted(sources.glob("freedoom/**/*.wad"))
        bodies = {name: body for wad in wads for name, body in lumps(wad)}
        for name in (name for name in CREATURES if "DS" + name in bodies):
            write(out / f"dog__creature_{name}.wav", wad_sound(bodies["DS" + name]))
    return seconds


if __name__ == "__main__":
    for label, total in build(sys.argv[1]).items():
        print(f"{label:16s} {total:7.0f} s")
