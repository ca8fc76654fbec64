"""One message of the separation queue, from claim to done.

Walk every line with the question "what if the process dies here": before the outcome is recorded the message comes back and another
attempt claims the row; after it, the message comes back and only wakes the execution again.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from riata.domain.requests import Failure, Manifest, Outcome, OutputObject
from riata.errors import Cancelled, ConditionFailed, SeparationFailed, Unavailable
from riata.log import log
from riata.ports import ObjectStore, WorkMessage, WorkQueue
from riata.usecases.work import Attempt, Claim, Claimed, Refusal
from riata_separator.engine import OutputMedia, separate_file
from riata_separator.separator import Separator
from riata_separator.worker.heartbeat import Heartbeat
from riata_separator.worker.stopping import StopSignal

PROBE_TOLERANCE = 1.01
"""Decoded audio may exceed what was probed, and reserved, by this factor; containers round."""

PROBE_SLACK_SECONDS = 1.0


@dataclass(frozen=True)
class JobRunner:
    """Runs jobs, one at a time."""

    queue: WorkQueue
    claim: Claim
    objects: ObjectStore
    separator: Separator
    stop: StopSignal

    def run(self, message: WorkMessage) -> None:
        """Do what the message asks, or find out that there is nothing to do."""
        claimed = self.claim(message.request_id, message.generation)
        log("message", request_id=message.request_id, claim=claimed.name if isinstance(claimed, Refusal) else "CLAIMED")
        if isinstance(claimed, Claimed):
            self._work(message, claimed)
        elif claimed is Refusal.RECORDED:
            self._done(message)
        elif claimed is Refusal.STALE:
            self.queue.delete(message)
        # BUSY: the message stays hidden for the rest of its visibility timeout and then comes again.

    def _work(self, message: WorkMessage, claimed: Claimed) -> None:
        attempt = Attempt(self.claim.requests, self.claim.clock, claimed.request, claimed.attempt_id)
        prefix = claimed.request.output_prefix(claimed.attempt_id)
        try:
            with Heartbeat(attempt, self.queue, message) as heartbeat:
                outcome = self._outcome(attempt, heartbeat, prefix)
            if outcome is None and self.stop.is_set and not heartbeat.lost:
                self._give_back(message, attempt, prefix)
                return
            if outcome is None:
                raise ConditionFailed("the request is another attempt's, or has ended")
            attempt.record(outcome)
            if claimed.request.source.url is not None:
                # Nobody reads the fetched copy again; if the process dies here, disposal and the bucket's lifecycle remove it.
                self.objects.delete(claimed.request.source.key)
        except Unavailable:
            # An outage is not the request's fault: without its lease the next claim does not count as a crash.
            attempt.give_back()
            raise
        except ConditionFailed:
            # Cancelled, or another worker took over: it is theirs to tell, this attempt leaves nothing behind. The message stays:
            # deleting it would take it from the other worker, who may yet crash.
            self.objects.delete_prefix(prefix)
            log("attempt lost", request_id=message.request_id)
            return
        self._done(message)

    def _outcome(self, attempt: Attempt, heartbeat: Heartbeat, prefix: str) -> Outcome | None:
        """What became of it; None when it was stopped before it was done."""
        request = attempt.request
        folder = Path(tempfile.mkdtemp(prefix="riata-"))
        try:
            attempt.log(f"Separation started (backend {self.separator.name}).")
            source = folder / "input"
            self.objects.download(request.source, source)
            outputs = folder / "outputs"
            outputs.mkdir()
            result = separate_file(
                source,
                outputs,
                request.options,
                self.separator,
                progress=heartbeat.progress,
                log=attempt.log,
                cancelled=lambda: heartbeat.lost or self.stop.is_set,
                max_seconds=request.duration * PROBE_TOLERANCE + PROBE_SLACK_SECONDS,
            )
            return Manifest(
                target=self._upload(result.target, prefix),
                residual=self._upload(result.residual, prefix),
                duration=result.duration,
                sample_rate=result.sample_rate,
                extra=result.extra,
            )
        except Cancelled:
            return None
        except SeparationFailed as failure:
            return Failure(failure.code, failure.message)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _upload(self, media: OutputMedia, prefix: str) -> OutputObject:
        key = prefix + media.file_name
        self.objects.upload(media.path, key, media.content_type)
        video_key = None
        if media.video_path is not None:
            video_key = prefix + media.video_path.name
            self.objects.upload(media.video_path, video_key, "video/mp4")
        return OutputObject(key, media.content_type, media.file_name, video_key)

    def _give_back(self, message: WorkMessage, attempt: Attempt, prefix: str) -> None:
        self.objects.delete_prefix(prefix)
        attempt.give_back()
        self.queue.extend(message, 0)
        attempt.log("The worker was stopped; another one goes on.")
        log("message given back", request_id=message.request_id)

    def _done(self, message: WorkMessage) -> None:
        woken = self.queue.wake(message)
        self.queue.delete(message)
        # Nobody waits any more after a restart of the state machine: the reconciler finishes by the recorded outcome.
        log("done", request_id=message.request_id, execution_woken=woken)
