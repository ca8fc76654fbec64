"""`riata.ports.ObjectStore` on S3."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from riata.adapters.aws_errors import code_of, translate, translated
from riata.adapters.s3_stream import upload_stream
from riata.domain.requests import Source
from riata.errors import InputChanged, InputMissing, RiataError
from riata.ports import StoredObject

_MISSING = {"404", "NoSuchKey", "NotFound"}
_CHANGED = {"412", "PreconditionFailed"}
_READ_AHEAD = 256 * 1024
_TRANSFER = TransferConfig(multipart_threshold=64 * 2**20, multipart_chunksize=32 * 2**20, max_concurrency=4)


@contextmanager
def _reading() -> Iterator[None]:
    """Like `translated`, and knows what has become of an input."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise _read_error(error) from error


def _read_error(error: ClientError | BotoCoreError) -> RiataError:
    code = code_of(error) if isinstance(error, ClientError) else None
    if code in _MISSING:
        return InputMissing("The uploaded file is gone. Upload it again.")
    if code in _CHANGED:
        return InputChanged("The file was replaced after it was submitted. Upload it as a new file.")
    return translate(error)


class S3Objects:
    """One bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def presign_upload(self, key: str, content_type: str, size: int, expires_in: int) -> str:
        """A PUT URL bound to content type and length; clients send only the content type themselves."""
        with translated():
            return str(
                self._client.generate_presigned_url(
                    "put_object",
                    Params={"Bucket": self._bucket, "Key": key, "ContentType": content_type, "ContentLength": size},
                    ExpiresIn=expires_in,
                )
            )

    def presign_download(self, key: str, file_name: str, content_type: str, expires_in: int) -> str:
        """A GET URL that names the file."""
        with translated():
            return str(
                self._client.generate_presigned_url(
                    "get_object",
                    Params={
                        "Bucket": self._bucket,
                        "Key": key,
                        "ResponseContentType": content_type,
                        "ResponseContentDisposition": f'attachment; filename="{quote(file_name, safe=" ()-_.")}"',
                    },
                    ExpiresIn=expires_in,
                )
            )

    def head(self, key: str) -> StoredObject | None:
        """Size and ETag, or None when there is no such object."""
        try:
            with _reading():
                answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except InputMissing:
            return None
        return StoredObject(answer["ContentLength"], answer["ETag"])

    def open(self, key: str, etag: str) -> BinaryIO:
        """A seekable reader by ranged GETs, pinned to the ETag."""
        with _reading():
            answer = self._client.head_object(Bucket=self._bucket, Key=key, IfMatch=etag)
        raw = _RangedReader(self._client, self._bucket, key, etag, answer["ContentLength"])
        return io.BufferedReader(raw, _READ_AHEAD)

    def download(self, source: Source, destination: Path) -> None:
        """Fetch a whole object, pinned to its ETag."""
        with _reading(), destination.open("wb") as file:
            body = self._client.get_object(Bucket=self._bucket, Key=source.key, IfMatch=source.etag)["Body"]
            for chunk in body.iter_chunks(2**20):
                file.write(chunk)

    def upload(self, path: Path, key: str, content_type: str) -> None:
        """Store a file, in parts when it is large."""
        with translated():
            try:
                self._client.upload_file(
                    str(path), self._bucket, key, ExtraArgs={"ContentType": content_type}, Config=_TRANSFER
                )
            except S3UploadFailedError as error:
                # boto3 wraps what S3 answered; unwrapped it is translated like everything else.
                raise (error.__context__ or error) from error

    def upload_stream(self, key: str, content_type: str, chunks: Iterable[bytes], max_bytes: int) -> StoredObject:
        """Store bytes as they come in, in parts."""
        return upload_stream(self._client, self._bucket, key, content_type, chunks, max_bytes)

    def delete(self, key: str) -> None:
        """Delete one object; deleting twice is fine."""
        with translated():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def delete_prefix(self, prefix: str) -> None:
        """Delete everything below a prefix."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with translated():
            for page in pages:
                for found in page.get("Contents", []):
                    self._client.delete_object(Bucket=self._bucket, Key=found["Key"])


class _RangedReader(io.RawIOBase):
    """Reads an object by ranged GETs, so that a probe of a large file fetches a few blocks only."""

    def __init__(self, client: Any, bucket: str, key: str, etag: str, size: int) -> None:
        self._client, self._bucket, self._key, self._etag, self._size = client, bucket, key, etag, size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        last = min(self._position + len(view), self._size) - 1
        if last < self._position:
            return 0
        with _reading():
            data = self._client.get_object(
                Bucket=self._bucket, Key=self._key, IfMatch=self._etag, Range=f"bytes={self._position}-{last}"
            )["Body"].read()
        view[: len(data)] = data
        self._position += len(data)
        return len(data)
