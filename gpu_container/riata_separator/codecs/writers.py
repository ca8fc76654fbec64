"""Writing target and residual as they come: WAV (RF64 above 4 GiB) and MP3."""

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import av
import numpy as np
import soundfile

from riata.domain.options import OutputFormat

from .grid import Grid, Integers
from .layouts import LAYOUTS

WAV_BYTES = (1 << 32) - (1 << 16)
"""More data than this does not fit a WAV header's 32-bit sizes; RF64 is written instead."""

MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
MP3_BIT_RATE = {1: 128_000, 2: 192_000}
_MP3_FRAME = 1152

_BYTES = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4}


class Writer(Protocol):
    """A file being written; as a context manager it is always closed. ``sample_rate`` and ``channels`` are the file's."""

    sample_rate: int
    channels: int

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def write(self, samples: Integers) -> None:
        """Append (channels, samples) of the grid."""
        ...


class WavWriter:
    """Lossless: the grid's integers, exactly."""

    def __init__(self, path: Path, *, sample_rate: int, channels: int, total: int, grid: Grid) -> None:
        self.sample_rate, self.channels, self._grid = sample_rate, channels, grid
        large = total * channels * _BYTES[grid.subtype] > WAV_BYTES
        self._file = soundfile.SoundFile(
            path, "w", samplerate=sample_rate, channels=channels, subtype=grid.subtype, format="RF64" if large else "WAV"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def write(self, samples: Integers) -> None:
        """Append (channels, samples) of the grid."""
        if self._grid.subtype == "FLOAT":
            data: np.ndarray[Any, Any] = (samples * self._grid.step).astype(np.float32)
        else:
            data = (samples << (31 + self._grid.exponent)).astype(np.int32)
        self._file.write(data.T)


class Mp3Writer:
    """MP3 with a gapless header: at most 48 kHz and stereo, resampled and mixed down where the input has more."""

    def __init__(self, path: Path, *, sample_rate: int, channels: int, grid: Grid) -> None:
        self.sample_rate = sample_rate if sample_rate in MP3_RATES else _mp3_rate(sample_rate)
        self.channels = min(channels, 2)
        self._grid, self._from_rate = grid, sample_rate
        self._layout = LAYOUTS[channels]
        self._container = av.open(str(path), "w", format="mp3")
        self._stream = self._container.add_stream("libmp3lame", rate=self.sample_rate)
        self._stream.layout = LAYOUTS[self.channels]
        self._stream.bit_rate = MP3_BIT_RATE[self.channels]
        self._resampler = av.AudioResampler(
            format="fltp", layout=self._stream.layout, rate=self.sample_rate, frame_size=_MP3_FRAME
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._encode(self._resampler.resample(None))
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def write(self, samples: Integers) -> None:
        """Append (channels, samples) of the grid."""
        if not samples.shape[1]:
            return
        packed = np.ascontiguousarray((samples.T * self._grid.step).astype(np.float32)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
        frame.sample_rate = self._from_rate
        self._encode(self._resampler.resample(frame))

    def _encode(self, frames: list[av.AudioFrame]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


def _mp3_rate(sample_rate: int) -> int:
    """The nearest rate that MP3 has above ``sample_rate``, within the same family where it is higher than all."""
    higher = [rate for rate in MP3_RATES if rate >= sample_rate]
    return higher[0] if higher else (44_100 if sample_rate % 11_025 == 0 else 48_000)


def open_writer(path: Path, output: OutputFormat, *, sample_rate: int, channels: int, total: int, grid: Grid) -> Writer:
    """A writer for ``total`` samples of the grid in the wished format."""
    if output is OutputFormat.MP3:
        return Mp3Writer(path, sample_rate=sample_rate, channels=channels, grid=grid)
    return WavWriter(path, sample_rate=sample_rate, channels=channels, total=total, grid=grid)
