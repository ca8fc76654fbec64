"""What died between two steps goes on: requests without an execution, and those whose execution is dead."""

from dataclasses import dataclass, replace

from riata.domain.requests import CHECK_EVERY, MAX_GENERATIONS, Failure, Request
from riata.errors import ConditionFailed, WorkerLost
from riata.ports import Clock, Executions, Requests
from riata.usecases.finish import FinishRequest

BATCH = 100


@dataclass(frozen=True)
class Reconciled:
    """What one sweep did, by count."""

    checked: int = 0
    restarted: int = 0
    ended: int = 0


@dataclass(frozen=True)
class Reconcile:
    """One sweep over the open requests that are due."""

    requests: Requests
    executions: Executions
    finish: FinishRequest
    clock: Clock

    def __call__(self, everything: bool = False) -> Reconciled:
        """Sweep; ``everything`` also takes the requests that are not due yet, as after a restart of the whole stack."""
        now = self.clock()
        done = Reconciled()
        for request in self.requests.due(now + CHECK_EVERY if everything else now, BATCH):
            done = replace(done, checked=done.checked + 1)
            if self.executions.is_alive(request):
                self._postpone(request)
            elif request.outcome is not None:
                self.finish(request.request_id, request.generation)
                done = replace(done, ended=done.ended + 1)
            elif request.generation >= MAX_GENERATIONS:
                self.finish(request.request_id, request.generation, _given_up())
                done = replace(done, ended=done.ended + 1)
            else:
                self._restart(request)
                done = replace(done, restarted=done.restarted + 1)
        return done

    def _restart(self, request: Request) -> None:
        try:
            raised = self.requests.raise_generation(request, self.clock())
        except ConditionFailed:
            return
        self.executions.start(raised)
        self._postpone(raised)

    def _postpone(self, request: Request) -> None:
        try:
            self.requests.postpone(request.request_id, self.clock() + CHECK_EVERY)
        except ConditionFailed:
            return


def _given_up() -> Failure:
    return Failure(WorkerLost.code, "No worker finished this request. Submit it again.")
