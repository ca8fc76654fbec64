"""`riata.ports.Requests` on both tables: every method that writes is one conditional write or one transaction."""

import itertools
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from riata.adapters.aws_errors import cancellation_codes, translate, translated
from riata.adapters.dynamodb import rows
from riata.adapters.dynamodb.table import Item, Table, from_wire, to_wire, transact, update
from riata.domain.clock import from_wire as moment
from riata.domain.clock import to_wire as text
from riata.domain.ending import Ending
from riata.domain.money import LedgerEntry
from riata.domain.requests import CHECK_EVERY, Idempotency, LogLine, Outcome, Request, Source, Status, sources_of
from riata.errors import InsufficientCredits

_OPEN = "#status IN (:in_queue, :in_progress)"
_OPEN_VALUES = {":in_queue": Status.IN_QUEUE.value, ":in_progress": Status.IN_PROGRESS.value}
_MINE = f"{_OPEN} AND attempt_id = :attempt AND attribute_not_exists(outcome)"
_QUEUE = "QUEUE"
_BALANCE_PLACE = 2
"""Of the balance among the items of a transaction that reserves, as `DynamoRequests._reservation` adds them."""


class DynamoRequests:
    """Separation requests. ``accounts`` is asked for only where money moves: a worker has no right to that table."""

    def __init__(self, jobs: Table, accounts: Callable[[], Table]) -> None:
        self._jobs = jobs
        self._accounts = accounts
        self._log_numbers = itertools.count()

    def submit(self, request: Request, reservation: LedgerEntry | None, idempotency: Idempotency | None = None) -> None:
        """Put the request and its idempotency key, hold its file and reserve its seconds in one transaction."""
        indexes = {"sweep": rows.REQUEST_SWEEP, "sweep_at": text(request.created_at + CHECK_EVERY), "in_queue": _QUEUE}
        items: list[Item] = [{"Put": self._jobs.new(rows.request_row(request) | indexes)}]
        if reservation is not None:
            items += self._reservation(reservation)
        if request.source.file_id is not None:
            items.append(
                self._hold(
                    request, +1, "etag = :etag AND attribute_not_exists(deleted_at)", {":etag": request.source.etag}
                )
            )
        if idempotency is not None:
            first = self._jobs.new(rows.idempotency_row(request.tenant, idempotency, request.created_at))
            # The TTL lags: a key whose window is over may be used again although its row is still there.
            first["ConditionExpression"] = "attribute_not_exists(pk) OR expires_at < :now"
            first["ExpressionAttributeValues"] = to_wire({":now": int(request.created_at.timestamp())})
            items.append({"Put": first})
        self._reserving(items, reservation)

    def first_use(self, tenant: str, key: str, now: datetime) -> Idempotency | None:
        """The first use of an idempotency key within its window."""
        row = self._jobs.get(rows.idempotency_key(tenant, key))
        if row is None or row["expires_at"] < now.timestamp():
            return None
        return Idempotency(key, row["body_hash"], row["request_id"])

    def newest(self, tenant: str, before: Request | None, limit: int) -> Sequence[Request]:
        """A tenant's requests from newest to oldest, deleted ones left out, those older than ``before``."""
        start = {}
        if before is not None:
            place = rows.request_key(before.request_id) | {"owner": tenant, "created_at": text(before.created_at)}
            start["ExclusiveStartKey"] = to_wire(place)
        found = self._jobs.query(
            IndexName="owner",
            ScanIndexForward=False,
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=to_wire({":owner": tenant}),
            **start,
        )
        read = (self.get(row["pk"].removeprefix("REQ#")) for row in found)
        kept = (request for request in read if request is not None and request.deleted_at is None)
        return list(itertools.islice(kept, limit))

    def mark_deleted(self, request_id: str, at: datetime) -> None:
        """Tombstone the request, its outputs due for disposal now."""
        self._jobs.update(
            update(
                rows.request_key(request_id),
                {"deleted_at": text(at), "sweep": rows.REQUEST_DISPOSAL, "sweep_at": text(at)},
                condition="#status IN (:completed, :failed) AND attribute_not_exists(deleted_at)",
                values={":completed": Status.COMPLETED.value, ":failed": Status.FAILED.value},
            )
        )

    def due_for_disposal(self, now: datetime, limit: int) -> Sequence[str]:
        """Ended requests whose outputs should go."""
        return [pk.removeprefix("REQ#") for pk in self._jobs.due(rows.REQUEST_DISPOSAL, text(now), limit)]

    def disposed(self, request_id: str, again: datetime | None = None) -> None:
        """The outputs are gone."""
        key = rows.request_key(request_id)
        if again is None:
            self._jobs.clear_sweep(key, rows.REQUEST_DISPOSAL)
        else:
            self._jobs.move_sweep(key, rows.REQUEST_DISPOSAL, text(again))

    def fetched(self, request_id: str, source: Source) -> None:
        """Bind the fetched copy."""
        self._jobs.update(
            update(
                rows.request_key(request_id),
                {"source": rows.source_text(source)},
                condition=f"{_OPEN} AND attribute_exists(unprepared)",
                values=dict(_OPEN_VALUES),
            )
        )

    def prepare(self, request: Request, duration: float, reservation: LedgerEntry | None) -> None:
        """Store the probed duration and reserve its seconds, in one transaction."""
        found: Item = {"duration": duration}
        if reservation is not None:
            found["reserved"] = -reservation.amount
        change = update(
            rows.request_key(request.request_id),
            found,
            remove=("unprepared",),
            condition=f"{_OPEN} AND attribute_exists(unprepared)",
            values=dict(_OPEN_VALUES),
        )
        items: list[Item] = [{"Update": {"TableName": self._jobs.name} | change}]
        if reservation is not None:
            items += self._reservation(reservation)
        self._reserving(items, reservation)

    def get(self, request_id: str) -> Request | None:
        """The request, or None."""
        row = self._jobs.get(rows.request_key(request_id))
        return rows.request_from(row) if row else None

    def claim(self, seen: Request, attempt_id: str, now: datetime, lease_until: datetime, crashes: int) -> Request:
        """Take the request for one attempt, if nobody touched it since it was ``seen``."""
        unchanged, values = _as_seen(seen)
        started = text(seen.started_at or now)
        row = self._jobs.update(
            update(
                rows.request_key(seen.request_id),
                {
                    "status": Status.IN_PROGRESS.value,
                    "attempt_id": attempt_id,
                    "lease_until": text(lease_until),
                    "crashes": crashes,
                    "started_at": started,
                    "updated_at": text(now),
                    "progress": 0,
                },
                remove=("in_queue",),
                condition=f"{_OPEN} AND attribute_not_exists(outcome) AND #generation = :generation AND {unchanged}",
                values=_OPEN_VALUES | {":generation": seen.generation} | values,
            )
        )
        return rows.request_from(row)

    def renew(self, request_id: str, attempt_id: str, lease_until: datetime, progress: float, now: datetime) -> None:
        """Prolong the lease and show progress."""
        self._jobs.update(
            update(
                rows.request_key(request_id),
                {"lease_until": text(lease_until), "progress": round(progress, 4), "updated_at": text(now)},
                condition=_MINE,
                values=_OPEN_VALUES | {":attempt": attempt_id},
            )
        )

    def give_back(self, request_id: str, attempt_id: str, now: datetime) -> None:
        """Drop the lease, so that the next claim does not count as a crash."""
        self._jobs.update(
            update(
                rows.request_key(request_id),
                {"updated_at": text(now)},
                remove=("lease_until",),
                condition=_MINE,
                values=_OPEN_VALUES | {":attempt": attempt_id},
            )
        )

    def record_outcome(self, request_id: str, attempt_id: str, outcome: Outcome, now: datetime) -> None:
        """Record the one outcome."""
        self._jobs.update(
            update(
                rows.request_key(request_id),
                {"outcome": rows.outcome_text(outcome), "progress": 1, "updated_at": text(now)},
                condition=_MINE,
                values=_OPEN_VALUES | {":attempt": attempt_id},
            )
        )

    def end(self, ending: Ending) -> None:
        """The terminal transaction; its delivery row is put here, so that no event can get lost."""
        request = ending.request
        values: Item = {f":from_{n}": source.value for n, source in enumerate(sources_of(ending.status))}
        condition = f"#status IN ({', '.join(values)})"
        if request.outcome is None:
            condition += " AND attribute_not_exists(outcome) AND #generation = :generation"
            values[":generation"] = request.generation
        else:
            condition += " AND attribute_exists(outcome)"
        if not request.prepared:
            # A reservation made meanwhile must be seen, or nobody would ever give it back.
            condition += " AND attribute_exists(unprepared)"
        changes: Item = {
            "status": ending.status.value,
            "updated_at": text(ending.at),
            "ended_at": text(ending.at),
            "delete_after": text(ending.delete_after),
            "expires_at": rows.request_expiry(ending.delete_after),
            "billed": ending.billed,
            "sweep": rows.REQUEST_DISPOSAL,
            "sweep_at": text(ending.delete_after),
        }
        if ending.failure is not None:
            changes["failure"] = rows.failure_text(ending.failure)
        remove = ("in_queue", "lease_until")
        closing = update(
            rows.request_key(request.request_id), changes, remove=remove, condition=condition, values=values
        )
        items: list[Item] = [{"Update": {"TableName": self._jobs.name} | closing}]
        if ending.entry is not None:
            items += [
                self._entry(ending.entry),
                self._balance(ending.entry, condition="attribute_exists(pk)", values={}),
            ]
        delivery = ending.delivery
        if delivery is not None:
            items.append({"Put": self._jobs.new(rows.delivery_row(delivery))})
        hold = [self._hold(request, -1, "attribute_exists(pk)", {})] if request.source.file_id is not None else []
        try:
            transact(self._jobs.client, items + hold)
        except ClientError as error:
            # The file's row may be gone by now; the request ends all the same.
            if not hold or cancellation_codes(error) != ["None"] * len(items) + ["ConditionalCheckFailed"]:
                raise translate(error) from error
            with translated():
                transact(self._jobs.client, items)

    def raise_generation(self, seen: Request, now: datetime, forget_attempt: bool = False) -> Request:
        """Allow one more execution."""
        row = self._jobs.update(
            update(
                rows.request_key(seen.request_id),
                {"generation": seen.generation + 1, "updated_at": text(now)},
                remove=("attempt_id", "lease_until") if forget_attempt else (),
                condition=f"{_OPEN} AND #generation = :generation",
                values=_OPEN_VALUES | {":generation": seen.generation},
            )
        )
        return rows.request_from(row)

    def due(self, now: datetime, limit: int) -> Sequence[Request]:
        """Open requests whose next check is due; the index lags, so each row is read again."""
        keys = (pk.removeprefix("REQ#") for pk in self._jobs.due(rows.REQUEST_SWEEP, text(now), limit))
        return [request for request in map(self.get, keys) if request is not None and not request.status.is_terminal]

    def postpone(self, request_id: str, until: datetime) -> None:
        """Set an open request's next check."""
        self._jobs.update(
            update(rows.request_key(request_id), {"sweep_at": text(until)}, condition=_OPEN, values=dict(_OPEN_VALUES))
        )

    def queue_position(self, request: Request, cap: int) -> int | None:
        """How many queued requests are ahead, plus one; None beyond ``cap``."""
        with translated():
            page = self._jobs.client.query(
                TableName=self._jobs.name,
                IndexName="queue",
                Select="COUNT",
                Limit=cap,
                KeyConditionExpression="in_queue = :queue AND created_at < :mine",
                ExpressionAttributeValues=to_wire({":queue": _QUEUE, ":mine": text(request.created_at)}),
            )
        return int(page["Count"]) + 1 if page["Count"] < cap else None

    def add_log(self, request_id: str, line: LogLine, expires_at: datetime) -> None:
        """Append a log line; the process id and a counter keep lines of one millisecond apart and in order."""
        order = f"{text(line.timestamp)}#{os.getpid():07d}#{next(self._log_numbers):07d}"
        self._jobs.put(
            {
                "pk": rows.request_key(request_id)["pk"],
                "sk": f"LOG#{order}",
                "timestamp": text(line.timestamp),
                "message": line.message,
                "expires_at": rows.request_expiry(expires_at),
            }
        )

    def logs(self, request_id: str, limit: int) -> Sequence[LogLine]:
        """The newest ``limit`` lines, oldest first."""
        with translated():
            page = self._jobs.client.query(
                TableName=self._jobs.name,
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=limit,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :log)",
                ExpressionAttributeValues=to_wire({":pk": rows.request_key(request_id)["pk"], ":log": "LOG#"}),
            )
        lines = map(from_wire, reversed(page["Items"]))
        return [LogLine(moment(line["timestamp"]), line["message"]) for line in lines]

    def _reservation(self, reservation: LedgerEntry) -> list[Item]:
        """The second and third item of a transaction that reserves."""
        needed = {":needed": -reservation.amount}
        return [self._entry(reservation), self._balance(reservation, condition="balance >= :needed", values=needed)]

    def _reserving(self, items: list[Item], reservation: LedgerEntry | None) -> None:
        try:
            transact(self._jobs.client, items)
        except ClientError as error:
            # A row that is not as expected says more than the balance: the reservation may be somebody's who was faster.
            refused = [place for place, code in enumerate(cancellation_codes(error)) if code != "None"]
            if reservation is not None and refused == [_BALANCE_PLACE]:
                raise InsufficientCredits(
                    f"The file needs {-reservation.amount} credits (audio seconds), more than this key has left."
                ) from error
            raise translate(error) from error

    def _entry(self, entry: LedgerEntry) -> Item:
        return {"Put": self._accounts().new(rows.ledger_row(entry))}

    def _balance(self, entry: LedgerEntry, condition: str, values: dict[str, Any]) -> Item:
        change = update(
            rows.account_key(entry.key_id), {}, add={"balance": entry.amount}, condition=condition, values=values
        )
        return {"Update": {"TableName": self._accounts().name} | change}

    def _hold(self, request: Request, change: int, condition: str, values: dict[str, Any]) -> Item:
        assert request.source.file_id is not None  # noqa: S101 - both callers ask first
        hold = update(
            rows.file_key(request.source.file_id), {}, add={"open_requests": change}, condition=condition, values=values
        )
        return {"Update": {"TableName": self._jobs.name} | hold}


def _as_seen(seen: Request) -> tuple[str, Item]:
    """The condition that attempt and lease are still those of ``seen``."""
    conditions, values = [], {}
    for name, value in (("attempt_id", seen.attempt_id), ("lease_until", seen.lease_until and text(seen.lease_until))):
        if value is None:
            conditions.append(f"attribute_not_exists({name})")
        else:
            conditions.append(f"{name} = :seen_{name}")
            values[f":seen_{name}"] = value
    return " AND ".join(conditions), values
