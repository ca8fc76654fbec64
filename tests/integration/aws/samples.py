"""One of everything, with every field set that a caller or a worker can set."""

from datetime import UTC, datetime, timedelta
from typing import Any

from riata.domain.accounts import ApiKey, Scope
from riata.domain.deliveries import Webhook
from riata.domain.ending import Ending
from riata.domain.files import File
from riata.domain.money import EntryKind, LedgerEntry
from riata.domain.options import Acceleration, OutputFormat, SeparationOptions, Span
from riata.domain.requests import Failure, Manifest, Outcome, OutputObject, Request, Source, Status

NOW = datetime(2026, 4, 25, 8, 0, 0, 123_000, tzinfo=UTC)
ETAG = '"0123456789abcdef"'
FAILURE = Failure("MEDIA_SILENT", "There is nothing to hear: «leise».")
MANIFEST = Manifest(
    OutputObject("outputs/req_1/att_1/target.wav", "audio/wav", "target.wav", "outputs/req_1/att_1/target.mp4"),
    OutputObject("outputs/req_1/att_1/residual.wav", "audio/wav", "residual.wav"),
    12.345_678_901_234_5,
    44_100,
    {"backend": "fake", "target_db": -12.5, "spans": [{"start": 0.1, "end": 2}]},
)
RETENTION = timedelta(hours=72)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def key(key_id: str = "key_1", balance: int = 100, **changes: Any) -> ApiKey:
    values: dict[str, Any] = {
        "key_id": key_id, "tenant": "ada", "secret_hash": "0" * 64, "scopes": frozenset(Scope), "metered": True,
        "balance": balance, "created_at": NOW,
    }  # fmt: skip
    return ApiKey(**values | changes)


def entry(entry_id: str, amount: int, kind: EntryKind = EntryKind.CREDIT, key_id: str = "key_1") -> LedgerEntry:
    return LedgerEntry(key_id, entry_id, kind, amount, NOW)


def file(file_id: str = "file_1", **changes: Any) -> File:
    values: dict[str, Any] = {
        "file_id": file_id, "tenant": "ada", "file_name": "Für Elise (live).wav", "content_type": "audio/wav", "file_size": 1234,
        "created_at": NOW, "upload_expires_at": NOW + timedelta(hours=1), "delete_after": NOW + timedelta(hours=24),
    }  # fmt: skip
    return File(**values | changes)


def request(request_id: str = "req_1", file_id: str | None = None, **changes: Any) -> Request:
    values: dict[str, Any] = {
        "request_id": request_id, "tenant": "ada", "key_id": "key_1", "status": Status.IN_QUEUE, "created_at": NOW,
        "updated_at": NOW, "source": Source(f"uploads/{file_id}", ETAG, "audio/wav", file_id),
        "options": SeparationOptions(
            "the piano", (Span(0.25, 1.5), Span(2, 3, False)), True, 3, Acceleration.QUALITY, 12.5, 0.3, OutputFormat.MP3, 2**62
        ),
        "base_url": "https://api.riata.test", "duration": 12.345_678, "delete_after": NOW + RETENTION,
        "metadata": '{"song":"Für Elise"}',
    }  # fmt: skip
    return Request(**values | changes)


def metered(request_id: str = "req_1", reserved: int = 13, **changes: Any) -> Request:
    return request(request_id, metered=True, reserved=reserved, **changes)


def with_webhook(request_id: str = "req_1") -> Request:
    return request(request_id, webhook=Webhook("https://hooks.example.com/riata", "sealed"))


def ending(seen: Request, outcome: Outcome | None = None) -> Ending:
    found = outcome or seen.outcome
    assert found is not None
    return Ending(seen, found, NOW + seconds(60), RETENTION)
