"""`riata.delivery_ports` in memory, a scripted receiver, and a post office of all of them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from riata.adapters.signing import sign
from riata.delivery_ports import Full, Slot
from riata.domain.deliveries import Attempt, Delivery, Ticket, Webhook
from riata.domain.ids import new_delivery_id
from riata.domain.options import SeparationOptions
from riata.domain.requests import Failure, Manifest, OutputObject, Request, Source, Status
from riata.domain.urls import UrlField
from riata.domain.webhook_schedule import Schedule
from riata.errors import ConditionFailed, RiataError
from riata.ports import HttpAnswer
from riata.usecases.deliver import SendDelivery, Sent
from riata.usecases.webhooks import secret_context
from tests.fakes.clock import ManualClock

SECRET = "a secret of sixteen"
URL = "https://hooks.example.com/riata?room=1"


class FakeDeliveries:
    """Deliveries; `change` compares and sets as the adapter does."""

    def __init__(self) -> None:
        self.rows: dict[str, Delivery] = {}
        self.made: defaultdict[str, dict[int, Attempt]] = defaultdict(dict)

    def get(self, request_id: str) -> Delivery | None:
        return self.rows.get(request_id)

    def change(self, seen: Delivery, new: Delivery, attempt: Attempt | None = None) -> None:
        row = self.rows.get(seen.request_id)
        if row is None or _version(row) != _version(seen):
            raise ConditionFailed(seen.request_id)
        self.rows[seen.request_id] = new
        if attempt is not None:
            self.made[seen.request_id][attempt.number] = attempt

    def attempts(self, request_id: str) -> Sequence[Attempt]:
        return [attempt for _number, attempt in sorted(self.made[request_id].items())]

    def due(self, before: datetime, limit: int) -> Sequence[Ticket]:
        late = [row for row in self.rows.values() if row.next_attempt_at is not None and row.next_attempt_at < before]
        late.sort(key=lambda row: row.next_attempt_at or before)
        return [Ticket(row.request_id, row.next_attempt_at) for row in late[:limit]]


def _version(row: Delivery) -> tuple[object, ...]:
    return row.status, row.attempts, row.next_attempt_at


class FakeSlots:
    """``count`` slots for each endpoint."""

    def __init__(self, count: int = 5) -> None:
        self._count = count
        self.held: dict[tuple[str, int], tuple[str, datetime, datetime]] = {}

    def take(self, endpoint: str, now: datetime, until: datetime) -> Slot | Full:
        taken = []
        for number in range(self._count):
            lease = self.held.get((endpoint, number))
            if lease is None or lease[2] <= now:
                slot = Slot(endpoint, number, f"holder-{len(self.held)}-{now}")
                self.held[endpoint, number] = slot.holder, now, until
                return slot
            taken.append(lease[1])
        return Full(min(taken))

    def release(self, slot: Slot) -> None:
        lease = self.held.get((slot.endpoint, slot.number))
        if lease is not None and lease[0] == slot.holder:
            del self.held[slot.endpoint, slot.number]


class FakeDeliveryQueue:
    """Tickets with the moment they become visible."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.tickets: list[tuple[datetime, Ticket]] = []
        self.dead: list[Ticket] = []

    def send(self, tickets: Sequence[Ticket], delay: timedelta = timedelta(0)) -> None:
        assert timedelta(0) <= delay <= timedelta(minutes=15)
        self.tickets += [(self._clock() + delay, ticket) for ticket in tickets]

    def dead_letter(self, ticket: Ticket) -> None:
        self.dead.append(ticket)

    def take_visible(self) -> list[Ticket]:
        """What a function would be given now."""
        now = self._clock()
        visible = [ticket for at, ticket in self.tickets if at <= now]
        self.tickets = [(at, ticket) for at, ticket in self.tickets if at > now]
        return visible


class FakeSecretBox:
    """Readable, and strict about its context."""

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        return f"sealed {sorted(context.items())} {secret}"

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        prefix = f"sealed {sorted(context.items())} "
        if not sealed.startswith(prefix):
            raise RiataError("sealed under another context")
        return sealed.removeprefix(prefix)


@dataclass(frozen=True)
class Posted:
    """What arrived at the receiver."""

    at: datetime
    url: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[], HttpAnswer]


