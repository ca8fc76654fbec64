"""`riata.ports.Files` in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from riata.domain.files import File
from riata.domain.media import MediaInfo
from riata.errors import ConditionFailed


class FakeFiles:
    """Files, and when the media of each is to go; `hold` is what a transaction of the requests writes here."""

    def __init__(self) -> None:
        self.rows: dict[str, File] = {}
        self.dispose_at: dict[str, datetime] = {}

    def add(self, file: File) -> None:
        if file.file_id in self.rows:
            raise ConditionFailed(file.file_id)
        self.rows[file.file_id] = file
        self.dispose_at[file.file_id] = file.delete_after

    def get(self, file_id: str) -> File | None:
        return self.rows.get(file_id)

    def mark_uploaded(self, file: File, etag: str, at: datetime) -> None:
        stored = self.rows.get(file.file_id)
        if stored is None or stored.uploaded_at is not None or stored.deleted_at is not None:
            raise ConditionFailed(file.file_id)
        self.rows[file.file_id] = replace(stored, uploaded_at=at, etag=etag)

    def record_probe(self, file: File, media: MediaInfo | None, media_error: str | None) -> None:
        stored = self.rows.get(file.file_id)
        if stored is None or stored.etag is None or stored.etag != file.etag or stored.is_probed:
            raise ConditionFailed(file.file_id)
        self.rows[file.file_id] = replace(stored, media=media, media_error=media_error)

    def mark_deleted(self, file_id: str, at: datetime) -> None:
        stored = self.rows.get(file_id)
        if stored is None or stored.deleted_at is not None or stored.open_requests > 0:
            raise ConditionFailed(file_id)
        self.rows[file_id] = replace(stored, deleted_at=at)
        self.dispose_at[file_id] = at

    def due_for_disposal(self, now: datetime, limit: int) -> Sequence[str]:
        due = sorted((at, file_id) for file_id, at in self.dispose_at.items() if at <= now)
        return [file_id for _at, file_id in due[:limit]]

    def disposed(self, file_id: str) -> None:
        self.dispose_at.pop(file_id, None)

    def hold(self, file_id: str, change: int) -> None:
        """One open request more or less needs the file."""
        stored = self.rows[file_id]
        self.rows[file_id] = replace(stored, open_requests=stored.open_requests + change)
