"""Talking to a media child process without ever waiting for it longer than a deadline."""

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from riata.errors import MediaUnreadable

from .confine import bare_environment

STALL_SECONDS = 10.0
_POLL_SECONDS = 0.5
_LONGEST_LINE = 1 << 16


class MediaProcess:
    """A running media child; as a context manager it is always ended and reaped.

    ``checkpoint`` is called at least every half second while waiting; what it raises ends the wait.
    """

    def __init__(self, command: str, *paths: Path, checkpoint: Callable[[], None], stall_seconds: float = STALL_SECONDS) -> None:
        self._checkpoint = checkpoint
        self._stall_seconds = stall_seconds
        self._buffer = bytearray()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module, arguments as a list
            [sys.executable, "-m", "riata_separator.codecs.child", command, *map(str, paths)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=bare_environment(sys.path),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._complaints.close()

    def line(self) -> dict[str, Any]:
        """The next line of JSON.

        Raises:
            MediaUnreadable: it is a refusal, or the child died or stalled.
        """
        while b"\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                raise self._broken("answered out of turn")
            self._fill()
        text, _, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        value = json.loads(bytes(text))
        if "error" in value:
            raise MediaUnreadable(value["error"]["message"])
        return dict(value)

    def exactly(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        while len(self._buffer) < count:
            self._fill()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _fill(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  for the type checker
        descriptor = self._process.stdout.fileno()
        waited = 0.0
        while not select.select([descriptor], [], [], _POLL_SECONDS)[0]:
            self._checkpoint()
            waited += _POLL_SECONDS
            if waited >= self._stall_seconds:
                raise self._broken(f"gave nothing for {self._stall_seconds:.0f} seconds")
        data = os.read(descriptor, 1 << 20)
        if not data:
            raise self._broken("stopped")
        self._buffer += data

    def _broken(self, how: str) -> MediaUnreadable:
        error = MediaUnreadable(f"The file is damaged: its decoder {how}. Convert it to WAV, FLAC or MP3.")
        self._complaints.seek(0)
        error.add_note(self._complaints.read(_LONGEST_LINE).decode(errors="replace").strip())
        return error