class FakeReceiver:
    """`riata.ports.UrlFetch` whose POSTs are answered by a script; the last answer repeats."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.posted: list[Posted] = []
        self.checked: list[str] = []
        self.script: list[Answer] = [answers(204)]

    def check(self, url: str, field: UrlField) -> None:
        self.checked.append(url)

    def post(self, url: str, field: UrlField, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpAnswer:
        self.posted.append(Posted(self._clock(), url, headers, body))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return answer()


def answers(status: int, **headers: str) -> Answer:
    """An answer with this status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: HttpAnswer(status, named, b"")


def fails(error: RiataError) -> Answer:
    """No answer, but an error."""

    def answer() -> HttpAnswer:
        raise error

    return answer


class EndedRequests:
    """The one method of `riata.ports.Requests` that sending needs."""

    def __init__(self) -> None:
        self.rows: dict[str, Request] = {}

    def get(self, request_id: str) -> Request | None:
        return self.rows.get(request_id)


class PostOffice:
    """The real use case on these fakes, and time that runs from ticket to ticket."""

    def __init__(self, slots: int = 5, scale: float = 1.0) -> None:
        self.clock = ManualClock()
        self.requests = EndedRequests()
        self.deliveries = FakeDeliveries()
        self.queue = FakeDeliveryQueue(self.clock)
        self.receiver = FakeReceiver(self.clock)
        self.slots = FakeSlots(slots)
        self.secrets = FakeSecretBox()
        self.jitter = 0.0
        self.send = SendDelivery(
            self.requests, self.deliveries, self.slots, self.queue, self.receiver, self.secrets, sign, Schedule(scale),
            self.clock, b"media key", lambda: self.jitter,
        )  # fmt: skip

    def ended(self, request_id: str = "req_1", *, failure: Failure | None = None, metadata: str | None = None) -> Delivery:
        """A request that has ended, its delivery due now."""
        now = self.clock()
        webhook = Webhook(URL, self.secrets.seal(SECRET, secret_context(request_id)))
        self.requests.rows[request_id] = ended_request(request_id, now, webhook, failure, metadata)
        delivery = Delivery(new_delivery_id(), request_id, "ada", URL, now, next_attempt_at=now)
        self.deliveries.rows[request_id] = delivery
        return delivery

    def row(self, request_id: str = "req_1") -> Delivery:
        return self.deliveries.rows[request_id]

    def deliver(self, request_id: str = "req_1") -> Sent:
        """What the state machine's Notify leads to."""
        return self.send(Ticket(request_id))

    def take_tickets(self) -> list[Sent]:
        """Hand out every ticket that is visible now."""
        return [self.send(ticket) for ticket in self.queue.take_visible()]

    def until_next_attempt(self, request_id: str = "req_1") -> Sent:
        """Let time pass to the next attempt and make it, as the sweeper would if no ticket did."""
        due = self.row(request_id).next_attempt_at
        assert due is not None
        self.clock.now = due
        return self.send(Ticket(request_id, due))


def ended_request(
    request_id: str, at: datetime, webhook: Webhook | None, failure: Failure | None = None, metadata: str | None = None
) -> Request:
    """A request of 12.5 s as the terminal transaction leaves it."""
    stems = (OutputObject(f"outputs/{request_id}/att/{stem}.wav", "audio/wav", f"{stem}.wav") for stem in ("target", "residual"))
    return Request(
        request_id=request_id,
        tenant="ada",
        key_id="key",
        status=Status.COMPLETED if failure is None else Status.FAILED,
        created_at=at - timedelta(seconds=30),
        updated_at=at,
        source=Source("uploads/file_1", '"etag"', "audio/wav", "file_1"),
        options=SeparationOptions(prompt="the piano"),
        base_url="https://api.riata.test",
        duration=12.5,
        delete_after=at + timedelta(hours=72),
        metered=True,
        reserved=13,
        billed=13 if failure is None else 0,
        outcome=Manifest(*stems, 12.5, 44_100, {"backend": "fake"}) if failure is None else failure,
        ended_at=at,
        failure=failure,
        metadata=metadata,
        webhook=webhook,
    )
