"""`riata.ports.Requests` in memory."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from riata.domain.ending import Ending
from riata.domain.money import LedgerEntry
from riata.domain.requests import (
    CHECK_EVERY,
    IDEMPOTENCY_WINDOW,
    Idempotency,
    LogLine,
    Outcome,
    Request,
    Source,
    Status,
    sources_of,
)
from riata.errors import ConditionFailed, InsufficientCredits
from tests.fakes.accounts import FakeAccounts
from tests.fakes.files import FakeFiles
from tests.fakes.webhooks import FakeDeliveries


class FakeRequests:
    """Requests; a transaction reaches into the fakes of the accounts, the files and the deliveries."""

    def __init__(self, accounts: FakeAccounts, files: FakeFiles, deliveries: FakeDeliveries) -> None:
        self._accounts = accounts
        self._files = files
        self._deliveries = deliveries
        self.rows: dict[str, Request] = {}
        self.check_at: dict[str, datetime] = {}
        self.dispose_at: dict[str, datetime] = {}
        self._keys: dict[tuple[str, str], tuple[Idempotency, datetime]] = {}
        self._lines: defaultdict[str, list[LogLine]] = defaultdict(list)

    def submit(self, request: Request, reservation: LedgerEntry | None, idempotency: Idempotency | None = None) -> None:
        held = request.source.file_id
        file = self._files.get(held) if held is not None else None
        is_free = held is None or (file and file.etag == request.source.etag and file.deleted_at is None)
        is_repeated = idempotency and self.first_use(request.tenant, idempotency.key, request.created_at)
        if request.request_id in self.rows or not is_free or is_repeated:
            raise ConditionFailed(request.request_id)
        if reservation is not None:
            self._reserve(reservation)
        self.rows[request.request_id] = request
        self.check_at[request.request_id] = request.created_at + CHECK_EVERY
        if held is not None:
            self._files.hold(held, +1)
        if idempotency is not None:
            until = request.created_at + IDEMPOTENCY_WINDOW
            self._keys[request.tenant, idempotency.key] = idempotency, until

    def first_use(self, tenant: str, key: str, now: datetime) -> Idempotency | None:
        first, until = self._keys.get((tenant, key), (None, now))
        return first if until >= now else None

    def newest(self, tenant: str, before: Request | None, limit: int) -> Sequence[Request]:
        own = [row for row in self.rows.values() if row.tenant == tenant and row.deleted_at is None]
        older = [row for row in own if before is None or _age(row) < _age(before)]
        return sorted(older, key=_age, reverse=True)[:limit]

    def mark_deleted(self, request_id: str, at: datetime) -> None:
        row = self.rows.get(request_id)
        if row is None or not row.status.is_terminal or row.deleted_at is not None:
            raise ConditionFailed(request_id)
        self._store(replace(row, deleted_at=at))
        self.dispose_at[request_id] = at

    def due_for_disposal(self, now: datetime, limit: int) -> Sequence[str]:
        due = sorted((at, request_id) for request_id, at in self.dispose_at.items() if at <= now)
        return [request_id for _at, request_id in due[:limit]]

    def disposed(self, request_id: str, again: datetime | None = None) -> None:
        if again is None:
            self.dispose_at.pop(request_id, None)
        elif request_id in self.dispose_at:
            self.dispose_at[request_id] = again

    def fetched(self, request_id: str, source: Source) -> None:
        self._store(replace(self._unprepared(request_id), source=source))

    def prepare(self, request: Request, duration: float, reservation: LedgerEntry | None) -> None:
        row = self._unprepared(request.request_id)
        if reservation is not None:
            self._reserve(reservation)
            row = replace(row, reserved=-reservation.amount)
        self._store(replace(row, duration=duration, prepared=True))

    def get(self, request_id: str) -> Request | None:
        return self.rows.get(request_id)

    def claim(self, seen: Request, attempt_id: str, now: datetime, lease_until: datetime, crashes: int) -> Request:
        row = self._open(seen.request_id)
        as_seen = (row.attempt_id, row.lease_until, row.generation) == (seen.attempt_id, seen.lease_until, seen.generation)
        if row.outcome is not None or not as_seen:
            raise ConditionFailed(seen.request_id)
        return self._store(
            replace(
                row,
                status=Status.IN_PROGRESS,
                attempt_id=attempt_id,
                lease_until=lease_until,
                crashes=crashes,
                started_at=seen.started_at or now,
                updated_at=now,
                progress=0.0,
            )
        )

    def renew(self, request_id: str, attempt_id: str, lease_until: datetime, progress: float, now: datetime) -> None:
        row = self._mine(request_id, attempt_id)
        self._store(replace(row, lease_until=lease_until, progress=round(progress, 4), updated_at=now))

    def give_back(self, request_id: str, attempt_id: str, now: datetime) -> None:
        self._store(replace(self._mine(request_id, attempt_id), lease_until=None, updated_at=now))

    def record_outcome(self, request_id: str, attempt_id: str, outcome: Outcome, now: datetime) -> None:
        self._store(replace(self._mine(request_id, attempt_id), outcome=outcome, progress=1.0, updated_at=now))

    def end(self, ending: Ending) -> None:
        seen, entry, delivery = ending.request, ending.entry, ending.delivery
        row = self.rows.get(seen.request_id)
        if row is None or row.status not in sources_of(ending.status):
            raise ConditionFailed(seen.request_id)
        if seen.outcome is None and (row.outcome is not None or row.generation != seen.generation):
            raise ConditionFailed(seen.request_id)
        if (seen.outcome is not None and row.outcome is None) or (row.prepared and not seen.prepared):
            raise ConditionFailed(seen.request_id)
        if delivery and self._deliveries.get(seen.request_id) is not None:
            raise ConditionFailed(seen.request_id)
        if entry and (self._accounts.has(entry) or self._accounts.get_key(entry.key_id) is None):
            raise ConditionFailed(seen.request_id)
        self._store(
            replace(
                row,
                status=ending.status,
                updated_at=ending.at,
                ended_at=ending.at,
                delete_after=ending.delete_after,
                billed=ending.billed,
                failure=ending.failure,
                lease_until=None,
            )
        )
        self.dispose_at[seen.request_id] = ending.delete_after
        if entry is not None:
            self._accounts.post(entry)
        if delivery is not None:
            self._deliveries.rows[seen.request_id] = delivery
        if seen.source.file_id in self._files.rows:
            self._files.hold(seen.source.file_id, -1)

    def raise_generation(self, seen: Request, now: datetime, forget_attempt: bool = False) -> Request:
        row = self._open(seen.request_id)
        if row.generation != seen.generation:
            raise ConditionFailed(seen.request_id)
        if forget_attempt:
            row = replace(row, attempt_id=None, lease_until=None)
        return self._store(replace(row, generation=row.generation + 1, updated_at=now))

    def due(self, now: datetime, limit: int) -> Sequence[Request]:
        waiting = [row for row in self.rows.values() if not row.status.is_terminal and self.check_at[row.request_id] <= now]
        return sorted(waiting, key=lambda row: self.check_at[row.request_id])[:limit]

    def postpone(self, request_id: str, until: datetime) -> None:
        self._open(request_id)
        self.check_at[request_id] = until

    def queue_position(self, request: Request, cap: int) -> int | None:
        queued = (row for row in self.rows.values() if row.status is Status.IN_QUEUE)
        ahead = sum(row.created_at < request.created_at for row in queued)
        return ahead + 1 if ahead < cap else None

    def add_log(self, request_id: str, line: LogLine, expires_at: datetime) -> None:
        self._lines[request_id].append(line)

    def logs(self, request_id: str, limit: int) -> Sequence[LogLine]:
        return sorted(self._lines[request_id], key=lambda line: line.timestamp)[-limit:]

    def _reserve(self, reservation: LedgerEntry) -> None:
        if self._accounts.has(reservation):
            raise ConditionFailed(reservation.entry_id)
        key = self._accounts.get_key(reservation.key_id)
        if key is None or key.balance < -reservation.amount:
            raise InsufficientCredits(f"The file needs {-reservation.amount} credits.")
        self._accounts.post(reservation)

    def _unprepared(self, request_id: str) -> Request:
        row = self._open(request_id)
        if row.prepared:
            raise ConditionFailed(request_id)
        return row

    def _open(self, request_id: str) -> Request:
        row = self.rows.get(request_id)
        if row is None or row.status.is_terminal:
            raise ConditionFailed(request_id)
        return row

    def _mine(self, request_id: str, attempt_id: str) -> Request:
        row = self._open(request_id)
        if row.attempt_id != attempt_id or row.outcome is not None:
            raise ConditionFailed(request_id)
        return row

    def _store(self, row: Request) -> Request:
        self.rows[row.request_id] = row
        return row


def _age(row: Request) -> tuple[datetime, str]:
    return row.created_at, row.request_id
