"""One claimed request at this worker, from claim to done.

Walk every line with the question "what if the process dies here": before the outcome is recorded the message comes back and another
attempt claims the row; after it, the message comes back and only wakes the execution again.
"""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from riata.domain.requests import Failure, Manifest, Outcome, OutputObject
from riata.errors import Cancelled, ConditionFailed, SeparationFailed
from riata.log import log
from riata.ports import ObjectStore, WorkMessage, WorkQueue
from riata.usecases.work import Attempt, Claim, Claimed
from riata_separator.engine import Order, OutputMedia, SeparationResult
from riata_separator.worker.heartbeat import Heartbeat
from riata_separator.worker.stopping import StopSignal


class Job:
    """A claim at work, inside ``with``; ``order`` is what the engine is given, ``is_over`` says that it was ended or lost."""

    def __init__(
        self, message: WorkMessage, claimed: Claimed, claim: Claim, queue: WorkQueue, objects: ObjectStore, stop: StopSignal,
        folder: Path,
    ) -> None:
        self.message, self.request = message, claimed.request
        self.attempt = Attempt(claim.requests, claim.clock, claimed.request, claimed.attempt_id)
        self.is_over = False
        self._queue, self._objects, self._stop = queue, objects, stop
        self._prefix = claimed.request.output_prefix(claimed.attempt_id)
        self._heartbeat = Heartbeat(self.attempt, queue, message)
        self.order = Order(
            claimed.request.options,
            folder,
            progress=self._heartbeat.progress,
            log=self.attempt.log,
            cancelled=lambda: self._heartbeat.lost or stop.is_set,
        )

    def __enter__(self) -> Self:
        self.order.destination.mkdir()
        self._heartbeat.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._heartbeat.stop()

    def end(self, result: SeparationResult | SeparationFailed) -> bool:
        """Record what became of it, and tell; returns whether outputs were stored.

        Raises:
            Unavailable: it is not over: another attempt has to do it again.
        """
        try:
            outcome = self._outcome(result)
            self._heartbeat.stop()
            if outcome is None and self._stop.is_set and not self._heartbeat.lost:
                self._give_back()
                return False
            if outcome is None:
                raise ConditionFailed("the request is another attempt's, or has ended")
            self.attempt.record(outcome)
            if self.request.source.url is not None:
                # Nobody reads the fetched copy again; if the process dies here, disposal and the bucket's lifecycle remove it.
                self._objects.delete(self.request.source.key)
        except ConditionFailed:
            # Cancelled, or another worker took over: it is theirs to tell, this attempt leaves nothing behind. The message stays:
            # deleting it would take it from the other worker, who may yet crash.
            self.is_over = True
            self._objects.delete_prefix(self._prefix)
            log("attempt lost", request_id=self.request.request_id)
            return False
        finally:
            shutil.rmtree(self.order.destination, ignore_errors=True)
        self.is_over = True
        wake(self._queue, self.message)
        return isinstance(outcome, Manifest)

    def release(self) -> None:
        """After an outage, which is not the request's fault: without its lease the next claim does not count as a crash."""
        self._heartbeat.stop()
        if not self.is_over:
            self.attempt.give_back()

    def _outcome(self, result: SeparationResult | SeparationFailed) -> Outcome | None:
        """What to record; None when it was stopped before it was done."""
        if isinstance(result, Cancelled):
            return None
        if isinstance(result, SeparationFailed):
            return Failure(result.code, result.message)
        return Manifest(
            target=self._upload(result.target),
            residual=self._upload(result.residual),
            duration=result.duration,
            sample_rate=result.sample_rate,
            extra=result.extra,
        )

    def _upload(self, media: OutputMedia) -> OutputObject:
        key = self._prefix + media.file_name
        self._objects.upload(media.path, key, media.content_type)
        video_key = None
        if media.video_path is not None:
            video_key = self._prefix + media.video_path.name
            self._objects.upload(media.video_path, video_key, "video/mp4")
        return OutputObject(key, media.content_type, media.file_name, video_key)

    def _give_back(self) -> None:
        self._objects.delete_prefix(self._prefix)
        self.attempt.give_back()
        self.is_over = True
        self._queue.extend(self.message, 0)
        self.attempt.log("The worker was stopped; another one goes on.")
        log("message given back", request_id=self.request.request_id)


def wake(queue: WorkQueue, message: WorkMessage) -> None:
    """The outcome is recorded: let the execution finish."""
    woken = queue.wake(message)
    queue.delete(message)
    # Nobody waits any more after a restart of the state machine: the reconciler finishes by the recorded outcome.
    log("done", request_id=message.request_id, execution_woken=woken)
