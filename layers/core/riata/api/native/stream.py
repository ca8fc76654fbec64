"""The status stream, for an ASGI server.

Events: ``status`` (data as GET …/status) at once and whenever something changed, ``timeout`` when the window ends before the
request does, ``error`` (an ErrorResponse) when it cannot go on. Everything wrong with the call itself is answered before the
first byte, with its HTTP status.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as AsgiRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from riata.api.http import HttpRequest, HttpResponse, flag, number
from riata.api.lambda_proxy import answer
from riata.api.native import views
from riata.api.native.facade import admit, render_error
from riata.bootstrap import App
from riata.domain.accounts import Principal, Scope

WINDOW_SECONDS = 120.0
KEEP_ALIVE_SECONDS = 15.0
DEFAULT_INTERVAL = 2.0
SHORTEST_INTERVAL, LONGEST_INTERVAL = 1.0, 10.0

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no", "access-control-allow-origin": "*"}


def status_stream(app: App, window: float = WINDOW_SECONDS) -> Callable[[AsgiRequest], Awaitable[Response]]:
    """The endpoint; ``window`` is how long one connection is served, seconds."""

    async def stream(asgi: AsgiRequest) -> Response:
        call = _call_of(asgi, app.settings.public_base_url)
        opened: list[tuple[Principal, bool, float, dict[str, Any]]] = []

        def open_(request: HttpRequest) -> HttpResponse:
            principal = app.authenticate(request.bearer_token(), Scope.AUDIO_SEPARATE)
            allowance = admit(app, principal)
            logs, interval = flag(request, "logs"), number(request, "interval", DEFAULT_INTERVAL)
            interval = min(max(interval, SHORTEST_INTERVAL), LONGEST_INTERVAL)
            first = views.status_view(app.read_status(principal, request.path_params["request_id"], logs))
            opened.append((principal, logs, interval, first))
            return HttpResponse(200, headers=allowance)

        response = await run_in_threadpool(answer, open_, call, render_error)
        headers = {**_HEADERS, "x-request-id": call.request_id, **response.headers}
        if not opened:
            return JSONResponse(response.body, response.status, headers)
        principal, logs, interval, first = opened[0]

        def look(request: HttpRequest) -> HttpResponse:
            return HttpResponse(200, views.status_view(app.read_status(principal, request.path_params["request_id"], logs)))

        events = _events(first, lambda: answer(look, call, render_error), interval, window)
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    return stream


async def _events(
    body: dict[str, Any], look: Callable[[], HttpResponse], interval: float, window: float
) -> AsyncIterator[str]:
    ends_at = time.monotonic() + window
    spoke_at = time.monotonic()
    yield _event("status", body)
    while body["status"] not in {"COMPLETED", "FAILED"}:
        left = ends_at - time.monotonic()
        if left <= 0:
            yield _event(
                "timeout", {"request_id": body["request_id"], "message": "The stream window ended. Reconnect."}
            )
            return
        await asyncio.sleep(min(interval, left))
        seen = await run_in_threadpool(look)
        if seen.status != 200:
            yield _event("error", seen.body)
            return
        if seen.body != body:
            body, spoke_at = seen.body, time.monotonic()
            yield _event("status", body)
        elif time.monotonic() - spoke_at >= KEEP_ALIVE_SECONDS:
            spoke_at = time.monotonic()
            yield ": keep-alive\n\n"


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _call_of(asgi: AsgiRequest, base_url: str | None) -> HttpRequest:
    return HttpRequest(
        method=asgi.method,
        resource="/v1/queue/requests/{request_id}/status/stream",
        path=asgi.url.path,
        path_params=asgi.path_params,
        query=dict(asgi.query_params),
        headers={name.lower(): value for name, value in asgi.headers.items()},
        body=b"",
        request_id=_gateway_request_id(asgi) or asgi.headers.get("x-request-id") or str(uuid.uuid4()),
        base_url=base_url or str(asgi.base_url).rstrip("/"),
    )


def _gateway_request_id(asgi: AsgiRequest) -> str | None:
    """The Lambda Web Adapter passes the gateway's context on in a header; on one machine anybody may send that header."""
    try:
        context = json.loads(asgi.headers.get("x-amzn-request-context", "{}"))
    except ValueError:
        return None
    return str(context["requestId"]) if isinstance(context, dict) and context.get("requestId") else None
