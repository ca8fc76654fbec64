"""Receive messages until stopped, until idle for long enough, or after one."""

import time
from collections.abc import Callable

from riata.errors import Unavailable
from riata.log import log
from riata.ports import WorkQueue
from riata_separator.worker.job import JobRunner
from riata_separator.worker.stopping import StopSignal

POLL_SECONDS = 5
"""One long poll: short enough that a stop is quick, long enough that an idle worker costs nothing."""

BACK_OFF_SECONDS = 2.0


def work(
    queue: WorkQueue,
    runner: JobRunner,
    stop: StopSignal,
    *,
    once: bool = False,
    idle_exit_seconds: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run messages; returns how many."""
    done, busy_at = 0, time.monotonic()
    while not stop.is_set:
        try:
            message = queue.receive(POLL_SECONDS)
            if message is not None:
                runner.run(message)
        except Unavailable as error:
            # The message, if there was one, comes back by its visibility timeout.
            log("dependency unavailable", level="warning", error=str(error))
            sleep(BACK_OFF_SECONDS)
            continue
        if message is not None:
            done, busy_at = done + 1, time.monotonic()
            if once:
                return done
        elif idle_exit_seconds is not None and time.monotonic() - busy_at >= idle_exit_seconds:
            log("idle", seconds=idle_exit_seconds)
            return done
    return done
