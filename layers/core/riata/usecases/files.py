"""Uploads: a presigned PUT, and what became of it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from riata.domain.accounts import Principal
from riata.domain.files import UPLOAD_WINDOW, File, file_id_of, upload_key
from riata.domain.ids import new_file_id
from riata.domain.media import MAX_DURATION_SECONDS, MAX_FILE_BYTES, is_media_content_type
from riata.errors import (
    ConditionFailed,
    FileTooLarge,
    InputChanged,
    InputMissing,
    MediaUnreadable,
    NotFound,
    UnsupportedMediaType,
)
from riata.ports import Clock, Files, MediaProbe, ObjectStore


@dataclass(frozen=True)
class CreateFile:
    """POST /v1/files."""

    files: Files
    objects: ObjectStore
    clock: Clock
    retention: timedelta

    def __call__(self, principal: Principal, file_name: str, content_type: str, file_size: int) -> tuple[File, str]:
        """A pending file and its upload URL.

        Raises:
            UnsupportedMediaType: neither audio nor video nor application/octet-stream.
            FileTooLarge: more than `MAX_FILE_BYTES`.
        """
        if not is_media_content_type(content_type):
            raise UnsupportedMediaType(
                "`content_type` must be audio/*, video/* or application/octet-stream.", param="content_type"
            )
        if file_size > MAX_FILE_BYTES:
            raise FileTooLarge(f"`file_size` is limited to {MAX_FILE_BYTES} bytes.", param="file_size")
        now, file_id = self.clock(), new_file_id()
        file = File(
            file_id=file_id,
            tenant=principal.tenant,
            file_name=file_name,
            content_type=content_type,
            file_size=file_size,
            created_at=now,
            upload_expires_at=now + UPLOAD_WINDOW,
            delete_after=now + self.retention,
        )
        url = self.objects.presign_upload(
            upload_key(file_id), content_type, file_size, int(UPLOAD_WINDOW.total_seconds())
        )
        self.files.add(file)
        return file, url


@dataclass(frozen=True)
class PromoteFile:
    """Pending → uploaded as soon as the object is there, whoever looks first: the S3 event, GET file or submit."""

    files: Files
    objects: ObjectStore
    clock: Clock

    def __call__(self, file: File) -> File:
        """The file as it is now."""
        if file.uploaded_at is not None or file.deleted_at is not None:
            return file
        stored = self.objects.head(file.object_key)
        if stored is None:
            return file
        now = self.clock()
        try:
            self.files.mark_uploaded(file, stored.etag, now)
        except ConditionFailed:
            return self.files.get(file.file_id) or file
        return replace(file, uploaded_at=now, etag=stored.etag)


@dataclass(frozen=True)
class ProbeFile:
    """Find out what the uploaded bytes are, once."""

    files: Files
    objects: ObjectStore
    probe: MediaProbe

    def __call__(self, file: File) -> File:
        """The file with its media or media error known, if it is uploaded and still the same object."""
        if file.etag is None or file.is_probed:
            return file
        media, error = None, None
        try:
            with self.objects.open(file.object_key, file.etag) as reader:
                media = self.probe(reader)
            if media.duration > MAX_DURATION_SECONDS:
                media, error = None, f"The audio lasts longer than {MAX_DURATION_SECONDS / 3600:g} hours."
        except (MediaUnreadable, InputChanged, InputMissing) as unreadable:
            error = unreadable.message
        try:
            self.files.record_probe(file, media, error)
        except ConditionFailed:
            return self.files.get(file.file_id) or file
        return replace(file, media=media, media_error=error)


@dataclass(frozen=True)
class ReadFile:
    """GET /v1/files/{file_id}."""

    files: Files
    promote: PromoteFile

    def __call__(self, principal: Principal, file_id: str) -> File:
        """The caller's own file; somebody else's does not exist.

        Raises:
            NotFound: no such file.
        """
        file = self.files.get(file_id)
        if file is None or file.tenant != principal.tenant or file.deleted_at is not None:
            raise NotFound(f"There is no file {file_id!r}.")
        return self.promote(file)


@dataclass(frozen=True)
class AcceptUpload:
    """The S3 event: promote and probe ahead of the submit that will need it."""

    files: Files
    objects: ObjectStore
    promote: PromoteFile
    probe: ProbeFile

    def __call__(self, object_key: str) -> File | None:
        """The file the object belongs to; an object without a row, or of a deleted one, is removed."""
        file_id = file_id_of(object_key)
        file = self.files.get(file_id) if file_id else None
        if file is None or file.deleted_at is not None:
            self.objects.delete(object_key)
            return None
        return self.probe(self.promote(file))
