"""What counts as media, how large it may be, and what a probe found."""

import re
from dataclasses import dataclass

MAX_FILE_BYTES = 524_288_000
"""Largest upload, bytes (500 MiB)."""

MAX_DURATION_SECONDS = 4 * 3600.0
"""Longest decoded audio, seconds: 500 MB of Opus would be days."""

MAX_CHANNELS = 8
"""Most audio channels (7.1)."""

ALLOWED_CONTAINERS = frozenset({
    "3g2", "3gp", "aac", "ac3", "aiff", "amr", "ape", "asf", "au", "avi", "caf", "eac3", "flac", "flv", "gsm", "m4a", "matroska",
    "mj2", "mov", "mp2", "mp3", "mp4", "mpeg", "mpegts", "ogg", "opus", "tta", "voc", "w64", "wav", "webm", "wv",
})  # fmt: skip
"""Demuxers that may open hostile input. Playlists, image sequences, concat and every network protocol are left out."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a probe found: ``duration`` in seconds, ``sample_rate`` in Hz."""

    container: str
    codec: str
    duration: float
    channels: int
    sample_rate: int
    has_video: bool = False


_MEDIA_CONTENT_TYPE = re.compile(
    r"[ ]*((audio|video)/[a-z0-9!#$&^_.+-]+|application/octet-stream)[ ]*(;[ -~]*)?", re.ASCII | re.IGNORECASE
)
"""Of an HTTP header: printable ASCII only (RFC 6838), parameters allowed."""


def normalised_content_type(value: str) -> str:
    """The media type without parameters, in lower case."""
    return value.split(";", 1)[0].strip().lower()


def is_media_content_type(value: str) -> bool:
    """Whether an upload may declare this content type: ``audio/*``, ``video/*`` or ``application/octet-stream``."""
    return _MEDIA_CONTENT_TYPE.fullmatch(value) is not None
