"""What the delivery of webhooks needs from the world, beside `riata.ports`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from riata.domain.deliveries import Attempt, Delivery, Ticket


class Deliveries(Protocol):
    """Deliveries and their attempts."""

    def get(self, request_id: str) -> Delivery | None:
        """The delivery of a request's terminal event, or None."""
        ...

    def change(self, seen: Delivery, new: Delivery, attempt: Attempt | None = None) -> None:
        """Replace the row, and put ``attempt`` in the same transaction.

        Condition: status, attempts and next attempt are still as ``seen``, so that of two who begin an attempt one does.
        """
        ...

    def attempts(self, request_id: str) -> Sequence[Attempt]:
        """Every attempt, oldest first."""
        ...

    def due(self, before: datetime, limit: int) -> Sequence[Ticket]:
        """The attempts that were due before a moment, oldest first; the index lags, so some may be void."""
        ...


@dataclass(frozen=True, slots=True)
class Slot:
    """Permission for one attempt at an endpoint, until its lease ends."""

    endpoint: str
    number: int
    holder: str


@dataclass(frozen=True, slots=True)
class Full:
    """All slots of an endpoint are taken, the oldest ``since``."""

    since: datetime


class EndpointSlots(Protocol):
    """How many attempts may be under way at one endpoint of one tenant."""

    def take(self, endpoint: str, now: datetime, until: datetime) -> Slot | Full:
        """A free slot, leased ``until``."""
        ...

    def release(self, slot: Slot) -> None:
        """Free it; a lease that has ended and gone to another stays with the other."""
        ...


class DeliveryQueue(Protocol):
    """The webhook queue, and its dead letters."""

    def send(self, tickets: Sequence[Ticket], delay: timedelta = timedelta(0)) -> None:
        """Send tickets that become visible after ``delay``, at most `LONGEST_DELAY`."""
        ...

    def dead_letter(self, ticket: Ticket) -> None:
        """Put the ticket of a delivery that is given up before a person."""
        ...


LONGEST_DELAY = timedelta(minutes=15)
"""SQS delays a message no longer; the sweeper ends longer waits."""


class SecretBox(Protocol):
    """Seals small secrets; ``context`` is bound to the sealed text and must be given again to open it."""

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        """The secret, encrypted, as text."""
        ...

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        """The secret."""
        ...


class SignWebhook(Protocol):
    """Signs as Standard Webhooks says."""

    def __call__(self, key: bytes, webhook_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
        """The three headers ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``."""
        ...
