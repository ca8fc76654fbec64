"""`riata.ports.MediaProbe` for contents that say what they are: ``audio 12.5`` lasts 12.5 s, anything else is not media."""

from typing import BinaryIO

from riata.domain.media import MediaInfo
from riata.errors import MediaUnreadable


class FakeProbe:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, reader: BinaryIO) -> MediaInfo:
        self.calls += 1
        kind, _, seconds = reader.read().partition(b" ")
        if kind != b"audio":
            raise MediaUnreadable("it is not audio or video that can be read.")
        return MediaInfo("wav", "pcm_s16le", float(seconds), 2, 44_100)
