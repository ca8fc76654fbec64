"""SIGTERM and SIGINT become a flag: the job in hand is given back, and the process ends 0."""

import signal
import threading
from types import FrameType


class StopSignal:
    """Set once, by a signal or by hand."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> "StopSignal":
        """Catch SIGTERM (Batch, Spot, `riata down`) and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        return self

    def set(self) -> None:
        """Ask for the stop."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether to stop."""
        return self._event.is_set()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()
