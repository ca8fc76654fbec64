"""Small rules that the contract rests on."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from riata.domain import ids
from riata.domain.accounts import hash_secret, join_key, new_secret, secret_matches, split_key
from riata.domain.clock import from_wire, to_wire, utc_now
from riata.domain.files import UPLOAD_WINDOW, File, FileStatus, file_id_of, upload_key
from riata.domain.media import is_media_content_type, normalised_content_type

NOW = datetime(2026, 4, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "content_type",
    ["audio/wav", "AUDIO/WAV", "video/mp4", "audio/mpeg; codecs=mp3", "application/octet-stream", "audio/x-m4a", "audio/vnd.wave"],
)
def test_audio_video_and_plain_bytes_may_be_uploaded(content_type):
    assert is_media_content_type(content_type)


@pytest.mark.parametrize(
    "content_type",
    ["", "audio", "audio/", "/wav", "text/plain", "image/png", "application/json", "audio/w av", "audio/é", "audio/wav\r\nx: y",
     "audio/wav;\r\nx: y", "xaudio/wav", "application/octet-stream2", "audio/wav/x"],
)  # fmt: skip
def test_anything_else_may_not(content_type):
    assert not is_media_content_type(content_type)


def test_a_media_type_is_compared_without_parameters_and_case():
    assert normalised_content_type(" Audio/WAV ; rate=44100 ") == "audio/wav"


def test_times_on_the_wire_are_utc_with_milliseconds():
    assert to_wire(datetime(2026, 4, 25, 10, 0, 0, 5_999, timezone(timedelta(hours=2)))) == "2026-04-25T08:00:00.005Z"


def test_the_clock_tells_exactly_what_can_be_stored():
    now = utc_now()
    assert from_wire(to_wire(now)) == now


@pytest.mark.parametrize(
    ("make", "prefix"),
    [(ids.new_file_id, "file_"), (ids.new_request_id, "req_"), (ids.new_attempt_id, "att_"), (ids.new_key_id, "")],
)
def test_ids_say_what_they_name_and_never_repeat(make, prefix):
    made = {make() for _ in range(1000)}
    assert len(made) == 1000
    assert all(text.startswith(prefix) and text == text.lower() for text in made)


def test_a_key_can_be_taken_apart_again():
    key_id, secret = ids.new_key_id(), new_secret()
    assert split_key(join_key(key_id, secret)) == (key_id, secret)


@pytest.mark.parametrize("text", ["", "riata", "riata_x_y", "sk-123", "riata_" + "a" * 26, f"riata_{'a' * 26}_{'b' * 48}\n"])
def test_what_is_not_a_key_is_not_looked_up(text):
    assert split_key(text) is None


def test_only_the_hash_of_a_secret_is_needed_to_check_it():
    stored = hash_secret(b"pepper", "s3cret")
    assert "s3cret" not in stored
    assert secret_matches(b"pepper", "s3cret", stored)
    assert not secret_matches(b"pepper", "S3cret", stored)
    assert not secret_matches(b"other pepper", "s3cret", stored)


def test_an_object_key_names_its_file_and_nothing_else_does():
    assert file_id_of(upload_key("file_1")) == "file_1"
    assert [file_id_of(key) for key in ("outputs/file_1", "uploads/", "uploads/other", "uploads/file_1/x")] == [None] * 4


def file(**changes) -> File:
    values = {
        "file_id": "file_1", "tenant": "ada", "file_name": "song.wav", "content_type": "audio/wav", "file_size": 1,
        "created_at": NOW, "upload_expires_at": NOW + UPLOAD_WINDOW, "delete_after": NOW + timedelta(hours=24),
    }  # fmt: skip
    return File(**values | changes)


@pytest.mark.parametrize(
    ("uploaded_at", "hours", "status"),
    [
        (None, 0.0, FileStatus.PENDING),
        (None, 0.999, FileStatus.PENDING),
        (None, 1.0, FileStatus.EXPIRED),
        (NOW, 1.0, FileStatus.UPLOADED),
        (NOW, 23.9, FileStatus.UPLOADED),
        (NOW, 24.0, FileStatus.EXPIRED),
    ],
)
def test_a_file_expires_after_an_hour_unless_it_was_uploaded_and_then_after_its_retention(uploaded_at, hours, status):
    assert file(uploaded_at=uploaded_at).status_at(NOW + timedelta(hours=hours)) is status


def test_expires_at_is_when_the_status_turns():
    assert file().expires_at == NOW + timedelta(hours=1)
    assert file(uploaded_at=NOW).expires_at == NOW + timedelta(hours=24)
