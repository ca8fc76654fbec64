"""The edge: what it passes on, what it answers itself."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from riata_local.edge.app import Edge
from riata_local.edge.proxy import MAX_BODY_BYTES

Handler = Callable[[httpx.Request], httpx.Response]


def _stream_app() -> Starlette:
    return Starlette(
        routes=[Route("/v1/queue/requests/{id}/status/stream", lambda request: PlainTextResponse("event: status"))]
    )


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., httpx.Response]:
    """Sends one request through an edge whose API is a function."""

    def send(api: Handler, method: str, path: str, **arguments: object) -> httpx.Response:
        import asyncio

        async def run() -> httpx.Response:
            edge = Edge("http://api.test/restapis/a/prod/_user_request_", tmp_path / "run.json", _stream_app())
            edge._client._transport = httpx.MockTransport(_reading(api))
            edge._client._mounts = {}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://edge.test") as client:
                return await client.request(method, path, **arguments)  # type: ignore[arg-type]

        return asyncio.run(run())

    return send


def _reading(api: Handler) -> Callable[[httpx.Request], object]:
    async def handle(request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = api(request)
        # As from a network: not read yet.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))

    return handle


def _down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def _slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("late", request=request)


def _echo(request: httpx.Request) -> httpx.Response:
    seen = {"url": str(request.url), "method": request.method, "headers": dict(request.headers), "body": request.read().decode()}
    return httpx.Response(202, json=seen, headers={"x-request-id": "from-the-api", "connection": "close", "x-kept": "yes"})


def test_a_call_reaches_the_deployed_stage_with_its_path_query_and_body(call: Callable[..., httpx.Response]) -> None:
    answer = call(_echo, "POST", "/v1/files%2Fx?a=1&a=%20", content=b'{"b": 2}', headers={"authorization": "Bearer k"})
    seen = answer.json()
    assert answer.status_code == 202
    assert seen["url"] == "http://api.test/restapis/a/prod/_user_request_/v1/files%2Fx?a=1&a=%20"
    assert seen["method"] == "POST"
    assert seen["body"] == '{"b": 2}'
    assert seen["headers"]["authorization"] == "Bearer k"
    assert seen["headers"]["host"] == "api.test"


def test_headers_of_one_hop_stay_on_it(call: Callable[..., httpx.Response]) -> None:
    answer = call(_echo, "GET", "/v1/models", headers={"connection": "x-mine", "x-mine": "1", "te": "trailers", "x-other": "2"})
    assert not {"te", "x-mine"} & answer.json()["headers"].keys()
    assert answer.json()["headers"]["x-other"] == "2"
    assert "connection" not in answer.headers
    assert answer.headers["x-kept"] == "yes"


def test_the_request_id_of_the_api_is_kept(call: Callable[..., httpx.Response]) -> None:
    assert call(_echo, "GET", "/v1/models").headers["x-request-id"] == "from-the-api"


def test_what_the_api_refuses_is_passed_as_it_is(call: Callable[..., httpx.Response]) -> None:
    refusal = {"message": "Missing Authentication Token"}
    answer = call(lambda request: httpx.Response(403, json=refusal), "GET", "/nowhere")
    assert (answer.status_code, answer.json()) == (403, refusal)


def _error_of(answer: httpx.Response, status: int) -> dict[str, str]:
    error: dict[str, str] = answer.json()["error"]
    assert answer.status_code == status
    assert error["request_id"] == answer.headers["x-request-id"]
    assert error["message"]
    return error


@pytest.mark.parametrize("api", [_down, _slow])
def test_an_api_that_is_down_is_a_503_in_the_contracts_shape(call: Callable[..., httpx.Response], api: Handler) -> None:
    answer = call(api, "GET", "/v1/models")
    assert _error_of(answer, 503)["code"] == "UNAVAILABLE"
    assert int(answer.headers["retry-after"]) > 0


def test_a_body_over_the_gateways_limit_is_a_413(call: Callable[..., httpx.Response]) -> None:
    answer = call(_echo, "POST", "/v1/files", content=b"x" * (MAX_BODY_BYTES + 1))
    assert _error_of(answer, 413)["code"] == "FILE_TOO_LARGE"


def test_a_body_without_a_length_is_counted(call: Callable[..., httpx.Response]) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * (1 << 20)

    answer = call(_echo, "POST", "/v1/files", content=endless())
    assert _error_of(answer, 413)["code"] == "FILE_TOO_LARGE"


def test_a_body_at_the_limit_passes(call: Callable[..., httpx.Response]) -> None:
    assert call(_echo, "POST", "/v1/files", content=b"x" * MAX_BODY_BYTES).status_code == 202


def test_status_streams_are_served_by_the_stream_app(call: Callable[..., httpx.Response]) -> None:
    assert call(_down, "GET", "/v1/queue/requests/req_1/status/stream").text == "event: status"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/queue/requests/req_1/status/stream"), ("GET", "/v1/queue/requests/a/b/status/stream")],
)
def test_anything_but_a_stream_goes_to_the_api(call: Callable[..., httpx.Response], method: str, path: str) -> None:
    assert call(_echo, method, path).json()["url"].endswith(path)


def test_the_page_shows_the_stacks_phase(call: Callable[..., httpx.Response], tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"phase": "<healthy>", "workers": [{"state": "ready"}]}))
    page = call(_down, "GET", "/")
    assert page.headers["content-type"].startswith("text/html")
    assert "&lt;healthy&gt;" in page.text
    assert "ready" in page.text
