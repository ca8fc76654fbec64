"""GET …/status/stream: Server-Sent Events whose data are documented bodies."""

import asyncio
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from riata.api.native.stream import status_stream
from riata.bootstrap import App
from riata.errors import Unavailable
from tests.contract.calls import stream_call
from tests.contract.documented import faults, schema_named
from tests.contract.people import UNREADABLE, Caller, claim

Event = tuple[str, dict[str, Any]]


def events(text: str) -> list[Event]:
    """Name and data of each event; comments are left out."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def watch(caller: Caller, request_id: str, app: App | None = None, *, window: float, query: str = "") -> list[Event]:
    """The events of one stream that is served for ``window`` seconds."""
    path = "/v1/queue/requests/{request_id}/status/stream"
    service = Starlette(routes=[Route(path, status_stream(app or App(), window), methods=["GET"])])
    url = path.replace("{request_id}", request_id) + query
    answer = asyncio.run(stream_call(service, url, {"authorization": f"Bearer {caller.key}"}))
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
    found = events(answer.body)
    for name, data in found:
        if name == "status":
            assert faults(schema_named("QueueStatusResponse"), data) == []
    return found


@pytest.mark.parametrize("failure", [None, UNREADABLE])
def test_an_ended_request_is_told_once_and_the_stream_ends(caller: Caller, failure: Any) -> None:
    request_id = caller.ended(failure)
    ((name, data),) = watch(caller, request_id, window=30)
    assert (name, data["status"]) == ("status", "FAILED" if failure else "COMPLETED")
    assert data == caller.get(f"/v1/queue/requests/{request_id}/status").json


def test_a_request_that_goes_on_is_told_and_then_the_window_ends(caller: Caller) -> None:
    first, last = watch(caller, caller.queued(), window=0.05)
    assert (first[0], first[1]["status"]) == ("status", "IN_QUEUE")
    assert last[0] == "timeout"


def test_logs_are_in_the_events_when_asked_for(caller: Caller) -> None:
    (_, data), _ = watch(caller, caller.queued(), window=0.05, query="?logs=true")
    assert data["logs"][0]["message"] == "Queued."


def test_a_change_is_told(caller: Caller) -> None:
    request_id = caller.queued()

    class Working(App):
        """A worker claims the request between the first look and the second."""

        looks = 0

        @property
        def read_status(self) -> Any:
            Working.looks += 1
            if Working.looks == 2:
                claim(request_id)
            return super().read_status

    told = [(name, data.get("status")) for name, data in watch(caller, request_id, Working(), window=0.2)]
    assert told == [("status", "IN_QUEUE"), ("status", "IN_PROGRESS"), ("timeout", None)]


def test_a_stream_that_cannot_go_on_ends_with_an_error_event(caller: Caller) -> None:
    class Failing(App):
        """The table is down from the second look on."""

        looks = 0

        @property
        def read_status(self) -> Any:
            Failing.looks += 1
            if Failing.looks > 1:
                raise Unavailable("A dependency is busy. Try again.")
            return super().read_status

    _, (name, data) = watch(caller, caller.queued(), Failing(), window=0.2)
    assert (name, data["error"]["code"]) == ("error", "UNAVAILABLE")
    assert faults(schema_named("ErrorResponse"), data) == []


@pytest.mark.parametrize("interval", ["0", "-5", "1", "10", "1e9", "2.5"])
def test_any_number_is_an_interval(caller: Caller, interval: str) -> None:
    assert watch(caller, caller.queued(), window=0.01, query=f"?interval={interval}")


@pytest.mark.parametrize("query", ["interval=", "interval=x", "interval=nan", "interval=inf", "logs=maybe"])
def test_a_bad_query_is_refused_before_the_first_byte(caller: Caller, query: str) -> None:
    answer = caller.get(f"/v1/queue/requests/{caller.queued()}/status/stream?{query}")
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", query.split("=")[0])
