"""POST /v1/files: every bound of its schema, from both sides."""

import math
from typing import Any

import boto3
import pytest

from tests.contract.calls import call
from tests.contract.deployment import REGION
from tests.contract.people import Caller

GOOD = {"file_name": "song.wav", "content_type": "audio/wav", "file_size": 1000, "purpose": "audio.separate.input"}
A_BOOLEAN, A_LIST, AN_OBJECT = True, ["x"], {"x": 1}


@pytest.mark.parametrize("size", [1, 2, 524_288_000, 2.0, 1e3])
def test_a_size_within_the_bounds_is_taken(caller: Caller, size: float) -> None:
    assert caller.create_file(file_size=size).status == 201


@pytest.mark.parametrize(
    "size", [0, -1, 524_288_001, 1.5, "1000", A_BOOLEAN, None, A_LIST, 10**400, -(10**400), 1e308], ids=repr
)
def test_a_size_outside_the_bounds_is_refused(caller: Caller, size: Any) -> None:
    answer = caller.create_file(file_size=size)
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "file_size")


@pytest.mark.parametrize(
    "content_type",
    [
        "audio/wav", "audio/mpeg", "audio/x-m4a", "audio/vnd.wave", "AUDIO/WAV", "audio/ogg; codecs=opus", "video/mp4",
        "video/quicktime", "application/octet-stream",
    ],
)  # fmt: skip
def test_audio_video_and_unnamed_bytes_are_taken(caller: Caller, content_type: str) -> None:
    answer = caller.create_file(content_type=content_type)
    assert answer.status == 201
    assert answer.json["headers"] == {"content-type": content_type}


@pytest.mark.parametrize(
    "content_type",
    [
        "", "audio", "audio/", "/wav", "audio /wav", "text/plain", "image/png", "application/json", "application/ogg",
        "audiox/wav", "audio/wav\r\nx-evil: 1", "audio/wäv",
    ],
)  # fmt: skip
def test_any_other_content_type_is_415(caller: Caller, content_type: str) -> None:
    answer = caller.create_file(content_type=content_type)
    assert (answer.status, answer.code, answer.param) == (415, "UNSUPPORTED_MEDIA_TYPE", "content_type")


@pytest.mark.parametrize("name", ["", "a", "Ünïcödé 🎹.wav", "x" * 1024, "../../etc/passwd", 'quote".wav'])
def test_any_text_is_a_file_name(caller: Caller, name: str) -> None:
    created = caller.create_file(file_name=name)
    assert created.status == 201
    assert caller.get(f"/v1/files/{created.json['file_id']}").json["file_name"] == name


@pytest.mark.parametrize("field", sorted(GOOD))
@pytest.mark.parametrize("value", [None, 7, A_BOOLEAN, A_LIST, AN_OBJECT, math.pi], ids=repr)
def test_a_value_of_another_type_is_refused(caller: Caller, field: str, value: Any) -> None:
    if field == "file_size" and value == 7 and value is not A_BOOLEAN:
        value = "7"
    answer = caller.create_file(**{field: value})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", field)


@pytest.mark.parametrize("field", sorted(GOOD))
def test_a_missing_field_is_named(caller: Caller, field: str) -> None:
    answer = caller.post("/v1/files", {name: value for name, value in GOOD.items() if name != field})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", field)


@pytest.mark.parametrize(("field", "value"), [("file_name", "x" * 1025), ("purpose", "audio.separate"), ("purpose", "")])
def test_a_text_that_is_not_allowed_is_refused(caller: Caller, field: str, value: str) -> None:
    answer = caller.create_file(**{field: value})
    assert (answer.status, answer.param) == (400, field)


def test_text_that_is_not_unicode_is_refused(caller: Caller) -> None:
    answer = call("POST", "/v1/files", key=caller.key, body='{"file_name": "\\ud800", "content_type": "audio/wav"}')
    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


def test_unknown_fields_are_ignored(caller: Caller) -> None:
    assert caller.create_file(checksum="abc", owner=None).status == 201


def test_a_file_goes_from_pending_to_uploaded_to_expired(caller: Caller) -> None:
    created = caller.create_file(file_size=3).json
    url = f"/v1/files/{created['file_id']}"
    assert caller.get(url).json["status"] == "pending"
    assert caller.get(url).json["uploaded_at"] is None
    assert caller.get(url).json["expires_at"] == created["expires_at"]

    boto3.client("s3", region_name=REGION).put_object(Bucket="media", Key=f"uploads/{created['file_id']}", Body=b"abc")
    assert caller.get(url).json["status"] == "uploaded"
    assert caller.get(url).json["uploaded_at"]

    from tests.contract.people import LONG_AGO

    old = caller.stored_file(created_at=LONG_AGO, upload_expires_at=LONG_AGO, delete_after=LONG_AGO)
    assert caller.get(f"/v1/files/{old}").json["status"] == "expired"


@pytest.mark.parametrize("file_id", ["file_1", "%00", "x" * 3000, "%F0%9F%8E%B9", "..%2F..%2Fkeys", "KEY%231"])
def test_an_id_of_any_form_is_just_not_found(caller: Caller, file_id: str) -> None:
    answer = caller.get(f"/v1/files/{file_id}")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
