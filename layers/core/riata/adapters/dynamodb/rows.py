"""Domain objects ↔ items. Times are RFC 3339 text of fixed width, so that they sort; nested values are JSON text."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from riata.adapters.dynamodb.table import Item
from riata.domain.accounts import ApiKey, Scope
from riata.domain.clock import from_wire as moment
from riata.domain.clock import to_wire as text
from riata.domain.deliveries import Delivery, DeliveryStatus, Webhook
from riata.domain.files import File
from riata.domain.media import MediaInfo
from riata.domain.money import EntryKind, LedgerEntry
from riata.domain.options import Acceleration, OutputFormat, SeparationOptions, Span
from riata.domain.requests import (
    IDEMPOTENCY_WINDOW,
    Failure,
    Idempotency,
    Manifest,
    Outcome,
    OutputObject,
    Request,
    Source,
    Status,
)

REQUEST_SWEEP = "REQUEST"
DELIVERY_SWEEP = "DELIVERY"
FILE_DISPOSAL = "DISPOSE_FILE"
REQUEST_DISPOSAL = "DISPOSE_REQUEST"
"""Partitions of the ``sweep`` index."""

FILE_KEEP_SECONDS = 7 * 86400
"""A file's row outlives its object, so that requests that still run find it."""

REQUEST_KEEP_SECONDS = 30 * 86400
"""A request's row outlives its outputs, so that a late caller is told that they expired."""


def file_key(file_id: str) -> Item:
    """Primary key of a file."""
    return {"pk": f"FILE#{file_id}", "sk": "FILE"}


def request_key(request_id: str) -> Item:
    """Primary key of a request."""
    return {"pk": f"REQ#{request_id}", "sk": "REQ"}


def idempotency_key(tenant: str, key: str) -> Item:
    """Primary key of an idempotency key's first use."""
    return {"pk": f"IDEM#{tenant}#{key}", "sk": "IDEM"}


def idempotency_row(tenant: str, first: Idempotency, now: datetime) -> Item:
    """First use → item; its TTL is the window."""
    return idempotency_key(tenant, first.key) | {
        "body_hash": first.body_hash,
        "request_id": first.request_id,
        "expires_at": int((now + IDEMPOTENCY_WINDOW).timestamp()),
    }


def delivery_key(request_id: str) -> Item:
    """Primary key of the delivery of a request's terminal event."""
    return {"pk": f"REQ#{request_id}", "sk": "DELIVERY"}


def account_key(key_id: str) -> Item:
    """Primary key of an API key."""
    return {"pk": f"KEY#{key_id}", "sk": "KEY"}


def _opt(value: datetime | None) -> str | None:
    return text(value) if value is not None else None


def _moment(value: str | None) -> datetime | None:
    return moment(value) if value is not None else None


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, separators=(",", ":"))


def file_row(file: File) -> Item:
    """File → item."""
    return file_key(file.file_id) | {
        "file_id": file.file_id,
        "tenant": file.tenant,
        "file_name": file.file_name,
        "content_type": file.content_type,
        "file_size": file.file_size,
        "created_at": text(file.created_at),
        "upload_expires_at": text(file.upload_expires_at),
        "delete_after": text(file.delete_after),
        "uploaded_at": _opt(file.uploaded_at),
        "etag": file.etag,
        "media": media_text(file.media),
        "media_error": file.media_error,
        "open_requests": 0,
        "sweep": FILE_DISPOSAL,
        "sweep_at": text(file.delete_after),
        "expires_at": int(file.delete_after.timestamp()) + FILE_KEEP_SECONDS,
    }


def file_from(row: Item) -> File:
    """Item → file."""
    return File(
        file_id=row["file_id"],
        tenant=row["tenant"],
        file_name=row["file_name"],
        content_type=row["content_type"],
        file_size=row["file_size"],
        created_at=moment(row["created_at"]),
        upload_expires_at=moment(row["upload_expires_at"]),
        delete_after=moment(row["delete_after"]),
        uploaded_at=_moment(row.get("uploaded_at")),
        etag=row.get("etag"),
        media=MediaInfo(**json.loads(row["media"])) if row.get("media") else None,
        media_error=row.get("media_error"),
        deleted_at=_moment(row.get("deleted_at")),
        open_requests=row.get("open_requests", 0),
    )


def media_text(media: MediaInfo | None) -> str | None:
    """Media info → JSON text."""
    return _json(asdict(media)) if media is not None else None


def outcome_text(outcome: Outcome) -> str:
    """Outcome → JSON text: ``{"manifest": …}`` or ``{"failure": …}``."""
    return json.dumps({"manifest" if isinstance(outcome, Manifest) else "failure": asdict(outcome)})


def outcome_from(stored: str | None) -> Outcome | None:
    """JSON text → outcome."""
    if stored is None:
        return None
    parts = json.loads(stored)
    if "failure" in parts:
        return Failure(**parts["failure"])
    values = parts["manifest"]
    return Manifest(**values | {name: OutputObject(**values[name]) for name in ("target", "residual")})


def source_text(source: Source) -> str:
    """Source → JSON text."""
    return json.dumps(asdict(source))


def failure_text(failure: Failure) -> str:
    """Failure → JSON text."""
    return json.dumps(asdict(failure))


