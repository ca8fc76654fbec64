"""What is decoded: told by the media child, believed by its caller."""

from dataclasses import dataclass

DTYPES = {"u8": "u1", "s16": "<i2", "s32": "<i4", "flt": "<f4", "dbl": "<f8"}
"""Sample formats that leave the child (libav's names), as numpy names them: the digit counts bytes."""

_LOSSLESS = ("pcm_", "flac", "alac", "wavpack", "tta", "ape", "mlp", "truehd", "shorten", "tak", "als", "wmalossless", "dsd")


@dataclass(frozen=True, slots=True)
class Format:
    """The audio stream that is decoded: ``sample_format`` is one of :data:`DTYPES`, ``start`` the first timestamp in seconds,
    ``known`` the exact length in samples where the container states it.
    """

    codec: str
    container: str
    sample_rate: int
    channels: int
    sample_format: str
    start: float
    known: int | None
    has_video: bool

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return int(DTYPES[self.sample_format][-1]) * self.channels

    @property
    def lossless(self) -> bool:
        """Whether the samples are those that were once encoded, so that their bit depth means something."""
        return self.codec.startswith(_LOSSLESS)

    @property
    def integer(self) -> bool:
        """Whether samples are decoded as integers."""
        return self.sample_format not in {"flt", "dbl"}
