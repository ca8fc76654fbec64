"""Sending webhooks: one attempt per ticket.

The row decides, not the ticket: an attempt begins by a conditional write on the delivery, so that two senders never make the same
one, and a ticket whose attempt is not the row's any more is dropped. A process that dies leaves a row whose next attempt falls due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from urllib.parse import urlsplit

from riata.delivery_ports import LONGEST_DELAY, Deliveries, DeliveryQueue, EndpointSlots, Full, SecretBox, SignWebhook
from riata.domain.deliveries import Attempt, Delivery, DeliveryStatus, Ticket
from riata.domain.events import event_body, event_of
from riata.domain.requests import Request
from riata.domain.urls import WEBHOOK_URL
from riata.domain.webhook_schedule import GONE, TIMEOUT, Schedule, acknowledges, retry_after_of
from riata.domain.webhook_secret import signing_key
from riata.errors import ConditionFailed, InvalidWebhookUrl, RemoteFailed
from riata.ports import Clock, Requests, UrlFetch
from riata.usecases.webhooks import secret_context

SLOTS_PER_ENDPOINT = 5
"""Attempts under way at once at one host of one tenant: a receiver that hangs holds up no other."""

SLOT_LEASE = timedelta(seconds=30)
"""Longer than any attempt takes; a slot whose holder died is free again after it."""

SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=60)
"""Bounds of the wait for a slot."""


class Sent(Enum):
    """What became of a ticket."""

    DELIVERED = auto()
    RETRY = auto()
    """The attempt failed; the next has a date."""
    GIVEN_UP = auto()
    EARLY = auto()
    """Not due yet: a new ticket waits on."""
    BUSY = auto()
    """Enough attempts are under way at this endpoint: a new ticket waits for a slot."""
    VOID = auto()
    """Nothing to do: delivered, given up, moved on, or another sender has it."""


@dataclass(frozen=True)
class SendDelivery:
    """Make the attempt that a ticket stands for, if it is due and nobody else makes it."""

    requests: Requests
    deliveries: Deliveries
    slots: EndpointSlots
    queue: DeliveryQueue
    fetch: UrlFetch
    secrets: SecretBox
    sign: SignWebhook
    schedule: Schedule
    clock: Clock
    media_key: bytes
    random: Callable[[], float]

    def __call__(self, ticket: Ticket) -> Sent:
        """Look at the delivery and do what is due.

        Raises:
            Unavailable: a dependency failed before the attempt began; the ticket may be given again.
        """
        delivery = self.deliveries.get(ticket.request_id)
        if delivery is not None and ticket.replay and delivery.status is DeliveryStatus.FAILED:
            delivery = self._changed(delivery, delivery.rearmed(self.clock()))
        elif delivery is not None and ticket.due is not None and ticket.due != delivery.next_attempt_at:
            return Sent.VOID
        if delivery is None or delivery.next_attempt_at is None:
            return Sent.VOID
        now = self.clock()
        if delivery.next_attempt_at > now:
            self._wait(delivery, delivery.next_attempt_at - now)
            return Sent.EARLY
        slot = self.slots.take(_endpoint(delivery), now, now + SLOT_LEASE)
        if isinstance(slot, Full):
            return self._postpone(delivery, now, slot)
        try:
            return self._attempt(delivery)
        finally:
            self.slots.release(slot)

    def _attempt(self, due: Delivery) -> Sent:
        request = self.requests.get(due.request_id)
        if request is None or request.webhook is None:
            return Sent.VOID
        key = signing_key(self.secrets.open(request.webhook.sealed_secret, secret_context(request.request_id)))
        started = self.clock()
        delivery = due.begun(started)
        if self._changed(due, delivery, Attempt(delivery.attempts, started)) is None:
            return Sent.VOID
        status, error, retry_after = self._post(request, delivery, key, started)
        ended = self.clock()
        attempt = Attempt(delivery.attempts, started, (ended - started).total_seconds(), status, error)
        if error is None:
            self._changed(delivery, delivery.acknowledged(ended), attempt)
            return Sent.DELIVERED
        return self._refused(delivery, attempt, error, ended, retry_after)

    def _post(
        self, request: Request, delivery: Delivery, key: bytes, at: datetime
    ) -> tuple[int | None, str | None, timedelta | None]:
        """The receiver's status, what is wrong with it, and how long it wants to be left alone."""
        body = event_body(event_of(request, self.media_key))
        headers = {"content-type": "application/json", **self.sign(key, delivery.delivery_id, at, body)}
        try:
            answer = self.fetch.post(delivery.url, WEBHOOK_URL, body, headers, TIMEOUT.total_seconds())
        except RemoteFailed as error:
            return None, f"The webhook URL cannot be reached: {error}.", None
        except InvalidWebhookUrl as error:
            return None, error.message, None
        if acknowledges(answer.status):
            return answer.status, None, None
        retry_after = retry_after_of(answer.headers.get("retry-after"), self.clock())
        return answer.status, f"The receiver answered with status {answer.status}.", retry_after

    def _refused(
        self, delivery: Delivery, attempt: Attempt, error: str, now: datetime, retry_after: timedelta | None
    ) -> Sent:
        next_attempt = None
        if attempt.response_status != GONE:
            next_attempt = self.schedule.next_attempt(delivery, now, self.random(), retry_after)
            if next_attempt is None:
                # Before the row says so: a death in between repeats the letter rather than losing it.
                self.queue.dead_letter(Ticket(delivery.request_id, replay=True))
        refused = self._changed(delivery, delivery.refused(error, next_attempt), attempt)
        if next_attempt is None:
            return Sent.GIVEN_UP
        if refused is not None:
            self._wait(refused, next_attempt - now)
        return Sent.RETRY

    def _postpone(self, delivery: Delivery, now: datetime, full: Full) -> Sent:
        # An endpoint that answers at once frees its slots at once; one that hangs is asked the less often the longer it hangs.
        wait = min(max((now - full.since) * 2, SHORTEST_WAIT), LONGEST_WAIT) * (0.5 + self.random())
        postponed = self._changed(delivery, delivery.postponed(now + wait))
        if postponed is None:
            return Sent.VOID
        self._wait(postponed, wait)
        return Sent.BUSY

    def _wait(self, delivery: Delivery, wait: timedelta) -> None:
        """A ticket for later; what waits longer than a message can is left to the sweeper."""
        if wait <= LONGEST_DELAY:
            self.queue.send([Ticket(delivery.request_id, delivery.next_attempt_at)], wait)

    def _changed(self, seen: Delivery, new: Delivery, attempt: Attempt | None = None) -> Delivery | None:
        """The new row, or None when somebody else has moved it."""
        try:
            self.deliveries.change(seen, new, attempt)
        except ConditionFailed:
            return None
        return new


def _endpoint(delivery: Delivery) -> str:
    return f"{delivery.tenant}#{urlsplit(delivery.url).netloc.lower()}"
