"""`riata.ports.Files` on the Jobs table."""

from collections.abc import Sequence
from datetime import datetime

from riata.adapters.dynamodb import rows
from riata.adapters.dynamodb.table import Table, update
from riata.domain.clock import to_wire as text
from riata.domain.files import File
from riata.domain.media import MediaInfo


class DynamoFiles:
    """Uploaded files."""

    def __init__(self, jobs: Table) -> None:
        self._jobs = jobs

    def add(self, file: File) -> None:
        """Store a new file."""
        self._jobs.put_new(rows.file_row(file))

    def get(self, file_id: str) -> File | None:
        """The file, or None."""
        row = self._jobs.get(rows.file_key(file_id))
        return rows.file_from(row) if row else None

    def mark_uploaded(self, file: File, etag: str, at: datetime) -> None:
        """Pending → uploaded, binding the ETag."""
        self._jobs.update(
            update(
                rows.file_key(file.file_id),
                {"uploaded_at": text(at), "etag": etag},
                condition="attribute_exists(pk) AND attribute_not_exists(uploaded_at) AND attribute_not_exists(deleted_at)",
                values={},
            )
        )

    def mark_deleted(self, file_id: str, at: datetime) -> None:
        """Tombstone the file, its media due for disposal now."""
        self._jobs.update(
            update(
                rows.file_key(file_id),
                {"deleted_at": text(at), "sweep": rows.FILE_DISPOSAL, "sweep_at": text(at)},
                condition="attribute_exists(pk) AND attribute_not_exists(deleted_at) AND open_requests <= :none",
                values={":none": 0},
            )
        )

    def due_for_disposal(self, now: datetime, limit: int) -> Sequence[str]:
        """Files whose media should go."""
        return [pk.removeprefix("FILE#") for pk in self._jobs.due(rows.FILE_DISPOSAL, text(now), limit)]

    def disposed(self, file_id: str) -> None:
        """The media is gone."""
        self._jobs.clear_sweep(rows.file_key(file_id), rows.FILE_DISPOSAL)

    def record_probe(self, file: File, media: MediaInfo | None, media_error: str | None) -> None:
        """Store what the bytes are."""
        found = {"media": rows.media_text(media), "media_error": media_error}
        self._jobs.update(
            update(
                rows.file_key(file.file_id),
                {name: value for name, value in found.items() if value is not None},
                condition="etag = :etag AND attribute_not_exists(media) AND attribute_not_exists(media_error)",
                values={":etag": file.etag},
            )
        )
