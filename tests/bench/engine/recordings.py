"""Recordings of any length: the shipped example at 48 kHz stereo, over and over, each time a little differently loud."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from tests.local_stack import EXAMPLE

RATE = 48_000


def recording(path: Path, seconds: float, seed: int = 0) -> Path:
    """Write ``seconds`` of 16-bit WAV, unless ``path`` is there already."""
    if path.exists():
        return path
    samples, rate = soundfile.read(EXAMPLE / "mixture.flac", dtype="float32", always_2d=True)
    samples = np.repeat(soxr.resample(samples.mean(1), rate, RATE)[:, None], 2, 1)
    random, left = np.random.default_rng(seed), round(seconds * RATE)
    with soundfile.SoundFile(path, "w", samplerate=RATE, channels=2, subtype="PCM_16", format="WAV") as file:
        while left:
            piece = samples[:left] * random.uniform(0.5, 1, 2)
            file.write(piece)
            left -= len(piece)
    return path
