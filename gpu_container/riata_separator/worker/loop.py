"""Receive messages until stopped, until idle for long enough, or after one."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from riata.errors import Unavailable
from riata.log import log
from riata.ports import WorkMessage, WorkQueue
from riata_separator.worker.runner import JobRunner
from riata_separator.worker.stopping import StopSignal

POLL_SECONDS = 5
"""One long poll: short enough that a stop is quick, long enough that an idle worker costs nothing."""

BACK_OFF_SECONDS = 2.0


def work(
    queue: WorkQueue,
    runner: JobRunner,
    stop: StopSignal,
    *,
    concurrency: int = 1,
    once: bool = False,
    idle_exit_seconds: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run messages, at most ``concurrency`` at the same time; returns how many were run.

    No message is received before there is a thread for it. What a job raises unexpectedly ends the worker, after all other jobs
    were given back: they are not to blame.
    """
    def run(message: WorkMessage) -> bool:
        try:
            runner.run(message)
        except Unavailable as error:
            # The message comes back by its visibility timeout.
            _back_off(error, sleep)
            return False
        return True

    done, busy_at = 0, time.monotonic()
    running = set[Future[bool]]()
    with ThreadPoolExecutor(concurrency, "job") as threads:
        try:
            while not stop.is_set and not (once and done):
                if running and (once or len(running) == concurrency):
                    wait(running, return_when=FIRST_COMPLETED)
                    done += _settled(running)
                    continue
                done += _settled(running)
                try:
                    message = queue.receive(POLL_SECONDS)
                except Unavailable as error:
                    _back_off(error, sleep)
                    continue
                if message is not None and stop.is_set:
                    queue.extend(message, 0)
                elif message is not None:
                    running.add(threads.submit(run, message))
                if running:
                    busy_at = time.monotonic()
                elif idle_exit_seconds is not None and time.monotonic() - busy_at >= idle_exit_seconds:
                    log("idle", seconds=idle_exit_seconds)
                    break
            wait(running)
            return done + _settled(running)
        except BaseException:
            stop.set()
            raise


def _settled(running: set[Future[bool]]) -> int:
    """Take out the jobs that have ended; how many of them are done. Raises what one raised."""
    ended = {job for job in running if job.done()}
    running -= ended
    return sum(job.result() for job in ended)


def _back_off(error: Unavailable, sleep: Callable[[float], None]) -> None:
    log("dependency unavailable", level="warning", error=str(error))
    sleep(BACK_OFF_SECONDS)
