"""The client, against a service that is a function."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from riata.errors import CommandFailed, ServiceCallFailed
from riata_client.client import Client, media_type
from riata_client.models import Status

Handler = Callable[[httpx.Request], httpx.Response]
_STATUS = {"request_id": "req_1", "model": "audio/separate"}


def _client(handler: Handler) -> Client:
    return Client("http://service.test/", "riata_k_s", transport=httpx.MockTransport(handler))


def _error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "Do this instead."}})


def test_an_upload_registers_the_file_and_puts_its_bytes_without_the_key(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(b"RIFF" * 1000)
    seen: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        if request.method == "PUT":
            return httpx.Response(200)
        created = {"file_id": "file_1", "upload_url": "http://bucket.test/x?sig", "headers": {"content-type": "audio/x-wav"}}
        return httpx.Response(201, json=created)

    assert _client(service).upload(song).file_id == "file_1"
    create, put = seen
    assert create.headers["authorization"] == "Bearer riata_k_s"
    assert json.loads(create.content) == {
        "file_name": "song.wav", "content_type": media_type(song), "file_size": 4000, "purpose": "audio.separate.input",
    }  # fmt: skip
    assert put.content == song.read_bytes()
    assert put.headers["content-type"] == "audio/x-wav"
    assert put.headers["content-length"] == "4000"
    assert "authorization" not in put.headers
    assert "transfer-encoding" not in put.headers


def test_a_refused_upload_is_an_error(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(b"RIFF")

    def service(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(403, text="SignatureDoesNotMatch")
        return httpx.Response(201, json={"file_id": "f", "upload_url": "http://bucket.test/x", "headers": {}})

    with pytest.raises(ServiceCallFailed, match="SignatureDoesNotMatch") as failure:
        _client(service).upload(song)
    assert (failure.value.status, failure.value.code) == (403, "UPLOAD_FAILED")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"none\.wav"):
        _client(lambda request: httpx.Response(500)).upload(tmp_path / "none.wav")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.mp3", "audio/mpeg"), ("a.mp4", "video/mp4"), ("a.txt", "application/octet-stream"), ("a", "application/octet-stream")],
)
def test_the_content_type_comes_from_the_name(name: str, expected: str) -> None:
    assert media_type(Path(name)) == expected


def test_an_error_carries_the_services_code_and_message() -> None:
    with pytest.raises(ServiceCallFailed, match=r"Do this instead\.") as failure:
        _client(lambda request: _error(402, "INSUFFICIENT_CREDITS")).submit({"prompt": "x"})
    assert (failure.value.status, failure.value.code) == (402, "INSUFFICIENT_CREDITS")


def test_an_answer_that_is_not_the_services_is_reported_as_it_is() -> None:
    with pytest.raises(ServiceCallFailed, match="HTTP 502: <html>") as failure:
        _client(lambda request: httpx.Response(502, text="<html>")).status("req_1")
    assert failure.value.code == "UNEXPECTED_ANSWER"


def test_no_answer_says_what_to_do() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused", request=request)

    with pytest.raises(ServiceCallFailed, match="riata status") as failure:
        _client(refuse).status("req_1")
    assert (failure.value.status, failure.value.code) == (0, "UNREACHABLE")


def test_an_idempotency_key_is_sent_as_a_header() -> None:
    seen: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json={"request_id": "req_1", "status_url": "s", "stream_url": "t", "result_url": "r"})

    _client(service).submit({"prompt": "x"}, idempotency_key="again", metadata={"a": 1})
    assert seen[0].headers["idempotency-key"] == "again"
    assert json.loads(seen[0].content) == {"input": {"prompt": "x"}, "metadata": {"a": 1}}


def _events(*statuses: str, event: str = "status") -> httpx.Response:
    lines = [f"event: {event}\ndata: {json.dumps({**_STATUS, 'status': status})}\n\n" for status in statuses]
    return httpx.Response(200, text="".join(lines), headers={"content-type": "text/event-stream"})


def test_following_reports_every_status_until_the_end() -> None:
    seen: list[Status] = []
    end = _client(lambda request: _events("IN_QUEUE", "IN_PROGRESS", "COMPLETED")).follow("req_1", seen.append)
    assert [status.status for status in seen] == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert end.terminal


def test_following_opens_the_stream_again_when_its_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    polled = httpx.Response(200, json={**_STATUS, "status": "IN_PROGRESS"})
    answers = iter([_events("x", event="timeout"), polled, _events("FAILED")])
    assert _client(lambda request: next(answers)).follow("req_1", lambda status: None).status == "FAILED"


def test_following_polls_when_the_stream_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def service(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/stream"):
            return _error(503, "UNAVAILABLE")
        return httpx.Response(200, json={**_STATUS, "status": "COMPLETED"})

    assert _client(service).follow("req_1", lambda status: None).status == "COMPLETED"


def test_following_a_request_that_is_not_there_ends_at_once() -> None:
    with pytest.raises(ServiceCallFailed) as failure:
        _client(lambda request: _error(404, "NOT_FOUND")).follow("req_1", lambda status: None)
    assert failure.value.status == 404


def test_a_download_follows_the_redirect_and_leaves_no_half_file(tmp_path: Path) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/media/token":
            return httpx.Response(302, headers={"location": "http://bucket.test/target.wav"})
        return httpx.Response(200, content=b"sound")

    _client(service).download("http://service.test/v1/media/token", tmp_path / "target.wav")
    assert (tmp_path / "target.wav").read_bytes() == b"sound"
    assert [path.name for path in tmp_path.iterdir()] == ["target.wav"]


def test_a_download_that_is_refused_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ServiceCallFailed):
        _client(lambda request: _error(410, "RESULT_EXPIRED")).download("http://service.test/v1/media/t", tmp_path / "t.wav")
    assert list(tmp_path.iterdir()) == []
