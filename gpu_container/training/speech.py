"""Speech for training and the benches: telephone prompts of open voices, synthesised sentences, and speakers made from them.

The prompts stop at 8 kHz: `extend_band` copies the 4–8 kHz band above it, or the network learns "no highs = speech".
"""

import random
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType

import numpy as np
import soxr
from scipy.signal import butter, sosfilt

from training.audio_files import Wave, decode
from training.workspace import RATE, root

WORLD_RATE, FRAME_MS = 24000, 5.0
FLITE_VOICES = {"train": ("slt", "awb", "kal16"), "held": ("rms",)}
PROMPTS = {
    "train": ("asterisk-core-sounds-it-g722", "asterisk-core-sounds-ru-g722"),
    "held": ("asterisk-core-sounds-en-g722", "asterisk-core-sounds-fr-g722", "asterisk-core-sounds-es-g722"),
}
NO_SPEECH = ("silence", "beep", "tt-", "ascending")
WHO = ("My brother", "The old captain", "Our teacher", "Nobody", "Every visitor", "She", "The young doctor", "A stranger",
       "Her neighbour", "The committee", "That child", "Professor Jones")  # fmt: skip
DID = ("opened", "remembered", "described", "carefully painted", "forgot about", "was asking for", "quietly repaired",
       "wrote a letter about", "could not find", "measured", "laughed at", "bought")  # fmt: skip
WHAT = ("the yellow boat", "seven apples", "a very long story", "the broken window", "his father's violin",
        "an unusual question", "the morning newspaper", "three small boxes", "the mountain road")  # fmt: skip
WHEN = ("before breakfast", "on Thursday evening", "while it was raining", "in the middle of June",
        "just outside the village", "because of the noise", "and then went home", "after the meeting")  # fmt: skip


def sentence(choose: random.Random) -> str:
    """A random English sentence."""
    form = choose.choice(("{0} {1} {2} {3}.", "{3}, {0} {1} {2}.", "Do you think {0} {1} {2} {3}?"))
    return form.format(choose.choice(WHO), choose.choice(DID), choose.choice(WHAT), choose.choice(WHEN))


def synthesised(voice: str, count: int, choose: random.Random) -> list[Wave]:
    """`count` sentences spoken by a Flite voice."""
    spoken = []
    with tempfile.TemporaryDirectory() as scratch:
        for k in range(count):
            path = Path(scratch) / f"{k}.wav"
            subprocess.run(["flite", "-voice", voice, "-t", sentence(choose), "-o", str(path)], check=True)
            spoken.append(decode(path))
    return spoken


def prompts(package: str, count: int) -> list[Wave]:
    """The `count` longest spoken prompts of a package."""
    files = [p for p in (root() / "sources" / package).rglob("*.g722") if not any(word in p.name for word in NO_SPEECH)]
    longest = sorted(files, key=lambda path: (path.stat().st_size, path.name))[-count:]
    return [decode(path, 30.0) for path in longest]


def joined(waves: list[Wave], seconds: float, choose: random.Random) -> Wave:
    """Utterances at equal peaks with short pauses between them, at most about `seconds` long."""
    pieces, n = [np.zeros(1, np.float32)], 0
    for x in choose.sample(waves, len(waves)):
        peak = float(np.abs(x).max()) if len(x) else 0.0
        if peak > 1e-3 and n < seconds * RATE:
            pieces += [x / peak * 0.6, np.zeros(int(RATE * choose.uniform(0.05, 0.4)), np.float32)]
            n += len(x)
    return np.concatenate(pieces).astype(np.float32)


def extend_band(x: Wave, gain: float) -> Wave:
    """Copy 4–8 kHz to 8–12 kHz by modulation (spectral band replication)."""
    highs = sosfilt(butter(4, [4000, 7600], "band", fs=RATE, output="sos"), x)
    carrier = np.cos(2 * np.pi * 4000 * np.arange(len(x)) / RATE)
    shifted = sosfilt(butter(4, 8000, "high", fs=RATE, output="sos"), highs * carrier)
    return (x + gain * shifted).astype(np.float32)


def _world() -> ModuleType:
    """The WORLD vocoder, which is compiled on installation and therefore only asked for where it is used."""
    try:
        import pyworld
    except ImportError as error:
        raise ImportError("making speakers and singers needs the vocoder: pip install 'riata[training]'") from error
    vocoder: ModuleType = pyworld
    return vocoder


class Voice:
    """WORLD analysis of a speaker (Morise et al., 2016): pitch track, spectral envelope, aperiodicity, 5 ms frames."""

    def __init__(self, x: Wave) -> None:
        y = soxr.resample(x.astype(np.float64), RATE, WORLD_RATE)
        world = _world()
        f0, time = world.dio(y, WORLD_RATE, f0_floor=60, f0_ceil=500, frame_period=FRAME_MS)
        self.f0 = world.stonemask(y, f0, time, WORLD_RATE)
        self.envelope = world.cheaptrick(y, self.f0, time, WORLD_RATE)
        self.aperiodicity = world.d4c(y, self.f0, time, WORLD_RATE)

    @property
    def median_pitch(self) -> float:
        """Median of the voiced frames, in Hz."""
        return float(np.median(self.f0[self.f0 > 0]))


def longer_tract(envelope: np.ndarray, factor: float) -> np.ndarray:
    """Spectral envelope (frames, bins) of a vocal tract scaled by 1/factor."""
    where = np.clip(np.arange(envelope.shape[1]) / factor, 0, envelope.shape[1] - 1)
    low = where.astype(int)
    high, weight = np.minimum(low + 1, envelope.shape[1] - 1), where - low
    return np.ascontiguousarray(envelope[:, low] * (1 - weight) + envelope[:, high] * weight)


def resynthesised(f0: np.ndarray, envelope: np.ndarray, aperiodicity: np.ndarray) -> Wave:
    """WORLD frames as samples at `RATE`."""
    y = _world().synthesize(np.ascontiguousarray(f0), envelope, np.ascontiguousarray(aperiodicity), WORLD_RATE, FRAME_MS)
    return soxr.resample(y.astype(np.float32), WORLD_RATE, RATE)


def other_speaker(voice: Voice, pitch: float, tract: float) -> Wave:
    """The same words by somebody with another pitch and vocal-tract length."""
    return resynthesised(voice.f0 * pitch, longer_tract(voice.envelope, tract), voice.aperiodicity)
