"""Generators of small media files for the engine's tests."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile

LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


def sound(seconds: float, rate: int, channels: int, *, peak: float = 0.5, seed: int = 0) -> np.ndarray:
    """A chord with a beat over quiet noise, (channels, samples) float64: something every codec can carry."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0, 0.02, (channels, len(t)))
    tones = sum(np.sin(2 * np.pi * f * t + f) for f in (220.0, 277.2, 329.6, 1318.5) if f < rate / 2.5)
    wave = tones * (0.3 + 0.2 * np.sign(np.sin(2 * np.pi * 2 * t))) * np.linspace(1, 0.6, channels)[:, None] + noise
    return wave / np.abs(wave).max() * peak


def write_wav(path: Path, samples: np.ndarray, rate: int, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples.T, rate, subtype=subtype, format="WAV")
    return path


def encode(
    path: Path,
    samples: np.ndarray,
    rate: int,
    codec: str,
    *,
    container: str | None = None,
    sample_format: str | None = None,
    options: dict[str, str] | None = None,
    picture: str | None = None,
    picture_times: list[int] | None = None,
    cover: bool = False,
) -> Path:
    """Encode with any of libav's codecs; beside it, ``picture`` (a video codec) at 10 Hz or at ``picture_times`` milliseconds.

    ``cover`` says that the picture is cover art.
    """
    channels = samples.shape[0]
    with av.open(str(path), "w", format=container) as out:
        video = _picture_stream(out, picture, cover) if picture else None
        audio = out.add_stream(codec, rate=rate, options=options or {})
        audio.layout = LAYOUTS[channels]
        if sample_format:
            audio.format = sample_format
        if video is not None:
            for k, milliseconds in enumerate(picture_times or range(0, round(1000 * samples.shape[1] / rate), 100)):
                frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), (k * 9) % 256, np.uint8), format="rgb24")
                frame.pts, frame.time_base = milliseconds, Fraction(1, 1000)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        packed = np.ascontiguousarray(samples.T, "f4").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=LAYOUTS[channels])
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=audio.codec_context.format, layout=audio.layout, rate=rate, frame_size=audio.codec_context.frame_size or 1024
        )
        position = 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            piece.pts, piece.time_base = position, Fraction(1, rate)
            position += piece.samples
            out.mux(audio.encode(piece))
        out.mux(audio.encode(None))
    return path


def _picture_stream(out: av.container.OutputContainer, codec: str, cover: bool) -> av.video.stream.VideoStream:
    video = out.add_stream(codec, rate=10)
    video.width, video.height, video.pix_fmt = 64, 48, "yuvj420p" if codec == "mjpeg" else "yuv420p"
    video.codec_context.time_base = Fraction(1, 1000)
    if cover:
        video.disposition = av.stream.Disposition.attached_pic
    return video


def read(path: Path) -> tuple[np.ndarray, int]:
    """Samples (channels, samples) float64 and the rate of a WAV."""
    samples, rate = soundfile.read(path, always_2d=True)
    return samples.T, rate


def si_sdr(estimate: np.ndarray, reference: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019)."""
    e, r = estimate.ravel(), reference.ravel()
    projected = (e @ r) / (r @ r) * r
    return float(10 * np.log10((projected @ projected) / ((e - projected) @ (e - projected) + 1e-20)))
