"""`riata.delivery_ports.DeliveryQueue` on SQS, and the tickets as message bodies."""

import json
import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from riata.adapters.aws_errors import translated
from riata.delivery_ports import LONGEST_DELAY
from riata.domain.clock import from_wire, to_wire
from riata.domain.deliveries import Ticket


def body_of(ticket: Ticket) -> str:
    """Ticket → message body."""
    due = to_wire(ticket.due) if ticket.due is not None else None
    return json.dumps({"request_id": ticket.request_id, "due": due, "replay": ticket.replay})


def ticket_of(body: str) -> Ticket:
    """Message body → ticket; the state machine sends a ``request_id`` alone."""
    values = json.loads(body)
    due = from_wire(values["due"]) if values.get("due") else None
    return Ticket(values["request_id"], due, bool(values.get("replay")))


class SqsDeliveryQueue:
    """The webhook queue; ``dead_letter_url`` is only asked for by whoever gives deliveries up."""

    def __init__(self, client: Any, queue_url: str, dead_letter_url: Callable[[], str]) -> None:
        self._client = client
        self._queue_url = queue_url
        self._dead_letter_url = dead_letter_url

    def send(self, tickets: Sequence[Ticket], delay: timedelta = timedelta(0)) -> None:
        """Send tickets, one call each: SendMessageBatch is an IAM action of its own on local clouds, and can fail in part."""
        seconds = math.ceil(min(max(delay, timedelta(0)), LONGEST_DELAY).total_seconds())
        for ticket in tickets:
            with translated():
                self._client.send_message(
                    QueueUrl=self._queue_url, MessageBody=body_of(ticket), DelaySeconds=seconds
                )

    def dead_letter(self, ticket: Ticket) -> None:
        """Put a ticket into the dead-letter queue."""
        with translated():
            self._client.send_message(QueueUrl=self._dead_letter_url(), MessageBody=body_of(ticket))
