"""A worker's side of a request: claim, sign of life, outcome.

Redelivery carries the same task token, so the token proves nothing: the ``attempt_id`` on the row is the fence, and the outcome
is written once, by whoever holds the row.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from riata.domain.ids import new_attempt_id
from riata.domain.requests import LEASE, MAX_CRASHES, Failure, LogLine, Manifest, Outcome, Request
from riata.errors import ConditionFailed, ModelFailed
from riata.ports import Clock, Requests


class Refusal(Enum):
    """Why a message is not work for this worker."""

    STALE = auto()
    """Of an older generation, ended or deleted: drop the message."""
    BUSY = auto()
    """Another attempt holds the lease: leave the message for later."""
    RECORDED = auto()
    """The outcome is there already: only wake the execution again."""


@dataclass(frozen=True)
class Claimed:
    """The request is this attempt's."""

    request: Request
    attempt_id: str


@dataclass(frozen=True)
class Claim:
    """Take a request for one attempt, counting the crashes of those before."""

    requests: Requests
    clock: Clock
    lease: timedelta = LEASE

    def __call__(self, request_id: str, generation: int) -> Claimed | Refusal:
        """The claim, or why there is nothing to do."""
        now = self.clock()
        seen = self.requests.get(request_id)
        if seen is None or seen.status.is_terminal or seen.generation != generation:
            return Refusal.STALE
        if seen.outcome is not None:
            return Refusal.RECORDED
        if seen.lease_until is not None and seen.lease_until > now:
            return Refusal.BUSY
        crashes = seen.crashes + (1 if seen.lease_until is not None else 0)
        attempt_id = new_attempt_id()
        try:
            request = self._taken(seen, attempt_id, crashes)
            if crashes < MAX_CRASHES:
                return Claimed(request, attempt_id)
            Attempt(self.requests, self.clock, request, attempt_id, self.lease).record(_crashed_too_often())
        except ConditionFailed:
            return Refusal.BUSY
        return Refusal.RECORDED

    def _taken(self, seen: Request, attempt_id: str, crashes: int) -> Request:
        now = self.clock()
        try:
            return self.requests.claim(seen, attempt_id, now, now + self.lease, crashes)
        except ConditionFailed:
            again = self.requests.get(seen.request_id)
            # The claim may have been written although its answer got lost.
            if again is None or again.attempt_id != attempt_id:
                raise
            return again


@dataclass(frozen=True)
class Attempt:
    """One claimed attempt's writes; each is fenced by the attempt id.

    `beat` and `record` raise `ConditionFailed` when the request is not this attempt's any more: it was cancelled, ended, or
    taken over after the lease ran out.
    """

    requests: Requests
    clock: Clock
    request: Request
    attempt_id: str
    lease: timedelta = LEASE

    def beat(self, progress: float) -> None:
        """Prolong the lease and show progress."""
        now = self.clock()
        self.requests.renew(self.request.request_id, self.attempt_id, now + self.lease, progress, now)

    def log(self, message: str) -> None:
        """A line for ``?logs=true``."""
        self.requests.add_log(self.request.request_id, LogLine(self.clock(), message), self.request.delete_after)

    def record(self, outcome: Outcome) -> None:
        """The one outcome of the request; recording the same one twice is fine, since an answer can get lost."""
        try:
            self.requests.record_outcome(self.request.request_id, self.attempt_id, outcome, self.clock())
        except ConditionFailed:
            stored = self.requests.get(self.request.request_id)
            if stored is None or not _is_same(stored.outcome, outcome):
                raise

    def give_back(self) -> None:
        """Let another worker have it at once; losing it meanwhile is fine."""
        try:
            self.requests.give_back(self.request.request_id, self.attempt_id, self.clock())
        except ConditionFailed:
            return


def _crashed_too_often() -> Failure:
    return Failure(ModelFailed.code, f"{MAX_CRASHES} workers died over this request. Try a shorter or another file.")


def _is_same(stored: Outcome | None, outcome: Outcome) -> bool:
    """Two manifests are the same when their target is the same object: its key names the attempt."""
    if isinstance(stored, Manifest) and isinstance(outcome, Manifest):
        return stored.target.key == outcome.target.key
    return stored == outcome
