"""Deliveries from outside: what a caller sees of them, how one is sent again, and the sweep over those that are overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from riata.delivery_ports import Deliveries, DeliveryQueue
from riata.domain.accounts import Principal
from riata.domain.deliveries import Attempt, Delivery, DeliveryStatus, Ticket
from riata.errors import ConditionFailed, DeliveryUnderWay, NotFound
from riata.ports import Clock, Requests
from riata.usecases.progress import own_request

OVERDUE = timedelta(seconds=10)
"""How late an attempt must be for the sweeper to take it up: until then its own ticket may be on the way."""

SWEEP_BATCH = 1000


@dataclass(frozen=True)
class ReadDeliveries:
    """GET …/deliveries."""

    requests: Requests
    deliveries: Deliveries

    def __call__(self, principal: Principal, request_id: str) -> tuple[Delivery, Sequence[Attempt]] | None:
        """The delivery of the caller's request with its attempts; None before the end of the request, and without a webhook.

        Raises:
            NotFound: no such request.
        """
        own_request(self.requests, principal, request_id)
        delivery = self.deliveries.get(request_id)
        return (delivery, self.deliveries.attempts(request_id)) if delivery is not None else None


@dataclass(frozen=True)
class ReplayDelivery:
    """POST …/deliveries/{delivery_id}/replay."""

    requests: Requests
    deliveries: Deliveries
    queue: DeliveryQueue
    clock: Clock

    def __call__(self, principal: Principal, request_id: str, delivery_id: str) -> Delivery:
        """The delivery, due now with the same ``webhook-id`` and its whole schedule before it, whether or not it was delivered.

        Raises:
            NotFound: no such request or delivery.
            DeliveryUnderWay: an attempt is being made now.
        """
        own_request(self.requests, principal, request_id)
        seen = self.deliveries.get(request_id)
        if seen is None or seen.delivery_id != delivery_id:
            raise NotFound(f"There is no delivery {delivery_id!r} of this request.")
        now = self.clock()
        is_dead = seen.next_attempt_at is not None and seen.next_attempt_at <= now
        if seen.status is DeliveryStatus.SENDING and not is_dead:
            raise _under_way()
        delivery = seen.rearmed(now)
        try:
            self.deliveries.change(seen, delivery)
        except ConditionFailed:
            raise _under_way() from None
        self.queue.send([Ticket(request_id, delivery.next_attempt_at)])
        return delivery


@dataclass(frozen=True)
class SweepDeliveries:
    """Every minute: a ticket for every attempt that is overdue, whoever lost it."""

    deliveries: Deliveries
    queue: DeliveryQueue
    clock: Clock

    def __call__(self) -> int:
        """How many tickets were sent."""
        tickets = self.deliveries.due(self.clock() - OVERDUE, SWEEP_BATCH)
        self.queue.send(tickets)
        return len(tickets)


def _under_way() -> DeliveryUnderWay:
    return DeliveryUnderWay("An attempt at this delivery is being made. Look at its status before replaying it.")
