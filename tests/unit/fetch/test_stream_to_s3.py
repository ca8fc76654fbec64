"""A download goes into the bucket as it comes in."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws

from riata.adapters.s3 import S3Objects
from riata.adapters.s3_stream import PART_BYTES
from riata.errors import AudioFetchFailed, FileTooLarge, RiataError

BUCKET = "riata-test"
MIB = 2**20


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def stored(s3: Any, key: str) -> tuple[bytes, str]:
    found = s3.get_object(Bucket=BUCKET, Key=key)
    return found["Body"].read(), found["ContentType"]


def nothing_is_left(s3: Any) -> bool:
    return not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads") and not s3.list_objects_v2(Bucket=BUCKET)["KeyCount"]


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 20 * MIB + 7])
def test_a_stream_of_any_length_is_stored_whole(size: int, s3: Any) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    pieces = (content[at : min(at + 65_000, size)] for at in range(0, size, 65_000))
    made = S3Objects(s3, BUCKET).upload_stream("fetched/a.wav", "audio/wav", pieces, size)
    assert stored(s3, "fetched/a.wav") == (content[:size], "audio/wav")
    assert made == S3Objects(s3, BUCKET).head("fetched/a.wav")
    assert made.size == size


def test_chunks_larger_than_a_part_are_cut(s3: Any) -> None:
    made = S3Objects(s3, BUCKET).upload_stream("fetched/a.wav", "audio/wav", [b"a" * (3 * PART_BYTES)], 10**9)
    assert made.size == 3 * PART_BYTES == len(stored(s3, "fetched/a.wav")[0])


@pytest.mark.parametrize("limit", [10, PART_BYTES, 2 * PART_BYTES + 5])
def test_a_stream_above_the_limit_leaves_nothing_behind(limit: int, s3: Any) -> None:
    with pytest.raises(FileTooLarge):
        S3Objects(s3, BUCKET).upload_stream("fetched/a.wav", "audio/wav", (bytes(MIB) for _ in range(30)), limit)
    assert nothing_is_left(s3)


@pytest.mark.parametrize("whole_parts", [0, 1, 2])
def test_a_download_that_breaks_off_leaves_nothing_behind(whole_parts: int, s3: Any) -> None:
    def breaking() -> Iterator[bytes]:
        yield bytes(whole_parts * PART_BYTES + 5)
        raise AudioFetchFailed("the connection to its host broke")

    with pytest.raises(AudioFetchFailed):
        S3Objects(s3, BUCKET).upload_stream("fetched/a.wav", "audio/wav", breaking(), 10**9)
    assert nothing_is_left(s3)


def test_a_bucket_that_refuses_is_told_in_our_errors(s3: Any) -> None:
    with pytest.raises(RiataError, match="bucket"):
        S3Objects(s3, "no-such-bucket").upload_stream("a", "audio/wav", [bytes(2 * PART_BYTES)], 10**9)


class Discarding:
    """An S3 that takes parts and forgets them, so that only the client's memory is measured."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        if request.method == "PUT":
            self.taken += int(request.headers["X-Amz-Decoded-Content-Length"])
        text = {"POST": "<Answer><UploadId>1</UploadId><ETag>&quot;whole-16&quot;</ETag></Answer>"}.get(request.method, "")
        answer = AWSResponse(request.url, 200, {"ETag": '"part"'}, None)
        answer._content = text.encode()
        return answer


def test_a_long_stream_needs_the_memory_of_a_few_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = boto3.client("s3", region_name="us-east-1")
    bucket = Discarding()
    client.meta.events.register("before-send.s3", bucket)
    length = 128 * MIB
    tracemalloc.start()
    try:
        made = S3Objects(client, BUCKET).upload_stream(
            "fetched/a.wav", "audio/wav", (bytes(64 * 1024) for _ in range(length // (64 * 1024))), length
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.size == length == bucket.taken
    assert peak < 6 * PART_BYTES
