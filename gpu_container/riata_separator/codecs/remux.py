"""Giving a video its new sound: the picture is copied packet by packet. Runs only inside a media child process."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from riata.errors import MediaUnreadable

from .container import open_media, picture_of, sound_of
from .layouts import LAYOUTS

AAC_BIT_RATE = 192_000
_AAC_FRAME = 1024
_AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def remux(source: Path, sound: Path, destination: Path) -> str:
    """Write ``destination`` with the picture of ``source`` and the audio of ``sound``; the container it was written as.

    MP4 where it holds the picture's codec, else Matroska.

    Raises:
        MediaUnreadable: ``source`` has no picture that can be copied.
    """
    for container in ("mp4", "matroska"):
        try:
            _remux(source, sound, destination, container)
        except (av.FFmpegError, ValueError):
            destination.unlink(missing_ok=True)
        else:
            return container
    raise MediaUnreadable("The picture of the file cannot be copied.")


def _remux(source: Path, sound: Path, destination: Path, container: str) -> None:
    with (
        open_media(source) as video,
        av.open(f"file:{sound}") as audio,
        av.open(f"file:{destination}", "w", format=container) as out,
    ):
        picture = picture_of(video)
        if picture is None:
            raise MediaUnreadable("The file has no picture.")
        _, described = sound_of(video)
        pictures = out.add_stream_from_template(picture)
        heard = audio.streams.audio[0]
        sounds = out.add_stream("aac", rate=heard.rate if heard.rate in _AAC_RATES else _AAC_RATES[-1])
        sounds.bit_rate = AAC_BIT_RATE
        sounds.layout = LAYOUTS[heard.codec_context.channels]
        encoded = _encoded(audio, heard, sounds, Fraction(described.start).limit_denominator(90_000))
        waiting = next(encoded, None)
        for packet in video.demux(picture):
            if packet.dts is None:
                continue
            now = packet.dts * packet.time_base
            while waiting is not None and waiting.dts * waiting.time_base <= now:
                out.mux(waiting)
                waiting = next(encoded, None)
            packet.stream = pictures
            out.mux(packet)
        while waiting is not None:
            out.mux(waiting)
            waiting = next(encoded, None)


def _encoded(
    audio: av.container.InputContainer, heard: av.audio.stream.AudioStream, sounds: av.audio.stream.AudioStream, start: Fraction
) -> Iterator[av.Packet]:
    """The sound as AAC packets that begin ``start`` seconds into the video."""
    resampler = av.AudioResampler(format="fltp", layout=sounds.layout, rate=sounds.rate, frame_size=_AAC_FRAME)
    position = round(start * sounds.rate)

    def encode(frames: list[av.AudioFrame]) -> Iterator[av.Packet]:
        nonlocal position
        for frame in frames:
            frame.pts, frame.time_base = position, Fraction(1, sounds.rate)
            position += frame.samples
            yield from sounds.encode(frame)

    for frame in audio.decode(heard):
        frame.pts = None
        yield from encode(resampler.resample(frame))
    yield from encode(resampler.resample(None))
    yield from sounds.encode(None)
