"""What a caller asks of a separation, frozen."""

from dataclasses import dataclass
from enum import StrEnum


class Acceleration(StrEnum):
    """How much work per second of audio: fewer solver steps or test-time variants when fast."""

    FAST = "fast"
    BALANCED = "balanced"
    QUALITY = "quality"


class OutputFormat(StrEnum):
    """The encoding of target and residual."""

    WAV = "wav"
    MP3 = "mp3"


@dataclass(frozen=True, slots=True)
class Span:
    """A hint: the target does (``include``) or does not sound between ``start`` and ``end`` seconds."""

    start: float
    end: float
    include: bool = True


@dataclass(frozen=True, slots=True)
class SeparationOptions:
    """The options of one separation; times are seconds of the input.

    ``max_chunk_duration`` and ``chunk_overlap`` are wishes: the engine raises chunks under 5 s and caps the overlap at
    half a chunk.
    """

    prompt: str
    spans: tuple[Span, ...] = ()
    predict_spans: bool = False
    reranking_candidates: int = 1
    acceleration: Acceleration = Acceleration.BALANCED
    max_chunk_duration: float = 60.0
    chunk_overlap: float = 5.0
    output_format: OutputFormat = OutputFormat.WAV
    seed: int | None = None
