"""The status stream: told at once and whenever something changes, and never left without an end."""

import asyncio
import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from riata.api.native import stream
from riata.domain.accounts import Scope
from riata.domain.requests import Failure
from riata.errors import Unavailable
from tests.fakes.world import manifest_of

PATH = "/v1/queue/requests/{request_id}/status/stream"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The shortest interval is a second for callers, and nothing for tests."""
    monkeypatch.setattr(stream, "SHORTEST_INTERVAL", 0.0)


@pytest.fixture
def watch(world, monkeypatch):
    """Read a whole stream; ``steps`` happen one by one, each before one look."""

    def read(key, request_id, *steps, window=30.0, query="?interval=0", headers=None):
        app = Starlette(routes=[Route(PATH, stream.status_stream(world.app, window), methods=["GET"])])
        remaining, pause = list(steps), asyncio.sleep

        async def step(seconds):
            read.slept.append(seconds)
            if remaining:
                remaining.pop(0)()
            await pause(min(seconds, 0.01))

        async def fetch():
            monkeypatch.setattr(stream.asyncio, "sleep", step)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="https://api.riata.test") as client:
                sent = {"authorization": f"Bearer {key}"} | (headers or {})
                return await client.get(PATH.replace("{request_id}", request_id) + query, headers=sent)

        return asyncio.run(fetch())

    read.slept = []
    return read


def events(response):
    """(name, data) of each event."""
    blocks = [block.splitlines() for block in response.text.split("\n\n") if block and not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


@pytest.fixture
def caller(world):
    return world.key("ada")


def test_a_request_is_followed_to_its_end_each_change_told_once(world, caller, watch):
    key, principal = caller
    request = world.submit(principal)

    def work():
        world.attempt = world.claim(request)

    def finish():
        world.attempt.record(manifest_of(world.attempt))
        world.app.finish(request.request_id, 1)

    response = watch(key, request.request_id, work, lambda: None, lambda: world.attempt.beat(0.5), lambda: None, finish)
    told = [(name, data["status"], data["progress"]) for name, data in events(response)]
    assert told == [
        ("status", "IN_QUEUE", 0.0),
        ("status", "IN_PROGRESS", 0.0),
        ("status", "IN_PROGRESS", 0.5),
        ("status", "COMPLETED", 1.0),
    ]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"


def test_an_ended_request_is_one_event(world, caller, watch):
    key, principal = caller
    request = world.submit(principal)
    world.app.finish(request.request_id, 1, Failure("MEDIA_SILENT", "There is nothing to hear."))
    ((name, data),) = events(watch(key, request.request_id))
    assert (name, data["status"], data["error"]["code"]) == ("status", "FAILED", "MEDIA_SILENT")


def test_the_window_ends_with_a_timeout(world, caller, watch):
    key, principal = caller
    request = world.submit(principal)
    first, last = events(watch(key, request.request_id, window=0.05))
    assert first[0] == "status"
    assert last == ("timeout", {"request_id": request.request_id, "message": "The stream window ended. Reconnect."})


def test_a_silent_stream_is_kept_alive(world, caller, watch, monkeypatch):
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.0)
    key, principal = caller
    response = watch(key, world.submit(principal).request_id, window=0.05)
    assert ": keep-alive\n\n" in response.text


def test_logs_are_told_when_asked_for(world, caller, watch):
    key, principal = caller
    request = world.submit(principal)
    (first, _) = events(watch(key, request.request_id, window=0.03, query="?interval=0&logs=true"))
    assert [line["message"] for line in first[1]["logs"]] == ["Queued."]


@pytest.mark.parametrize(
    ("error", "code"), [(Unavailable("busy"), "UNAVAILABLE"), (ZeroDivisionError("a defect"), "INTERNAL_ERROR")]
)
def test_what_goes_wrong_under_way_is_an_error_event(world, caller, watch, monkeypatch, error, code):
    key, principal = caller
    request = world.submit(principal)

    def fails(_request_id):
        raise error

    response = watch(key, request.request_id, lambda: monkeypatch.setattr(world.requests, "get", fails))
    name, data = events(response)[-1]
    assert (name, data["error"]["code"]) == ("error", code)
    assert data["error"]["request_id"] == response.headers["x-request-id"]
    assert "defect" not in response.text


@pytest.mark.parametrize(("asked", "waited"), [("0.2", 1.0), ("-5", 1.0), ("3", 3.0), ("600", 10.0)])
def test_the_interval_is_clamped_to_one_to_ten_seconds(world, caller, watch, monkeypatch, asked, waited):
    monkeypatch.setattr(stream, "SHORTEST_INTERVAL", 1.0)
    key, principal = caller
    request = world.submit(principal)

    def end():
        world.app.finish(request.request_id, 1, Failure("TIMED_OUT", "…"))

    watch(key, request.request_id, end, query=f"?interval={asked}")
    assert watch.slept[0] == waited


def test_a_request_that_is_not_there_is_404_before_the_first_byte(world, caller, watch):
    other = world.submit(world.key("bob")[1])
    for request_id in ("req_unknown", other.request_id):
        response = watch(caller[0], request_id)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_a_key_is_checked_before_the_first_byte(world, caller, watch):
    request = world.submit(caller[1])
    assert watch("nonsense", request.request_id).status_code == 401
    lacking = world.key("ada", scopes=frozenset({Scope.FILES_READ}))[0]
    assert watch(lacking, request.request_id).status_code == 403


@pytest.mark.parametrize("query", ["?interval=soon", "?logs=maybe"])
def test_a_bad_query_is_400_before_the_first_byte(world, caller, watch, query):
    response = watch(caller[0], world.submit(caller[1]).request_id, query=query)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("context", ["nonsense", "[]", "null", '{"requestId": ""}'])
def test_a_made_up_gateway_context_harms_nobody(world, caller, watch, context):
    """On one machine anybody may send the header that the gateway sends on AWS."""
    response = watch(caller[0], world.completed(caller[1]).request_id, headers={"x-amzn-request-context": context})
    assert response.status_code == 200
    assert response.headers["x-request-id"]


def test_the_gateways_request_id_is_ours(world, caller, watch):
    headers = {"x-amzn-request-context": '{"requestId": "gateway-1"}'}
    response = watch(caller[0], world.completed(caller[1]).request_id, headers=headers)
    assert response.headers["x-request-id"] == "gateway-1"
