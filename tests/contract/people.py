"""Callers of the service and what they have there: keys, files, requests in every state."""

import io
import wave
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

from riata.bootstrap import App
from riata.domain import media_token
from riata.domain.accounts import ALL_SCOPES, Scope
from riata.domain.files import File
from riata.domain.ids import new_file_id
from riata.domain.media_token import MediaGrant
from riata.domain.requests import Failure, Manifest, Outcome, OutputObject
from riata.usecases.work import Attempt, Claimed
from tests.contract.calls import Answer, call
from tests.contract.deployment import REGION

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
PROMPT = "separate the piano from the background music"


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
    """A mono WAV file that is not silent."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(range(256)) * int(seconds * rate * 2 / 256 + 1))
    return file.getvalue()


@dataclass(frozen=True)
class Caller:
    """One API key."""

    tenant: str
    key: str

    def get(self, url: str) -> Answer:
        return call("GET", url, key=self.key)

    def post(self, url: str, body: Any) -> Answer:
        return call("POST", url, key=self.key, body=body)

    def create_file(self, **changes: Any) -> Answer:
        """POST /v1/files with a good body, but for ``changes``."""
        body = {
            "file_name": "song.wav",
            "content_type": "audio/wav",
            "file_size": 12345678,
            "purpose": "audio.separate.input",
        }
        return self.post("/v1/files", body | changes)

    def uploaded_file(self, content: bytes | None = None) -> str:
        """The id of a file whose bytes have arrived."""
        content = wav() if content is None else content
        file_id = str(self.create_file(file_size=len(content)).json["file_id"])
        boto3.client("s3", region_name=REGION).put_object(Bucket="media", Key=f"uploads/{file_id}", Body=content)
        return file_id

    def submit(self, file_id: str | None = None, *, request: dict[str, Any] | None = None, **changes: Any) -> Answer:
        """Submit a good input, but for ``changes``; ``request`` goes beside the input."""
        good = {"file_id": file_id or self.uploaded_file(), "prompt": PROMPT}
        return self.post("/v1/queue/audio/separate", {"input": good | changes} | (request or {}))

    def queued(self) -> str:
        """The id of a request that waits."""
        return str(self.submit(request={"metadata": {"take": 3}}).json["request_id"])

    def ended(self, outcome: Outcome | None = None, at: datetime | None = None) -> str:
        """The id of a request that a worker has ended, COMPLETED unless ``outcome`` says otherwise."""
        request_id = self.queued()
        end(request_id, outcome or manifest(request_id), at)
        return request_id

    def ended_with_webhook(self) -> str:
        """The id of a request whose event waits to be sent."""
        webhook = {"webhookUrl": "https://203.0.114.7/hook", "metadata": {"take": 3}}
        request_id = str(self.submit(request=webhook).json["request_id"])
        end(request_id, manifest(request_id))
        return request_id

    def stored_file(self, **changes: Any) -> str:
        """The id of a file as the table might hold it."""
        now = datetime.now(UTC)
        values = {
            "file_id": new_file_id(),
            "tenant": self.tenant,
            "file_name": "song.wav",
            "content_type": "audio/wav",
            "file_size": 100,
            "created_at": now,
            "upload_expires_at": now + timedelta(hours=1),
            "delete_after": now + timedelta(days=1),
        }
        file = File(**values | changes)
        App().files.add(file)
        return file.file_id


def new_caller(
    tenant: str = "band", scopes: frozenset[Scope] = ALL_SCOPES, credits: int | None = None
) -> Caller:
    """Somebody with a new key."""
    return Caller(tenant, App().manage_keys.create_key(tenant, scopes, credits)[0])


def manifest(request_id: str) -> Manifest:
    """Outputs with a picture."""
    target, residual = (
        OutputObject(f"outputs/{request_id}/{stem}.wav", "audio/wav", f"{stem}.wav", f"outputs/{request_id}/{stem}.mp4")
        for stem in ("target", "residual")
    )
    extra = {"backend": "riata-small", "target_db": -3.5, "warnings": [], "spans": [{"start": 0.0, "end": 0.5}]}
    return Manifest(target, residual, duration=1.0, sample_rate=8000, extra=extra)


def claim(request_id: str) -> Attempt:
    """A worker takes the request."""
    app = App()
    claimed = app.claim(request_id, 1)
    assert isinstance(claimed, Claimed)
    return Attempt(app.requests, app.clock, claimed.request, claimed.attempt_id)


def end(request_id: str, outcome: Outcome, at: datetime | None = None) -> None:
    """A worker takes the request and ends it."""
    claim(request_id).record(outcome)
    App(clock=(lambda: at) if at else App().clock).finish(request_id, 1)


def begin_attempt(request_id: str) -> None:
    """A sender begins an attempt at the request's webhook and is still at it."""
    app = App()
    delivery = app.deliveries.get(request_id)
    assert delivery is not None
    app.deliveries.change(delivery, delivery.begun(app.clock()))


UNREADABLE = Failure("MEDIA_UNREADABLE", "The file cannot be decoded.")


def now() -> datetime:
    """The time of the service."""
    return App().clock()


@cache
def a_token() -> str:
    """A media token that is valid, of a request that nobody made."""
    return media_token.sign(MediaGrant("req_1", "target", now() + timedelta(hours=1)), App().media_key)


def expired_token(request_id: str) -> str:
    """A media token of yesterday."""
    return media_token.sign(MediaGrant(request_id, "target", now() - timedelta(days=1)), App().media_key)
