"""POST /v1/queue/audio/separate."""

from dataclasses import dataclass
from datetime import timedelta

from riata.domain.accounts import Principal
from riata.domain.files import File, FileStatus
from riata.domain.ids import new_request_id
from riata.domain.media import MAX_FILE_BYTES, MediaInfo
from riata.domain.money import billable_seconds, reserve
from riata.domain.options import SeparationOptions
from riata.domain.requests import LogLine, Request, Source, Status
from riata.errors import ConditionFailed, FileExpired, FileNotUploaded, FileTooLarge, InvalidRequest
from riata.ports import Clock, Executions, Files, Requests
from riata.usecases.files import ProbeFile, PromoteFile

_FILE_PARAM = "input.file_id"


@dataclass(frozen=True)
class SubmitSeparation:
    """Queue a separation of an uploaded file.

    The transaction that stores the request is the moment it exists: if the process dies before the execution starts, the
    reconciler starts it.
    """

    files: Files
    requests: Requests
    executions: Executions
    promote: PromoteFile
    probe: ProbeFile
    clock: Clock
    retention: timedelta

    def __call__(
        self, principal: Principal, file_id: str, options: SeparationOptions, base_url: str, metadata: str | None = None
    ) -> Request:
        """The queued request.

        Raises:
            InvalidRequest: an unknown or foreign file, or one that is not audio or video.
            FileNotUploaded: the upload has not arrived.
            FileExpired: the upload window or the retention is over.
            FileTooLarge: more bytes than the service takes.
            InsufficientCredits: the key's balance does not cover the audio.
        """
        file, etag, media = self._ready_file(principal, file_id)
        now = self.clock()
        request = Request(
            request_id=new_request_id(),
            tenant=principal.tenant,
            key_id=principal.key_id,
            status=Status.IN_QUEUE,
            created_at=now,
            updated_at=now,
            source=Source(file.object_key, etag, file.content_type, file.file_id),
            options=options,
            base_url=base_url,
            duration=media.duration,
            delete_after=now + self.retention,
            metered=principal.metered,
            reserved=billable_seconds(media.duration) if principal.metered else None,
            metadata=metadata,
        )
        entry = None
        if request.reserved is not None:
            entry = reserve(principal.key_id, request.request_id, request.reserved, now)
        try:
            self.requests.submit(request, entry)
        except ConditionFailed:
            raise _no_such_file(file_id) from None
        self.requests.add_log(request.request_id, LogLine(now, "Queued."), request.delete_after)
        self.executions.start(request)
        return request

    def _ready_file(self, principal: Principal, file_id: str) -> tuple[File, str, MediaInfo]:
        file = self.files.get(file_id)
        if file is None or file.tenant != principal.tenant or file.deleted_at is not None:
            raise _no_such_file(file_id)
        file = self.promote(file)
        match file.status_at(self.clock()):
            case FileStatus.EXPIRED:
                raise FileExpired("The file has expired. Upload it again.", param=_FILE_PARAM)
            case FileStatus.PENDING:
                raise FileNotUploaded(
                    "The file is not uploaded yet. PUT it to its `upload_url` first.", param=_FILE_PARAM
                )
            case FileStatus.UPLOADED:
                pass
        if file.file_size > MAX_FILE_BYTES:
            raise FileTooLarge(f"Files are limited to {MAX_FILE_BYTES} bytes.", param=_FILE_PARAM)
        file = self.probe(file)
        if file.media is None or file.etag is None:
            raise InvalidRequest(f"The file cannot be separated: {file.media_error}", param=_FILE_PARAM)
        return file, file.etag, file.media


def _no_such_file(file_id: str) -> InvalidRequest:
    return InvalidRequest(f"There is no file {file_id!r}. Create one with POST /v1/files.", param=_FILE_PARAM)
