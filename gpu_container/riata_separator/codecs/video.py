"""The caller's side of remuxing: a video with the new sound."""

from collections.abc import Callable
from pathlib import Path

from .process import MediaProcess

SUFFIXES = {"mp4": ".mp4", "matroska": ".mkv"}
_REMUX_SECONDS = 600.0


def with_new_sound(source: Path, sound: Path, stem: Path, checkpoint: Callable[[], None]) -> Path:
    """Copy the picture of ``source`` beside the audio of ``sound`` into ``stem`` with the suffix of its container.

    Raises:
        MediaUnreadable: the picture cannot be copied.
    """
    unfinished = stem.with_suffix(".part")
    with MediaProcess("remux", source, sound, unfinished, checkpoint=checkpoint, stall_seconds=_REMUX_SECONDS) as process:
        container = process.line()["container"]
    return unfinished.rename(stem.with_suffix(SUFFIXES[container]))
