"""The end of a request: one transaction, at most once, whatever calls it and how often."""

from dataclasses import dataclass
from datetime import timedelta

from riata.domain.ending import Ending
from riata.domain.requests import Failure, LogLine, Request
from riata.errors import ConditionFailed, Unavailable
from riata.ports import Clock, Requests

_ATTEMPTS = 5


@dataclass(frozen=True)
class FinishRequest:
    """Turn the recorded outcome into the terminal status, and settle the money with it."""

    requests: Requests
    clock: Clock
    retention: timedelta

    def __call__(self, request_id: str, generation: int, death: Failure | None = None) -> Request | None:
        """End the request by its recorded outcome, or by ``death`` when nobody could record one.

        A death of an older execution says nothing about the request: a newer one is at work. Returns the request as it
        ended, None when it does not exist or goes on.

        Raises:
            Unavailable: other writers kept getting in between; the caller tries again.
        """
        for _ in range(_ATTEMPTS):
            request = self.requests.get(request_id)
            if request is None or request.status.is_terminal:
                return request
            outcome = request.outcome or (death if request.generation == generation else None)
            if outcome is None:
                return None
            ending = Ending(request, outcome, self.clock(), self.retention)
            try:
                self.requests.end(ending)
            except ConditionFailed:
                continue
            line = "Completed." if ending.failure is None else f"Failed: {ending.failure.message}"
            self.requests.add_log(request_id, LogLine(ending.at, line), ending.delete_after)
            return self.requests.get(request_id)
        raise Unavailable(f"{request_id} kept changing while it was being ended")
