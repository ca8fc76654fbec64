"""Submit, status, result, cancel, delete and list separations."""

import hashlib
import json
from typing import Any

from riata.api.http import HttpRequest, HttpResponse, flag, number
from riata.api.native import views
from riata.bootstrap import App
from riata.domain.accounts import Principal
from riata.domain.options import SeparationOptions, Span
from riata.errors import InvalidRequest
from riata.usecases.progress import Snapshot
from riata.usecases.submit import Submission

MAX_IDEMPOTENCY_KEY = 255
DEFAULT_PAGE, LARGEST_PAGE = 20, 100


def submit(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Queue a separation."""
    from riata.api.native.schemas import MAX_METADATA_BYTES, SubmitAudioSeparateRequest, parse

    body = parse(SubmitAudioSeparateRequest, request.json_object())
    metadata = None
    if body.metadata is not None:
        try:
            metadata = json.dumps(body.metadata, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            size = len(metadata.encode())
        except ValueError:
            raise InvalidRequest("`metadata` holds a number or a character that JSON cannot carry.", param="metadata") from None
        if size > MAX_METADATA_BYTES:
            raise InvalidRequest(f"`metadata` is limited to {MAX_METADATA_BYTES} bytes of JSON.", param="metadata")
    values = body.input
    options = SeparationOptions(
        prompt=values.prompt,
        spans=tuple(Span(span.start, span.end, span.include) for span in values.spans),
        predict_spans=values.predict_spans,
        reranking_candidates=values.reranking_candidates,
        acceleration=values.acceleration,
        max_chunk_duration=values.max_chunk_duration,
        chunk_overlap=values.chunk_overlap,
        output_format=values.output_format,
        seed=values.seed,
    )
    submission = Submission(
        options,
        request.base_url,
        file_id=values.file_id,
        audio_url=values.audio_url,
        metadata=metadata,
        idempotency_key=_idempotency_key(request),
        body_hash=_hash(request.json_object()),
        webhook_url=body.webhookUrl,
        webhook_secret=body.webhookSecret,
    )
    queued = app.submit(principal, submission)
    return HttpResponse(202, views.queued(queued, app.reveal_secret(queued) if queued.webhook else None))


def _idempotency_key(request: HttpRequest) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= MAX_IDEMPOTENCY_KEY and key.isprintable()):
        raise InvalidRequest(
            f"`Idempotency-Key` must have 1 to {MAX_IDEMPOTENCY_KEY} printable characters.", param="idempotency-key"
        )
    return key


def _hash(body: dict[str, Any]) -> str:
    """Two bodies are the same when their JSON values are."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def status(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Where a request stands."""
    snapshot = app.read_status(principal, request.path_params["request_id"], flag(request, "logs"))
    return HttpResponse(200, views.status_view(snapshot))


def cancel(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """End a request early."""
    cancelled = app.cancel(principal, request.path_params["request_id"])
    return HttpResponse(200, views.status_view(Snapshot(cancelled, None, None)))


def delete(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Cancel a request if need be, and delete its outputs."""
    app.delete_request(principal, request.path_params["request_id"])
    return HttpResponse(204)


def newest(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """The caller's requests, a page at a time."""
    limit = number(request, "limit", DEFAULT_PAGE)
    if not limit.is_integer() or not 1 <= limit <= LARGEST_PAGE:
        raise InvalidRequest(f"`limit` must be a whole number from 1 to {LARGEST_PAGE}.", param="limit")
    page, after = app.list_requests(principal, int(limit), request.query.get("after"))
    data = [views.status_view(Snapshot(found, None, None)) for found in page]
    return HttpResponse(200, {"object": "list", "data": data, "next_after": after})


def result(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Target and residual."""
    return HttpResponse(200, views.result_view(app.read_result(principal, request.path_params["request_id"])))


def media(app: App, request: HttpRequest) -> HttpResponse:
    """Redirect to the bytes of an output; the token is the permission."""
    return HttpResponse(302, "", {"location": app.open_media(request.path_params["token"])})
