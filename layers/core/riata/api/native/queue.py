"""Submit, status and result of separations."""

import json

from riata.api.http import HttpRequest, HttpResponse, flag
from riata.api.native import views
from riata.bootstrap import App
from riata.domain.accounts import Principal
from riata.domain.options import SeparationOptions, Span
from riata.errors import InvalidRequest, NotImplementedYet


def submit(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Queue a separation."""
    from riata.api.native.schemas import MAX_METADATA_BYTES, SubmitAudioSeparateRequest, parse

    body = parse(SubmitAudioSeparateRequest, request.json_object())
    if body.input.file_id is None:
        raise NotImplementedYet(
            "`audio_url` is not served yet: upload the file and send its `file_id`.", param="input.audio_url"
        )
    if body.webhookUrl is not None:
        raise NotImplementedYet(
            "Webhooks are not served yet: poll `status_url` or read `stream_url`.", param="webhookUrl"
        )
    metadata = None
    if body.metadata is not None:
        metadata = json.dumps(body.metadata, ensure_ascii=False, separators=(",", ":"))
        if len(metadata.encode()) > MAX_METADATA_BYTES:
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
    queued = app.submit(principal, body.input.file_id, options, request.base_url, metadata)
    return HttpResponse(202, views.queued(queued))


def status(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Where a request stands."""
    snapshot = app.read_status(principal, request.path_params["request_id"], flag(request, "logs"))
    return HttpResponse(200, views.status_view(snapshot))


def result(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Target and residual."""
    return HttpResponse(200, views.result_view(app.read_result(principal, request.path_params["request_id"])))


def media(app: App, request: HttpRequest) -> HttpResponse:
    """Redirect to the bytes of an output; the token is the permission."""
    return HttpResponse(302, "", {"location": app.open_media(request.path_params["token"])})
