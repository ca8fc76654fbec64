"""A download goes into the bucket as it comes in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from riata.adapters.s3 import S3Objects
from riata.adapters.s3_stream import PART_BYTES
from riata.errors import AudioFetchFailed, FileTooLarge, RiataError

MIB = 2**20


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """An S3 client with nobody's credentials."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with mock_aws():
            yield boto3.client("s3", region_name="us-east-1")


@dataclass
class Bucket:
    """An empty bucket, seen from both sides."""

    client: Any
    name: str

    @property
    def objects(self) -> S3Objects:
        return S3Objects(self.client, self.name)

    def stored(self, key: str) -> tuple[bytes, str]:
        found = self.client.get_object(Bucket=self.name, Key=key)
        return found["Body"].read(), found["ContentType"]

    def is_empty(self) -> bool:
        uploads = self.client.list_multipart_uploads(Bucket=self.name).get("Uploads")
        return not uploads and self.client.list_objects_v2(Bucket=self.name)["KeyCount"] == 0


@pytest.fixture
def bucket(client: Any) -> Bucket:
    made = Bucket(client, f"riata-{uuid4()}")
    client.create_bucket(Bucket=made.name)
    return made


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 20 * MIB + 7])
def test_a_stream_of_any_length_is_stored_whole(size: int, bucket: Bucket) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    pieces = (content[at : min(at + 65_000, size)] for at in range(0, size, 65_000))
    made = bucket.objects.upload_stream("fetched/a.wav", "audio/wav", pieces, size)
    assert bucket.stored("fetched/a.wav") == (content[:size], "audio/wav")
    assert made == bucket.objects.head("fetched/a.wav")
    assert made.size == size


def test_chunks_larger_than_a_part_are_cut(bucket: Bucket) -> None:
    made = bucket.objects.upload_stream("fetched/a.wav", "audio/wav", [b"a" * (3 * PART_BYTES)], 10**9)
    assert made.size == 3 * PART_BYTES == len(bucket.stored("fetched/a.wav")[0])


@pytest.mark.parametrize("limit", [10, PART_BYTES, 2 * PART_BYTES + 5])
def test_a_stream_above_the_limit_leaves_nothing_behind(limit: int, bucket: Bucket) -> None:
    with pytest.raises(FileTooLarge):
        bucket.objects.upload_stream("fetched/a.wav", "audio/wav", (bytes(MIB) for _ in range(30)), limit)
    assert bucket.is_empty()


@pytest.mark.parametrize("whole_parts", [0, 1, 2])
def test_a_download_that_breaks_off_leaves_nothing_behind(whole_parts: int, bucket: Bucket) -> None:
    def breaking() -> Iterator[bytes]:
        yield bytes(whole_parts * PART_BYTES + 5)
        raise AudioFetchFailed("the connection to its host broke")

    with pytest.raises(AudioFetchFailed):
        bucket.objects.upload_stream("fetched/a.wav", "audio/wav", breaking(), 10**9)
    assert bucket.is_empty()


def test_a_bucket_that_refuses_is_told_in_our_errors(client: Any) -> None:
    with pytest.raises(RiataError, match="bucket"):
        S3Objects(client, "no-such-bucket").upload_stream("a", "audio/wav", [bytes(2 * PART_BYTES)], 10**9)
