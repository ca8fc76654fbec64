"""One message and its companions: claim, download, separate in one pass, and end each by itself."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from riata.errors import SeparationFailed, Unavailable
from riata.log import log
from riata.ports import ObjectStore, WorkMessage, WorkQueue
from riata.usecases.work import Claim, Claimed, Refusal
from riata_separator.engine import SeparationResult, separate_together
from riata_separator.separator import Separator
from riata_separator.worker.intake import Intake
from riata_separator.worker.job import Job, wake
from riata_separator.worker.stopping import StopSignal
from riata_separator.worker.throughput import Throughput

PROBE_TOLERANCE = 1.01
"""Decoded audio may exceed what was probed, and reserved, by this factor; containers round."""

PROBE_SLACK_SECONDS = 1.0


@dataclass(frozen=True)
class JobRunner:
    """Runs messages; several threads may.

    ``intake`` finds what goes together. ``threaded`` lets each job decode ahead of the model and encode behind it.
    """

    queue: WorkQueue
    claim: Claim
    objects: ObjectStore
    separator: Separator
    stop: StopSignal
    intake: Intake
    throughput: Throughput
    threaded: bool = False

    def run(self, message: WorkMessage) -> None:
        """Do what the message asks, or find out that there is nothing to do."""
        claimed = self.claim(message.request_id, message.generation)
        log("message", request_id=message.request_id, claim=claimed.name if isinstance(claimed, Refusal) else "CLAIMED")
        if isinstance(claimed, Claimed):
            self._work(message, claimed)
        elif claimed is Refusal.RECORDED:
            wake(self.queue, message)
        elif claimed is Refusal.STALE:
            self.queue.delete(message)
        # BUSY: the message stays hidden for the rest of its visibility timeout and then comes again.

    def _work(self, message: WorkMessage, claimed: Claimed) -> None:
        with tempfile.TemporaryDirectory(prefix="riata-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
            folder, jobs = Path(name), list[Job]()
            outage: Unavailable | None = None

            def take(message: WorkMessage, claimed: Claimed) -> None:
                job = Job(
                    message, claimed, self.claim, self.queue, self.objects, self.stop, folder / claimed.request.request_id
                )
                jobs.append(stack.enter_context(job))

            take(message, claimed)
            try:
                for companion in self.intake.companions(claimed):
                    take(*companion)
                outage = self._ended(jobs, folder)
            except Unavailable as error:
                outage = error
            if outage is not None:
                for job in jobs:
                    job.release()
                raise outage

    def _ended(self, jobs: Sequence[Job], folder: Path) -> Unavailable | None:
        """Separate, and end each job as soon as it has an outcome; what kept one from being ended does not keep the others."""
        outage = None
        with self.throughput.measuring() as measured, closing(self._outcomes(jobs, folder)) as outcomes:
            for job, outcome in outcomes:
                try:
                    if job.end(outcome) and isinstance(outcome, SeparationResult):
                        measured.add(outcome.duration)
                except Unavailable as error:
                    outage = error
        return outage

    def _outcomes(self, jobs: Sequence[Job], folder: Path) -> Iterator[tuple[Job, SeparationResult | SeparationFailed]]:
        request = jobs[0].request
        together = f", together with {len(jobs) - 1} more on this file" if len(jobs) > 1 else ""
        for job in jobs:
            job.attempt.log(f"Separation started (backend {self.separator.name}{together}).")
        source = folder / "input"
        try:
            self.objects.download(request.source, source)
        except SeparationFailed as failure:
            yield from ((job, failure) for job in jobs)
            return
        of_order = {job.order: job for job in jobs}
        for order, outcome in separate_together(
            source,
            [job.order for job in jobs],
            self.separator,
            max_seconds=request.duration * PROBE_TOLERANCE + PROBE_SLACK_SECONDS,
            threaded=self.threaded,
        ):
            yield of_order[order], outcome
