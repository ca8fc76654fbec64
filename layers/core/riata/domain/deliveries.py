"""The webhook of a request: where its terminal event goes, and how far the delivery is.

The event itself is not stored: everything in it follows from the ended request, which never changes. Its ``webhook-id`` is fixed
when the request ends, so that a receiver can tell a repetition from news.

::

    PENDING ──begin──▶ SENDING ──▶ DELIVERED
       ▲                  │ └────▶ FAILED
       └──────retry───────┘          every status but SENDING ──replay──▶ PENDING
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

ATTEMPT_LEASE = timedelta(seconds=45)
"""After this an attempt that nobody ended counts as dead, and the next is due. Longer than any attempt takes."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to, and with which signing secret; ``sealed_secret`` is encrypted, the plain one is never stored.

    ``generated`` tells that the secret is ours, so that the answer to the submit shows it.
    """

    url: str
    sealed_secret: str
    generated: bool = False


class DeliveryStatus(StrEnum):
    """What the contract shows."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST: ``duration`` in seconds; without it and without an error the attempt goes on, or its sender died."""

    number: int
    started_at: datetime
    duration: float | None = None
    response_status: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A message of the webhook queue: a delivery to look at.

    ``due`` is the attempt it stands for; one whose row has moved on since is void, since whoever moved it has sent a new ticket.
    Without it, it only says that something may be due. ``replay`` takes up a delivery that was given up.
    """

    request_id: str
    due: datetime | None = None
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of one request's terminal event; ``delivery_id`` is its ``webhook-id``.

    ``first_attempt_at`` anchors the schedule; ``next_attempt_at`` is None when nothing is due any more. ``attempts_before`` were
    made before the last replay, which starts the schedule anew.
    """

    delivery_id: str
    request_id: str
    tenant: str
    url: str
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    first_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None
    last_error: str | None = None
    attempts_before: int = 0

    @property
    def attempts_in_round(self) -> int:
        """Attempts since the last replay."""
        return self.attempts - self.attempts_before

    def begun(self, now: datetime) -> "Delivery":
        """An attempt starts; if its sender dies, the next is due when the lease ends."""
        return replace(
            self,
            status=DeliveryStatus.SENDING,
            attempts=self.attempts + 1,
            first_attempt_at=self.first_attempt_at or now,
            next_attempt_at=now + ATTEMPT_LEASE,
        )

    def acknowledged(self, now: datetime) -> "Delivery":
        """The receiver has it."""
        return replace(self, status=DeliveryStatus.DELIVERED, next_attempt_at=None, delivered_at=now, last_error=None)

    def refused(self, error: str, next_attempt_at: datetime | None) -> "Delivery":
        """The attempt failed; without a next one the delivery is given up."""
        status = DeliveryStatus.FAILED if next_attempt_at is None else DeliveryStatus.PENDING
        return replace(self, status=status, next_attempt_at=next_attempt_at, last_error=error)

    def postponed(self, until: datetime) -> "Delivery":
        """The due attempt has to wait its turn."""
        return replace(self, status=DeliveryStatus.PENDING, next_attempt_at=until)

    def rearmed(self, now: datetime) -> "Delivery":
        """Due at once, with a whole schedule before it and the same ``webhook-id``."""
        return replace(
            self,
            status=DeliveryStatus.PENDING,
            first_attempt_at=None,
            next_attempt_at=now,
            delivered_at=None,
            attempts_before=self.attempts,
        )
