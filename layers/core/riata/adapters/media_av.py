"""`riata.ports.MediaProbe` with PyAV: opens the container, decodes one audio frame, reads no further."""

from typing import Any, BinaryIO

from riata.domain.media import ALLOWED_CONTAINERS, MAX_CHANNELS, MediaInfo
from riata.errors import MediaUnreadable

_OPEN_OPTIONS = {
    "format_whitelist": ",".join(sorted(ALLOWED_CONTAINERS)),
    "protocol_whitelist": "",
    "probesize": str(5 * 2**20),
    "analyzeduration": "5000000",
}
"""Refuses every demuxer and protocol that is not named, before one of them can act; looks at most 5 MiB and 5 s ahead."""


def probe(reader: BinaryIO) -> MediaInfo:
    """What the bytes are.

    Raises:
        MediaUnreadable: not audio or video that can be decoded.
    """
    import av  # 60 ms: only a probe pays for it

    try:
        with av.open(reader, mode="r", options=_OPEN_OPTIONS, metadata_errors="replace") as container:
            return _describe(container)
    except (av.FFmpegError, ValueError, UnicodeDecodeError) as error:
        raise MediaUnreadable("it is not audio or video that can be read.") from error


def _describe(container: Any) -> MediaInfo:
    stream = next((s for s in container.streams.audio if s.codec_context is not None), None)
    if stream is None:
        raise MediaUnreadable("it has no audio track that can be decoded.")
    first = next(container.decode(stream), None)
    if first is None or not first.sample_rate or not first.layout.nb_channels:
        raise MediaUnreadable("its audio track is empty.")
    if first.layout.nb_channels > MAX_CHANNELS:
        raise MediaUnreadable(f"it has {first.layout.nb_channels} channels; at most {MAX_CHANNELS} are supported.")
    return MediaInfo(
        container=container.format.name.split(",")[0],
        codec=stream.codec_context.name,
        duration=_duration(container, stream, first),
        channels=first.layout.nb_channels,
        sample_rate=first.sample_rate,
        has_video=any(not _is_cover_art(video) for video in container.streams.video),
    )


def _duration(container: Any, stream: Any, first: Any) -> float:
    """Seconds, from the stream, else from the container, else (a raw stream that states none) from its packets."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return float(container.duration) / 1_000_000
    end: float = float(first.samples) / float(first.sample_rate)
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end


def _is_cover_art(video: Any) -> bool:
    return bool(video.disposition & type(video.disposition).attached_pic)