def request_row(request: Request) -> Item:
    """Request → item, without the index attributes of `REQUEST_INDEXES`."""
    return request_key(request.request_id) | {
        "owner": request.tenant,
        "request_id": request.request_id,
        "tenant": request.tenant,
        "key_id": request.key_id,
        "status": request.status.value,
        "created_at": text(request.created_at),
        "updated_at": text(request.updated_at),
        "source": source_text(request.source),
        "options": _json(asdict(request.options)),
        "base_url": request.base_url,
        "duration": request.duration,
        "delete_after": text(request.delete_after),
        "generation": request.generation,
        "metered": request.metered,
        "reserved": request.reserved,
        "progress": request.progress,
        "crashes": request.crashes,
        "metadata": request.metadata,
        "webhook": _json(asdict(request.webhook)) if request.webhook else None,
        "unprepared": None if request.prepared else True,
        "expires_at": request_expiry(request.delete_after),
    }


def request_expiry(delete_after: datetime) -> int:
    """The TTL of a request's row."""
    return int(delete_after.timestamp()) + REQUEST_KEEP_SECONDS


def request_from(row: Item) -> Request:
    """Item → request."""
    return Request(
        request_id=row["request_id"],
        tenant=row["tenant"],
        key_id=row["key_id"],
        status=Status(row["status"]),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        source=Source(**json.loads(row["source"])),
        options=_options_from(json.loads(row["options"])),
        base_url=row["base_url"],
        duration=float(row["duration"]),
        delete_after=moment(row["delete_after"]),
        generation=row["generation"],
        metered=row["metered"],
        reserved=row.get("reserved"),
        billed=row.get("billed"),
        progress=float(row["progress"]),
        attempt_id=row.get("attempt_id"),
        lease_until=_moment(row.get("lease_until")),
        crashes=row["crashes"],
        outcome=outcome_from(row.get("outcome")),
        started_at=_moment(row.get("started_at")),
        ended_at=_moment(row.get("ended_at")),
        failure=Failure(**json.loads(row["failure"])) if row.get("failure") else None,
        metadata=row.get("metadata"),
        webhook=Webhook(**json.loads(row["webhook"])) if row.get("webhook") else None,
        deleted_at=_moment(row.get("deleted_at")),
        prepared=not row.get("unprepared"),
    )


def _options_from(values: dict[str, Any]) -> SeparationOptions:
    return SeparationOptions(
        **values
        | {
            "spans": tuple(Span(**span) for span in values["spans"]),
            "acceleration": Acceleration(values["acceleration"]),
            "output_format": OutputFormat(values["output_format"]),
        }
    )


def delivery_row(delivery: Delivery) -> Item:
    """Delivery → item; it is in the ``sweep`` index while an attempt is due."""
    due = delivery.next_attempt_at is not None
    return delivery_key(delivery.request_id) | {
        "delivery_id": delivery.delivery_id,
        "request_id": delivery.request_id,
        "tenant": delivery.tenant,
        "url": delivery.url,
        "created_at": text(delivery.created_at),
        "status": delivery.status.value,
        "attempts": delivery.attempts,
        "attempts_before": delivery.attempts_before,
        "first_attempt_at": _opt(delivery.first_attempt_at),
        "delivered_at": _opt(delivery.delivered_at),
        "last_error": delivery.last_error,
        "sweep": DELIVERY_SWEEP if due else None,
        "sweep_at": _opt(delivery.next_attempt_at),
        "expires_at": request_expiry(delivery.created_at),
    }


def delivery_from(row: Item) -> Delivery:
    """Item → delivery."""
    return Delivery(
        delivery_id=row["delivery_id"],
        request_id=row["request_id"],
        tenant=row["tenant"],
        url=row["url"],
        created_at=moment(row["created_at"]),
        status=DeliveryStatus(row["status"]),
        attempts=row["attempts"],
        first_attempt_at=_moment(row.get("first_attempt_at")),
        next_attempt_at=_moment(row.get("sweep_at")),
        delivered_at=_moment(row.get("delivered_at")),
        last_error=row.get("last_error"),
        attempts_before=row.get("attempts_before", 0),
    )


def api_key_row(key: ApiKey) -> Item:
    """API key → item."""
    return account_key(key.key_id) | {
        "key_id": key.key_id,
        "tenant": key.tenant,
        "secret_hash": key.secret_hash,
        "scopes": sorted(key.scopes),
        "metered": key.metered,
        "balance": key.balance,
        "created_at": text(key.created_at),
        "revoked_at": _opt(key.revoked_at),
    }


def api_key_from(row: Item) -> ApiKey:
    """Item → API key."""
    return ApiKey(
        key_id=row["key_id"],
        tenant=row["tenant"],
        secret_hash=row["secret_hash"],
        scopes=frozenset(map(Scope, row["scopes"])),
        metered=row["metered"],
        balance=row["balance"],
        created_at=moment(row["created_at"]),
        revoked_at=_moment(row.get("revoked_at")),
    )


def ledger_row(entry: LedgerEntry) -> Item:
    """Ledger entry → item."""
    return {
        "pk": f"KEY#{entry.key_id}",
        "sk": f"LEDGER#{entry.entry_id}",
        "key_id": entry.key_id,
        "entry_id": entry.entry_id,
        "kind": entry.kind.value,
        "amount": entry.amount,
        "created_at": text(entry.created_at),
    }


def ledger_from(row: Item) -> LedgerEntry:
    """Item → ledger entry."""
    return LedgerEntry(row["key_id"], row["entry_id"], EntryKind(row["kind"]), row["amount"], moment(row["created_at"]))
