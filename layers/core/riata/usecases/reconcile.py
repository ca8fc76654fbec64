"""What died between two steps goes on: requests without an execution, and those whose execution is dead."""

from dataclasses import dataclass, replace
from enum import Enum, auto

from riata.domain.requests import CHECK_EVERY, MAX_GENERATIONS, Failure, Request
from riata.errors import ConditionFailed, Unavailable, WorkerLost
from riata.log import log
from riata.ports import Clock, Executions, ExecutionState, Requests
from riata.usecases.finish import FinishRequest

BATCH = 100


@dataclass(frozen=True)
class Reconciled:
    """What one sweep did, by count."""

    checked: int = 0
    restarted: int = 0
    ended: int = 0


class _Step(Enum):
    WAIT = auto()
    START = auto()
    END = auto()


@dataclass(frozen=True)
class Reconcile:
    """One sweep over the open requests that are due."""

    requests: Requests
    executions: Executions
    finish: FinishRequest
    clock: Clock

    def __call__(self, everything: bool = False) -> Reconciled:
        """Sweep; ``everything`` is for a restart of the whole stack.

        It also takes the requests that are not due yet, and drops the leases of those that it restarts: their workers are dead
        too, and a new one need not wait until they run out.
        """
        now = self.clock()
        done = Reconciled()
        for request in self.requests.due(now + CHECK_EVERY if everything else now, BATCH):
            done = replace(done, checked=done.checked + 1)
            try:
                step = self._check(request, everything)
            except Unavailable as error:
                # Whatever keeps this one from being checked must not hold up those behind it.
                log("not reconciled", level="warning", request_id=request.request_id, error=str(error))
                self._postpone(request)
                continue
            done = replace(done, ended=done.ended + (step is _Step.END), restarted=done.restarted + (step is _Step.START))
        return done

    def _check(self, request: Request, forget_attempt: bool) -> "_Step":
        state = self.executions.state(request)
        if state is ExecutionState.RUNNING:
            self._postpone(request)
            return _Step.WAIT
        if request.outcome is not None:
            self.finish(request.request_id, request.generation)
            return _Step.END
        if state is ExecutionState.ABSENT:
            # The process died between the write that allows this generation and its start.
            self._start(request)
            return _Step.START
        if request.generation >= MAX_GENERATIONS:
            self.finish(request.request_id, request.generation, _given_up())
            return _Step.END
        try:
            raised = self.requests.raise_generation(request, self.clock(), forget_attempt)
        except ConditionFailed:
            return _Step.WAIT
        self._start(raised)
        return _Step.START

    def _start(self, request: Request) -> None:
        self.executions.start(request)
        self._postpone(request)

    def _postpone(self, request: Request) -> None:
        try:
            self.requests.postpone(request.request_id, self.clock() + CHECK_EVERY)
        except ConditionFailed:
            return


def _given_up() -> Failure:
    return Failure(WorkerLost.code, "No worker finished this request. Submit it again.")
