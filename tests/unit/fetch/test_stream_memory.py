"""How much memory a download into the bucket needs."""

import tracemalloc
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from riata.adapters.s3 import S3Objects
from riata.adapters.s3_stream import PART_BYTES

MIB = 2**20


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
    discarding = Discarding()
    # First, so that a simulated AWS which another module has left on is never asked.
    client.meta.events.register_first("before-send.s3", discarding)
    length = 128 * MIB
    tracemalloc.start()
    try:
        made = S3Objects(client, "riata-media").upload_stream(
            "fetched/a.wav", "audio/wav", (bytes(64 * 1024) for _ in range(length // (64 * 1024))), length
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.size == length == discarding.taken
    assert peak < 6 * PART_BYTES
