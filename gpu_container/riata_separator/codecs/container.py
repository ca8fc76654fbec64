"""Opening hostile media with PyAV. Runs only inside a media child process."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.stream import Disposition

from riata.domain.media import ALLOWED_CONTAINERS, MAX_CHANNELS
from riata.errors import MediaUnreadable

from .format import DTYPES, Format

MIN_RATE, MAX_RATE = 2_000, 384_000
ADTS_DELAY = 1024
"""Samples by which raw AAC comes back late: it has no edit list that says so."""

_FORMAT_WHITELIST = ",".join(sorted(ALLOWED_CONTAINERS))


def open_media(path: Path) -> av.container.InputContainer:
    """Open a local file as one of the allowed containers.

    Playlists, image sequences and network protocols are refused by libav itself.

    Raises:
        MediaUnreadable: it is none of them.
    """
    options = {"format_whitelist": _FORMAT_WHITELIST, "protocol_whitelist": "file", "max_streams": "64"}
    try:
        return av.open(f"file:{path}", options=options, metadata_errors="ignore")
    except av.FFmpegError as error:
        raise MediaUnreadable(
            "The file is not audio or video in a supported format. Upload e.g. WAV, FLAC, MP3, M4A, Ogg, MP4 or WebM."
        ) from error


def picture_of(container: av.container.InputContainer) -> av.video.stream.VideoStream | None:
    """The video stream with moving pictures, if any; cover art is none."""
    for stream in container.streams.video:
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
            return stream
    return None


def sound_of(container: av.container.InputContainer) -> tuple[av.audio.stream.AudioStream, Format]:
    """The best audio stream and its description.

    Raises:
        MediaUnreadable: there is none, or its codec, rate or channel count is not supported.
    """
    stream = container.streams.best("audio")
    if stream is None:
        raise MediaUnreadable("The file has no audio stream. Upload a file with sound.")
    context = stream.codec_context
    if context is None:
        raise MediaUnreadable("The file's audio codec is not supported. Convert it to WAV, FLAC or MP3.")
    rate, channels = context.sample_rate, context.channels
    if not MIN_RATE <= rate <= MAX_RATE:
        raise MediaUnreadable(f"A sample rate of {rate} Hz is not supported. Resample to between {MIN_RATE} and {MAX_RATE} Hz.")
    if not 1 <= channels <= MAX_CHANNELS:
        raise MediaUnreadable(f"{channels} audio channels are not supported. Mix down to at most {MAX_CHANNELS}.")
    packed = context.format.packed.name if context.format is not None else "flt"
    start = float(stream.start_time * stream.time_base) if stream.start_time is not None and stream.time_base else 0.0
    known = None
    if stream.duration and stream.time_base and "mov" in container.format.name:
        known = round(stream.duration * stream.time_base * rate)
    return stream, Format(
        codec=context.codec.name,
        container=container.format.name,
        sample_rate=rate,
        channels=channels,
        sample_format=packed if packed in DTYPES else "flt",
        start=start,
        known=known,
        has_video=picture_of(container) is not None,
    )


class Damage:
    """Counts packets that could not be decoded."""

    def __init__(self) -> None:
        self.skipped = 0


def decoded(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream, sound: Format, damage: Damage
) -> Iterator[bytes]:
    """Interleaved samples of one constant format, rate and layout, whatever the stream changes on its way."""
    layout = stream.codec_context.layout.name
    resampler: av.AudioResampler | None = None
    described = None
    for frame in _frames(container, stream, damage):
        if frame.samples <= 0 or not 1 <= frame.layout.nb_channels <= MAX_CHANNELS:
            damage.skipped += 1
            continue
        is_described = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or is_described != described:
            if resampler is not None:
                yield from _bytes(resampler.resample(None), sound)
            resampler = av.AudioResampler(format=sound.sample_format, layout=layout, rate=sound.sample_rate)
            described = is_described
        frame.pts = None
        yield from _bytes(resampler.resample(frame), sound)
    if resampler is not None:
        yield from _bytes(resampler.resample(None), sound)


def _frames(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream, damage: Damage
) -> Iterator[av.AudioFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            damage.skipped += 1
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damage.skipped += 1
            continue
        yield from frames


def _bytes(frames: list[av.AudioFrame], sound: Format) -> Iterator[bytes]:
    for frame in frames:
        yield bytes(frame.planes[0])[: frame.samples * sound.frame_bytes]
