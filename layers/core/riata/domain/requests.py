"""A separation request and its transition table.

::

    IN_QUEUE ──claim──▶ IN_PROGRESS ──finish──▶ COMPLETED
        └───────fail, cancel───────┴──▶ FAILED

A transition is one conditional write whose condition is `sources_of` the new status; a terminal status never changes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from riata.domain.deliveries import Webhook
from riata.domain.options import SeparationOptions

MODEL = "audio/separate"

MAX_CRASHES = 3
"""Claims over an expired lease after which the request itself is to blame."""

MAX_GENERATIONS = 10
"""Executions of one request after which the reconciler gives it up."""

LEASE = timedelta(seconds=90)
"""How long a claim holds without a sign of life, unless the deployment says otherwise; equals the queue's visibility timeout."""

CHECK_EVERY = timedelta(seconds=60)
"""How soon the reconciler looks at an open request, first and again."""

IDEMPOTENCY_WINDOW = timedelta(hours=24)
"""How long a repeated ``Idempotency-Key`` gives the first answer again."""

MAX_LOG_LINES = 200
"""Log lines that a status returns, the newest."""


class Status(StrEnum):
    """The four statuses of the contract."""

    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"

    @property
    def is_terminal(self) -> bool:
        """Whether no transition leads out of it."""
        return not TRANSITIONS[self]


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.IN_QUEUE: frozenset({Status.IN_PROGRESS, Status.FAILED}),
    Status.IN_PROGRESS: frozenset({Status.IN_PROGRESS, Status.COMPLETED, Status.FAILED}),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
}
"""From each status, where one write may lead. IN_PROGRESS to itself is a new worker's claim."""


def sources_of(target: Status) -> tuple[Status, ...]:
    """The statuses from which ``target`` may be reached: the condition of its write."""
    return tuple(status for status, targets in TRANSITIONS.items() if target in targets)


@dataclass(frozen=True, slots=True)
class OutputObject:
    """One output in the bucket."""

    key: str
    content_type: str
    file_name: str
    video_key: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a worker produced: ``duration`` in seconds, ``sample_rate`` in Hz of the output files."""

    target: OutputObject
    residual: OutputObject
    duration: float
    sample_rate: int
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request FAILED."""

    code: str
    message: str


Outcome = Manifest | Failure
"""What the worker recorded: exactly one per request, whoever records it first."""


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes to separate: an object pinned by its ETag, an upload or a copy of what ``url`` had.

    ``etag`` is empty until a URL has been fetched.
    """

    key: str
    etag: str
    content_type: str
    file_id: str | None = None
    url: str | None = None


def fetched_key(request_id: str) -> str:
    """The object key of the copy of an ``audio_url``."""
    return f"fetched/{request_id}"


@dataclass(frozen=True, slots=True)
class Request:
    """A separation request as stored.

    ``reserved`` and ``billed`` are audio seconds, None on a key without metering. ``outcome`` is what a worker recorded; it becomes
    the status only by the terminal transaction. Until it is ``prepared``, a request's URL has not been fetched and probed: its
    duration is 0 and nothing is reserved.
    """

    request_id: str
    tenant: str
    key_id: str
    status: Status
    created_at: datetime
    updated_at: datetime
    source: Source
    options: SeparationOptions
    base_url: str
    duration: float
    delete_after: datetime
    generation: int = 1
    metered: bool = False
    reserved: int | None = None
    billed: int | None = None
    progress: float = 0.0
    attempt_id: str | None = None
    lease_until: datetime | None = None
    crashes: int = 0
    outcome: Outcome | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure: Failure | None = None
    metadata: str | None = None
    webhook: Webhook | None = None
    deleted_at: datetime | None = None
    prepared: bool = True

    def execution_name(self) -> str:
        """A closed execution's name cannot be used again, hence the generation."""
        return f"{self.request_id}-{self.generation}"

    def output_prefix(self, attempt_id: str) -> str:
        """Where one attempt's outputs go."""
        return f"outputs/{self.request_id}/{attempt_id}/"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The first use of an ``Idempotency-Key``: which body it came with, and which request it made."""

    key: str
    body_hash: str
    request_id: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that ``?logs=true`` shows."""

    timestamp: datetime
    message: str
