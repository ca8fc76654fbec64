"""How much memory a download into the bucket needs."""

import multiprocessing
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import boto3
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


def stream(length: int) -> tuple[int, int, int]:
    """Upload ``length`` bytes; returns what S3 was told, what it got, and the peak of the heap."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    discarding = Discarding()
    client.meta.events.register("before-send.s3", discarding)
    chunks = (bytes(64 * 1024) for _ in range(length // (64 * 1024)))
    tracemalloc.start()
    made = S3Objects(client, "riata-media").upload_stream("fetched/a.wav", "audio/wav", chunks, length)
    _, peak = tracemalloc.get_traced_memory()
    return made.size, discarding.taken, peak


def test_a_long_stream_needs_the_memory_of_a_few_parts() -> None:
    # In a process of its own: a simulated AWS that other tests have turned on keeps what is sent.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        told, taken, peak = pool.submit(stream, 128 * MIB).result()
    assert told == taken == 128 * MIB
    assert peak < 6 * PART_BYTES
