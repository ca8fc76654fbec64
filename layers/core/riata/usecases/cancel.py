"""PUT …/cancel: commits FAILED/CANCELLED itself; the worker notices within a heartbeat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from riata.domain.accounts import Principal
from riata.domain.ending import Ending
from riata.domain.requests import Failure, LogLine, Request
from riata.errors import Cancelled, ConditionFailed, RequestAlreadyEnded, Unavailable
from riata.log import log
from riata.ports import Clock, Executions, Requests
from riata.usecases.finish import FinishRequest
from riata.usecases.progress import own_request

_ATTEMPTS = 5
_FAILURE = Failure(Cancelled.code, "The request was cancelled.")


@dataclass(frozen=True)
class CancelRequest:
    """End a queued or running request, give its reservation back, and stop its execution.

    ``hurry`` is what the state machine's Notify does for requests that it ends: it brings the webhook event on its way.
    """

    requests: Requests
    executions: Executions
    finish: FinishRequest
    hurry: Callable[[Request], None]
    clock: Clock

    def __call__(self, principal: Principal, request_id: str) -> Request:
        """The request, FAILED.

        Raises:
            NotFound: no such request.
            RequestAlreadyEnded: it has completed or failed; a recorded outcome counts as that.
            Unavailable: other writers kept getting in between.
        """
        for _ in range(_ATTEMPTS):
            request = own_request(self.requests, principal, request_id)
            if request.outcome is not None:
                self.finish(request_id, request.generation)
            if request.status.is_terminal or request.outcome is not None:
                raise RequestAlreadyEnded("The request has ended already. Read its status.")
            ending = Ending(request, _FAILURE, self.clock(), timedelta(0))
            try:
                self.requests.end(ending)
            except ConditionFailed:
                continue
            try:
                # A crash or an outage before the stop leaves an execution whose message finds the request ended.
                self.executions.stop(request)
                self.hurry(request)
                self.requests.add_log(request_id, LogLine(ending.at, _FAILURE.message), request.delete_after)
            except Unavailable as error:
                log("execution not stopped", level="warning", request_id=request_id, error=str(error))
            return own_request(self.requests, principal, request_id)
        raise Unavailable("The request kept changing. Try again.")
