"""Domain objects → the response bodies of the contract."""

import json
from typing import Any

from riata.domain.clock import to_wire
from riata.domain.files import PURPOSE, File, FileStatus
from riata.domain.requests import MODEL, Request, Status
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


def queued(request: Request) -> Json:
    """QueueSubmitResponse."""
    own = f"{request.base_url}/v1/queue/requests/{request.request_id}"
    return {
        "request_id": request.request_id,
        "status": Status.IN_QUEUE.value,
        "model": MODEL,
        "created_at": to_wire(request.created_at),
        "status_url": f"{own}/status",
        "stream_url": f"{own}/status/stream",
        "result_url": f"{own}/result",
    }


def status_view(snapshot: Snapshot) -> Json:
    """QueueStatusResponse, with the optional ``progress`` (0–1), ``queue_position``, ``error`` and ``logs``."""
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
    return body


def result_view(result: Result) -> Json:
    """QueueResultResponse."""
    request, manifest = result.request, result.manifest
    data: Json = dict(manifest.extra) | {"duration": manifest.duration, "sample_rate": manifest.sample_rate}
    for name, output in (("target", manifest.target), ("residual", manifest.residual)):
        data[name] = {"url": result.urls[name], "content_type": output.content_type, "file_name": output.file_name}
        if output.video_key is not None:
            data[name]["video_url"] = result.urls[f"{name}_video"]
    body: Json = {
        "request_id": request.request_id,
        "model": MODEL,
        "status": Status.COMPLETED.value,
        "data": data,
        "usage": {
            "feature": "audio_seconds",
            "quantity": request.billed or 0,
            "billing_status": "deducted" if request.metered else "not_metered",
        },
        "retention": {"delete_after": to_wire(request.delete_after)},
    }
    if request.metadata is not None:
        body["metadata"] = json.loads(request.metadata)
    return body
