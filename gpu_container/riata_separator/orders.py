"""What is asked of the engine, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riata.domain.options import SeparationOptions
from riata.errors import Cancelled


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """One prompt on a file.

    Args:
        options: prompt and wishes.
        destination: an existing folder for the outputs, of this order alone.
        progress: is called with a share of the work, 0…1, never falling.
        log: is called with sentences for the caller.
        cancelled: is asked between model calls and while waiting.
    """

    options: SeparationOptions
    destination: Path
    progress: Callable[[float], None]
    log: Callable[[str], None]
    cancelled: Callable[[], bool]

    def checkpoint(self) -> None:
        """Raise :class:`~riata.errors.Cancelled` if the order is."""
        if self.cancelled():
            raise Cancelled("The request was cancelled.")


@dataclass(frozen=True, slots=True)
class OutputMedia:
    """A written output; ``video_path`` is the original picture with this sound, for input with a picture."""

    path: Path
    content_type: str
    file_name: str
    video_path: Path | None = None


@dataclass(frozen=True, slots=True)
class SeparationResult:
    """What a separation wrote. ``duration`` in seconds of decoded input; ``sample_rate`` (Hz) and ``channels`` are the
    outputs'; ``extra`` is JSON-compatible and tells what the backend did.
    """

    duration: float
    sample_rate: int
    channels: int
    target: OutputMedia
    residual: OutputMedia
    extra: dict[str, Any] = field(default_factory=dict)
