"""API Gateway's proxy events → `HttpRequest`, `HttpResponse` → its answers; one structured log line per call."""

import base64
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from riata.api.http import Endpoint, HttpRequest, HttpResponse
from riata.errors import InternalError, RequestError

RenderError = Callable[[RequestError, str], HttpResponse]
"""A facade's way to say an error, given the HTTP request's id."""

LambdaHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


def lambda_handler(routes: Mapping[str, Endpoint], render_error: RenderError, base_url: str | None) -> LambdaHandler:
    """The handler of a function that serves ``routes``, keyed like ``GET /v1/files/{file_id}``; ``*`` takes the rest."""

    def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
        started = time.perf_counter()
        request = request_of(event, base_url)
        endpoint = routes.get(f"{request.method} {request.resource}") or routes["*"]
        response = answer(endpoint, request, render_error)
        _log(request, response, time.perf_counter() - started)
        return _proxy_answer(request, response)

    return handle


def answer(endpoint: Endpoint, request: HttpRequest, render_error: RenderError) -> HttpResponse:
    """Run an endpoint; whatever it raises becomes the facade's error body."""
    try:
        return endpoint(request)
    except RequestError as error:
        return render_error(error, request.request_id)
    except Exception:  # noqa: BLE001 - the outermost edge: a defect answers 500 in the contract's shape, with its trace in the log
        trace = traceback.format_exc()
        print(json.dumps({"level": "error", "request_id": request.request_id, "trace": trace}), file=sys.stderr)  # noqa: T201
        return render_error(InternalError("Something went wrong on our side. Try again."), request.request_id)


def request_of(event: dict[str, Any], base_url: str | None) -> HttpRequest:
    """The call that an event describes; without a configured base URL it is the gateway's own address."""
    context = event.get("requestContext") or {}
    body = event.get("body") or ""
    path = str(event.get("path", "/"))
    return HttpRequest(
        method=str(event.get("httpMethod", "GET")),
        resource=str(event.get("resource", "")),
        path=path,
        path_params=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
        request_id=str(context.get("requestId", "")),
        base_url=base_url or _gateway_url(context, path),
    )


def _gateway_url(context: Mapping[str, Any], path: str) -> str:
    """A custom domain has no stage in its path, the gateway's own domain has."""
    full = str(context.get("path", path))
    return f"https://{context.get('domainName', 'localhost')}{full.removesuffix(path)}"


def _proxy_answer(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    headers = {"x-request-id": request.request_id, "access-control-allow-origin": "*", "cache-control": "no-store"}
    headers["access-control-expose-headers"] = "x-request-id, retry-after, allow, location"
    body = response.body
    if not isinstance(body, str):
        headers["content-type"] = "application/json"
        body = "" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return {"statusCode": response.status, "headers": headers | dict(response.headers), "body": body}


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    line = {
        "level": "info",
        "request_id": request.request_id,
        "route": f"{request.method} {request.resource}",
        "status": response.status,
        "ms": round(seconds * 1000, 1),
    }
    print(json.dumps(line))  # noqa: T201 - a Lambda's log is its standard output
