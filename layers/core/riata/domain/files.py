"""An uploaded file: ``pending → uploaded``; ``expired`` is what time makes of either."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from riata.domain.media import MediaInfo

UPLOAD_WINDOW = timedelta(hours=1)
"""How long a presigned upload URL is valid."""

PURPOSE = "audio.separate.input"


class FileStatus(StrEnum):
    """What the contract shows."""

    PENDING = "pending"
    UPLOADED = "uploaded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class File:
    """A file of one tenant. ``etag`` binds every later read to the bytes that were probed."""

    file_id: str
    tenant: str
    file_name: str
    content_type: str
    file_size: int
    created_at: datetime
    upload_expires_at: datetime
    delete_after: datetime
    uploaded_at: datetime | None = None
    etag: str | None = None
    media: MediaInfo | None = None
    media_error: str | None = None
    deleted_at: datetime | None = None
    open_requests: int = 0

    @property
    def object_key(self) -> str:
        """Where the bytes are, in the bucket."""
        return upload_key(self.file_id)

    @property
    def is_probed(self) -> bool:
        """Whether a probe has said what the bytes are, media or not."""
        return self.media is not None or self.media_error is not None

    def status_at(self, now: datetime) -> FileStatus:
        """The status that the contract shows at ``now``."""
        if now >= self.delete_after:
            return FileStatus.EXPIRED
        if self.uploaded_at is not None:
            return FileStatus.UPLOADED
        return FileStatus.EXPIRED if now >= self.upload_expires_at else FileStatus.PENDING

    @property
    def expires_at(self) -> datetime:
        """When the status turns to expired if nothing else happens."""
        return self.delete_after if self.uploaded_at is not None else self.upload_expires_at


UPLOADS_PREFIX = "uploads/"


def upload_key(file_id: str) -> str:
    """The object key of an upload."""
    return f"{UPLOADS_PREFIX}{file_id}"


def file_id_of(object_key: str) -> str | None:
    """The file an uploaded object belongs to, or None when the key is not one of ours."""
    name = object_key.removeprefix(UPLOADS_PREFIX)
    return name if name != object_key and name.startswith("file_") and "/" not in name else None
