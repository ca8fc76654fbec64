"""Stores a stream of unknown length in S3 with the memory of two parts."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from riata.adapters.aws_errors import translated
from riata.errors import FileTooLarge
from riata.ports import StoredObject

PART_BYTES = 8 * 2**20
"""S3 takes parts from 5 MiB on and at most 10,000 of them: streams of up to 78 GiB."""

_OF_A_PART = ("ETag", "ChecksumCRC32")


def upload_stream(
    client: Any, bucket: str, key: str, content_type: str, chunks: Iterable[bytes], max_bytes: int
) -> StoredObject:
    """Upload in parts, or whole if all fits into one; see `riata.ports.ObjectStore.upload_stream`."""
    parts = _parts(chunks, max_bytes)
    first = next(parts)
    target = {"Bucket": bucket, "Key": key}
    if len(first) < PART_BYTES:
        with translated():
            answer = client.put_object(**target, ContentType=content_type, Body=first)
        return StoredObject(len(first), answer["ETag"])
    with translated():
        upload = {**target, "UploadId": client.create_multipart_upload(**target, ContentType=content_type)["UploadId"]}
    completed = False
    try:
        with translated():
            stored = _multipart(client, upload, chain((first,), parts))
        completed = True
    finally:
        if not completed:
            # What stopped the upload matters more than an abort that fails; the bucket's lifecycle removes what is left.
            with suppress(ClientError, BotoCoreError):
                client.abort_multipart_upload(**upload)
    return stored


def _multipart(client: Any, upload: dict[str, str], parts: Iterable[bytes]) -> StoredObject:
    size = 0
    done: list[dict[str, Any]] = []
    for number, part in enumerate(parts, start=1):
        answer = client.upload_part(**upload, PartNumber=number, Body=part)
        done.append({"PartNumber": number, **{name: answer[name] for name in _OF_A_PART if name in answer}})
        size += len(part)
    answer = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})
    return StoredObject(size, answer["ETag"])


def _parts(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Parts of exactly `PART_BYTES` and a shorter last one; one empty part for an empty stream."""
    received = 0
    gathered = bytearray()
    for chunk in chunks:
        received += len(chunk)
        if received > max_bytes:
            raise FileTooLarge(f"The file may have at most {max_bytes:,} bytes.")
        gathered += chunk
        while len(gathered) >= PART_BYTES:
            yield bytes(gathered[:PART_BYTES])
            del gathered[:PART_BYTES]
    if gathered or received == 0:
        yield bytes(gathered)
