"""`riata.ports.ObjectStore` in memory."""

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from riata.domain.requests import Source
from riata.errors import FileTooLarge, InputChanged, InputMissing
from riata.ports import StoredObject


class FakeObjects:
    """One bucket; `put` is the client's upload."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}

    def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> str:
        """Store bytes; returns their ETag."""
        self.contents[key], self.content_types[key] = content, content_type
        return etag_of(content)

    def presign_upload(self, key: str, content_type: str, size: int, expires_in: int) -> str:
        return f"https://bucket.test/{key}?put&type={content_type}&size={size}&expires={expires_in}"

    def presign_download(self, key: str, file_name: str, content_type: str, expires_in: int) -> str:
        return f"https://bucket.test/{key}?get&name={file_name}&type={content_type}&expires={expires_in}"

    def head(self, key: str) -> StoredObject | None:
        content = self.contents.get(key)
        return None if content is None else StoredObject(len(content), etag_of(content))

    def open(self, key: str, etag: str) -> BinaryIO:
        content = self.contents.get(key)
        if content is None:
            raise InputMissing("The uploaded file is gone. Upload it again.")
        if etag_of(content) != etag:
            raise InputChanged("The file was replaced after it was submitted. Upload it as a new file.")
        return io.BytesIO(content)

    def download(self, source: Source, destination: Path) -> None:
        destination.write_bytes(self.open(source.key, source.etag).read())

    def upload(self, path: Path, key: str, content_type: str) -> None:
        self.put(key, path.read_bytes(), content_type)

    def upload_stream(self, key: str, content_type: str, chunks: Iterable[bytes], max_bytes: int) -> StoredObject:
        content = b""
        for chunk in chunks:
            content += chunk
            if len(content) > max_bytes:
                raise FileTooLarge(f"Files are limited to {max_bytes} bytes.")
        return StoredObject(len(content), self.put(key, content, content_type))

    def delete(self, key: str) -> None:
        self.contents.pop(key, None)

    def delete_prefix(self, prefix: str) -> None:
        for key in self.below(prefix):
            del self.contents[key]

    def below(self, prefix: str) -> list[str]:
        """Every key with the prefix, sorted."""
        return sorted(key for key in self.contents if key.startswith(prefix))


def etag_of(content: bytes) -> str:
    """S3's ETag of an object stored in one part."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
