"""What a worker gets done, as metrics in its log: audio seconds per second, how full batches are, how long the model waits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from riata.log import log_metrics
from riata_separator.separator import Metered, Separator, Workload


class Measured:
    """The audio that one pass over a file separated: its length in seconds, once per prompt."""

    def __init__(self) -> None:
        self.requests, self.audio_seconds = 0, 0.0

    def add(self, seconds: float) -> None:
        """One more prompt is done."""
        self.requests += 1
        self.audio_seconds += seconds


class Throughput:
    """One line of metrics for every pass over a file that separated something.

    Passes of several threads overlap. What is said of the model (batch fill, and the share of the time in which it had nothing to
    compute while the worker had work) is therefore counted for all of them, from line to line.
    """

    def __init__(self, separator: Separator, clock: Callable[[], float] = time.monotonic) -> None:
        self._separator, self._clock = separator, clock
        self._lock = threading.Lock()
        self._passes, self._since = 0, 0.0
        self._told = self._workload()

    @contextmanager
    def measuring(self) -> Iterator[Measured]:
        """Around one pass, from download to upload."""
        began = self._enter()
        measured = Measured()
        try:
            yield measured
        finally:
            busy, done = self._leave()
        if measured.requests:
            self._tell(measured, self._clock() - began, busy, done)

    def _tell(self, measured: Measured, seconds: float, busy: float, done: Workload) -> None:
        metrics = {
            "AudioSeconds": (round(measured.audio_seconds, 2), "Seconds"),
            "AudioSecondsPerSecond": (round(measured.audio_seconds / max(seconds, 1e-3), 2), "None"),
            "PromptsPerPass": (float(measured.requests), "Count"),
        }
        if done.calls:
            metrics["BatchFill"] = (round(100 * done.items / done.room, 1), "Percent")
            metrics["ModelWait"] = (round(100 * max(0.0, 1 - done.seconds / max(busy, 1e-3)), 1), "Percent")
        log_metrics("separated", metrics, dimension=("backend", self._separator.name), seconds=round(seconds, 2))

    def _enter(self) -> float:
        now = self._clock()
        with self._lock:
            if not self._passes:
                self._since = now
            self._passes += 1
        return now

    def _leave(self) -> tuple[float, Workload]:
        """Seconds with work, and what the model did, since somebody last left."""
        now, total = self._clock(), self._workload()
        with self._lock:
            self._passes -= 1
            busy, self._since = now - self._since, now
            told, self._told = self._told, total
        return busy, Workload(
            total.calls - told.calls, total.items - told.items, total.room - told.room, total.seconds - told.seconds
        )

    def _workload(self) -> Workload:
        return self._separator.workload() if isinstance(self._separator, Metered) else Workload()
