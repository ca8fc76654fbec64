"""Decoding a file into blocks of samples, in a confined child process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .format import DTYPES, Format
from .process import MediaProcess

Samples = np.ndarray[Any, Any]
"""Decoded samples, (channels, samples)."""

_LARGEST_FLOAT = 1e6
"""Float media beyond this (120 dB over full scale) is noise of a damaged file; so are NaN and infinity."""


class Decoding:
    """A file being decoded: ``format`` first, then :meth:`blocks` once. ``damaged`` counts undecodable packets at the end."""

    def __init__(self, process: MediaProcess) -> None:
        self._process = process
        self.format = Format(**process.line())
        self.damaged = 0

    def blocks(self) -> Iterator[Samples]:
        """Blocks (channels, samples) in the decoder's own numbers: integers left-aligned in int32, or float64.

        Raises:
            MediaUnreadable: the child died or stalled.
        """
        dtype = np.dtype(DTYPES[self.format.sample_format])
        while count := int.from_bytes(self._process.exactly(4), "little"):
            packed = np.frombuffer(self._process.exactly(count), dtype)
            yield _widened(packed.reshape(-1, self.format.channels).T)
        self.damaged = int(self._process.line()["skipped"])


def _widened(samples: Samples) -> Samples:
    wide: Samples
    match samples.dtype.name:
        case "uint8":
            wide = (samples.astype(np.int32) - 128) << 24
        case "int16":
            wide = samples.astype(np.int32) << 16
        case "int32":
            wide = np.ascontiguousarray(samples)
        case _:
            finite = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
            wide = np.clip(finite, -_LARGEST_FLOAT, _LARGEST_FLOAT)
    return wide


@contextmanager
def decoding(source: Path, checkpoint: Callable[[], None]) -> Iterator[Decoding]:
    """Open ``source`` and decode it as it is iterated.

    Raises:
        MediaUnreadable: it cannot be opened.
    """
    with MediaProcess("decode", source, checkpoint=checkpoint) as process:
        yield Decoding(process)
