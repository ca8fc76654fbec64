"""Pass a request to the deployed API and stream the answer back."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from riata_local.edge.errors import error_response

MAX_BODY_BYTES = 10 * 1024 * 1024  # API Gateway's limit
_TIMEOUT = httpx.Timeout(60, connect=2)
# RFC 9110, section 7.6.1; the length and the host are set anew for each hop.
_HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
# This server adds its own date.
_NOT_RETURNED = _HOP_BY_HOP | {"date"}
_NOT_FORWARDED = _HOP_BY_HOP | {"host", "content-length", "expect"}


class _BodyTooLarge(Exception):
    """The body, sent without a truthful length, went over the limit."""


class Proxy:
    """The deployed API behind ``upstream``.

    Args:
        client: Shared connections; without proxies from the environment.
        upstream: The stage's invoke URL, without a trailing slash.
    """

    def __init__(self, client: httpx.AsyncClient, upstream: str) -> None:
        self._client = client
        self._upstream = upstream

    async def __call__(self, request: Request) -> Response:
        """Answer as the API does; 413 over 10 MB, 503 when the API cannot be reached."""
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            return _too_large()
        outgoing = self._client.build_request(
            request.method,
            self._url(request),
            headers=_forwarded_headers(request),
            content=_limited(request.stream()) if _has_body(request) else None,
            timeout=_TIMEOUT,
        )
        try:
            answer = await self._client.send(outgoing, stream=True)
        except _BodyTooLarge:
            return _too_large()
        except ClientDisconnect:
            return Response(status_code=499)
        except httpx.TimeoutException:
            return error_response(503, "UNAVAILABLE", "The API did not answer in time: try again.", retry_after=5)
        except httpx.TransportError:
            message = "The API is starting or was stopped: try again, or see `riata status`."
            return error_response(503, "UNAVAILABLE", message, retry_after=2)
        response = StreamingResponse(_raw(answer), status_code=answer.status_code)
        response.raw_headers = [(k.lower(), v) for k, v in answer.headers.raw if k.decode().lower() not in _NOT_RETURNED]
        return response

    def _url(self, request: Request) -> httpx.URL:
        raw_path: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
        query: bytes = request.scope["query_string"]
        target = self._upstream.encode() + raw_path.split(b"?")[0] + (b"?" + query if query else b"")
        return httpx.URL(target.decode("ascii"))


def _forwarded_headers(request: Request) -> list[tuple[bytes, bytes]]:
    # Headers that Connection names belong to this hop too. Their values are bytes, for not all are ASCII text.
    named = {name.strip().lower() for name in request.headers.get("connection", "").split(",")}
    return [(name, value) for name, value in request.headers.raw if name.decode("latin-1") not in _NOT_FORWARDED | named]


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


async def _limited(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in stream:
        received += len(chunk)
        if received > MAX_BODY_BYTES:
            raise _BodyTooLarge
        yield chunk


async def _raw(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()


def _too_large() -> Response:
    return error_response(413, "FILE_TOO_LARGE", "The body is over 10 MB. Upload media with POST /v1/files.")
