"""The webhook of a request: where its terminal event goes, and how far the delivery is.

The event itself is not stored: everything in it follows from the ended request, which never changes. Its ``webhook-id`` is fixed
when the request ends, so that a receiver can tell a repetition from news.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to, and with which signing secret; ``sealed_secret`` is encrypted, the plain one is never stored."""

    url: str
    sealed_secret: str


class DeliveryStatus(StrEnum):
    """What the contract shows."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of one request's terminal event; ``delivery_id`` is its ``webhook-id``.

    ``first_attempt_at`` anchors the schedule; ``next_attempt_at`` is None when nothing is due any more.
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
