"""Domain objects → the response bodies of the contract."""

import json
from typing import Any

from riata.domain.clock import to_wire
from riata.domain.deliveries import Delivery, DeliveryStatus
from riata.domain.files import PURPOSE, File, FileStatus
from riata.domain.requests import MODEL, Request, Status
from riata.domain.results import output_data, usage
from riata.usecases.progress import Result, Snapshot

Json = dict[str, Any]


def created_file(file: File, upload_url: str) -> Json:
    """CreateFileResponse."""
    return {
        "file_id": file.file_id,
        "upload_url": upload_url,
        "upload_method": "PUT",
        "headers": {"content-type": file.content_type},
        "expires_at": to_wire(file.upload_expires_at),
        "retention": {"delete_after": to_wire(file.delete_after)},
    }


def file_view(file: File, status: FileStatus) -> Json:
    """File."""
    return {
        "file_id": file.file_id,
        "file_name": file.file_name,
        "content_type": file.content_type,
        "file_size": file.file_size,
        "purpose": PURPOSE,
        "status": status.value,
        "created_at": to_wire(file.created_at),
        "uploaded_at": to_wire(file.uploaded_at) if file.uploaded_at else None,
        "expires_at": to_wire(file.expires_at),
    }


def queued(request: Request, signing_secret: str | None = None) -> Json:
    """QueueSubmitResponse; the signing secret only when it was generated."""
    own = f"{request.base_url}/v1/queue/requests/{request.request_id}"
    body: Json = {
        "request_id": request.request_id,
        "status": Status.IN_QUEUE.value,
        "model": MODEL,
        "created_at": to_wire(request.created_at),
        "status_url": f"{own}/status",
        "stream_url": f"{own}/status/stream",
        "result_url": f"{own}/result",
    }
    if request.webhook is not None:
        body["webhook"] = {"url": request.webhook.url}
        if signing_secret is not None:
            body["webhook"]["signing_secret"] = signing_secret
    return body


def status_view(snapshot: Snapshot) -> Json:
    """QueueStatusResponse, with the optional ``progress`` (0–1), ``queue_position``, ``error``, ``logs`` and ``webhook``."""
    request = snapshot.request
    body: Json = {
        "request_id": request.request_id,
        "model": MODEL,
        "status": request.status.value,
        "created_at": to_wire(request.created_at),
        "updated_at": to_wire(request.updated_at),
        "result_url": f"{request.base_url}/v1/queue/requests/{request.request_id}/result",
        "progress": 1.0 if request.status is Status.COMPLETED else request.progress,
    }
    if snapshot.queue_position is not None:
        body["queue_position"] = snapshot.queue_position
    if request.failure is not None:
        body["error"] = {"code": request.failure.code, "message": request.failure.message}
    if snapshot.logs is not None:
        body["logs"] = [{"timestamp": to_wire(line.timestamp), "message": line.message} for line in snapshot.logs]
    if request.webhook is not None and (snapshot.delivery is not None or not request.status.is_terminal):
        body["webhook"] = webhook_status(snapshot.delivery)
    return body


def webhook_status(delivery: Delivery | None) -> Json:
    """WebhookDeliveryStatus; a request that has not ended has no delivery yet."""
    if delivery is None:
        return {"delivery_status": DeliveryStatus.PENDING.value, "attempts": 0, "delivered_at": None, "last_error": None}
    return {
        "delivery_status": delivery.status.value,
        "attempts": delivery.attempts,
        "delivered_at": to_wire(delivery.delivered_at) if delivery.delivered_at else None,
        "last_error": delivery.last_error,
    }


def result_view(result: Result) -> Json:
    """QueueResultResponse."""
    request = result.request
    body: Json = {
        "request_id": request.request_id,
        "model": MODEL,
        "status": Status.COMPLETED.value,
        "data": output_data(result.manifest, result.urls),
        "usage": usage(request),
        "retention": {"delete_after": to_wire(request.delete_after)},
    }
    if result.delivery is not None:
        body["webhook"] = webhook_status(result.delivery)
    if request.metadata is not None:
        body["metadata"] = json.loads(request.metadata)
    return body
