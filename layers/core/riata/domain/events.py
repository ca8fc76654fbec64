"""The webhook event of a request that has ended: WebhookCompletedEvent or WebhookFailedEvent of the contract.

It is built when it is sent. The ended request never changes, so every attempt carries the same event.
"""

import json
from typing import Any

from riata.domain.clock import to_wire
from riata.domain.requests import MODEL, Manifest, Request, Status
from riata.domain.results import media_urls, output_data, usage


def event_of(request: Request, media_key: bytes) -> dict[str, Any]:
    """The event of an ended request; ``metadata`` is the caller's own.

    Raises:
        ValueError: the request has not ended.
    """
    if request.ended_at is None:
        raise ValueError(f"{request.request_id} has not ended")
    event: dict[str, Any] = {
        "type": f"audio.separate.{request.status.lower()}",
        "request_id": request.request_id,
        "model": MODEL,
        "status": request.status.value,
        "created_at": to_wire(request.created_at),
    }
    if request.status is Status.COMPLETED and isinstance(request.outcome, Manifest):
        event["completed_at"] = to_wire(request.ended_at)
        event["data"] = output_data(request.outcome, media_urls(request, request.outcome, media_key))
        event["usage"] = usage(request)
    elif request.failure is not None:
        event["failed_at"] = to_wire(request.ended_at)
        event["error"] = {"code": request.failure.code, "message": request.failure.message}
    if request.metadata is not None:
        event["metadata"] = json.loads(request.metadata)
    return event


def event_body(event: dict[str, Any]) -> bytes:
    """The bytes that are signed and sent: JSON in ASCII, so that any metadata survives."""
    return json.dumps(event, separators=(",", ":")).encode("ascii")
