"""Keeps a claim alive while the job runs: the lease and the progress on the row, the message's invisibility in the queue.

One thread per job. It also notices what ends the job early: the row is another's now, or was cancelled.
"""

import threading
import time
from types import TracebackType

from riata.errors import ConditionFailed, Unavailable
from riata.log import log
from riata.ports import WorkMessage, WorkQueue
from riata.usecases.work import Attempt

BEAT_SECONDS = 2.0
"""Between two writes of progress; bounds how soon a cancel is noticed."""

EXTENSIONS_PER_LEASE = 4.5
"""How often the message is hidden again for as long as a lease lasts: every 20 s of 90 s, so that a few may fail."""


class Heartbeat:
    """Runs inside ``with``; `lost` turns True when the request is not this attempt's any more."""

    def __init__(self, attempt: Attempt, queue: WorkQueue, message: WorkMessage) -> None:
        self._attempt = attempt
        self._queue = queue
        self._message = message
        self._visibility = attempt.lease.total_seconds()
        self._progress = 0.0
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    @property
    def lost(self) -> bool:
        """Whether to stop working on it."""
        return self._lost.is_set()

    def progress(self, share: float) -> None:
        """Remember how far the job is, 0…1, for the next beat."""
        self._progress = share

    def start(self) -> None:
        """Beat from now on."""
        self._thread.start()

    def stop(self) -> None:
        """No beat comes after this; stopping twice is fine."""
        self._ended.set()
        self._thread.join()

    def __enter__(self) -> "Heartbeat":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        extended_at = time.monotonic()
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self._attempt.beat(self._progress)
                if time.monotonic() - extended_at >= self._visibility / EXTENSIONS_PER_LEASE:
                    self._queue.extend(self._message, round(self._visibility))
                    extended_at = time.monotonic()
            except ConditionFailed:
                self._lost.set()
                return
            except Unavailable as error:
                # The lease outlives several missed beats; if it does not, the fence keeps this attempt from ending the request.
                log("heartbeat missed", level="warning", request_id=self._message.request_id, error=str(error))
