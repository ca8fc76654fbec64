"""Audio files in and out: mono float32 at 32 kHz inside, 16-bit WAV on disk."""

from pathlib import Path

import av
import numpy as np
import soundfile as sf
import soxr

from training.workspace import RATE

Wave = np.ndarray
"""Mono float32 samples at `RATE`, shape (n,)."""


def resample(x: Wave, rate: float) -> Wave:
    """Samples (n,) at `rate` Hz as samples at `RATE`."""
    return x.astype(np.float32) if rate == RATE else soxr.resample(x.astype(np.float32), rate, RATE)


def _decode_with_av(path: Path, container: str | None, track: int) -> tuple[Wave, int]:
    with av.open(str(path), format=container) as media:
        stream = media.streams.audio[track]
        convert = av.AudioResampler(format="fltp", layout="mono")
        frames = [f.to_ndarray()[0] for frame in media.decode(stream) for f in convert.resample(frame)]
        return (np.concatenate(frames) if frames else np.zeros(0, np.float32)), stream.rate


def decode(path: Path, seconds: float | None = None, track: int = 0) -> Wave:
    """Any audio file (one of its tracks) as mono at `RATE`, at most `seconds` of it. Raises OSError when unreadable."""
    try:
        if path.suffix.lower() in {".mp3", ".m4a", ".mp4", ".g722"}:
            x, rate = _decode_with_av(path, "g722" if path.suffix == ".g722" else None, track)
        else:
            with sf.SoundFile(path) as file:
                rate = file.samplerate
                frames = -1 if seconds is None else int(seconds * rate)
                x = file.read(frames, dtype="float32", always_2d=True).mean(1)
    except (sf.LibsndfileError, av.error.FFmpegError, ValueError, IndexError) as error:
        raise OSError(f"{path}: not readable as audio: {error}") from error
    x = resample(x, rate)
    return x if seconds is None else x[: int(seconds * RATE)]


def write(path: Path, x: Wave, peak: float = 0.7) -> bool:
    """Write samples with the given peak; returns False, writing nothing, when they are silent or not finite."""
    loud = float(np.abs(x).max()) if len(x) else 0.0
    if not np.isfinite(loud) or loud < 1e-4:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, (x / loud * peak).astype(np.float32), RATE, subtype="PCM_16")
    return True


def trim(x: Wave, floor: float = 1e-3) -> Wave:
    """Cut what lies below `floor` of the peak at both ends; empty when there is nothing."""
    loud = np.flatnonzero(np.abs(x) > floor * (np.abs(x).max() if len(x) else 0) + 1e-9)
    return x[loud[0] : loud[-1] + 1] if len(loud) else x[:0]
