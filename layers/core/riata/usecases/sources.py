"""What is to be separated, checked at submit: an upload of the caller, or a public URL."""

from dataclasses import dataclass

from riata.domain.accounts import Principal
from riata.domain.files import File, FileStatus
from riata.domain.media import MAX_FILE_BYTES
from riata.domain.requests import Source, fetched_key
from riata.domain.urls import AUDIO_URL
from riata.errors import FileExpired, FileNotUploaded, FileTooLarge, InsufficientCredits, InvalidRequest
from riata.ports import Accounts, Clock, Files, UrlFetch
from riata.usecases.files import ProbeFile, PromoteFile

_FILE_PARAM = "input.file_id"


@dataclass(frozen=True)
class ReadySource:
    """A source that may be queued; ``duration`` in seconds, None while only a fetch can tell."""

    source: Source
    duration: float | None


@dataclass(frozen=True)
class UploadedSource:
    """An upload, promoted and probed here if the S3 event has not come yet."""

    files: Files
    promote: PromoteFile
    probe: ProbeFile
    clock: Clock

    def __call__(self, principal: Principal, file_id: str) -> ReadySource:
        """The caller's own upload.

        Raises:
            InvalidRequest: an unknown or foreign file, or one that is not audio or video.
            FileNotUploaded: the upload has not arrived.
            FileExpired: the upload window or the retention is over.
            FileTooLarge: more bytes than the service takes.
        """
        file = self.files.get(file_id)
        if file is None or file.tenant != principal.tenant or file.deleted_at is not None:
            raise no_such_file(file_id)
        file = self._uploaded(self.promote(file))
        if file.file_size > MAX_FILE_BYTES:
            raise FileTooLarge(f"Files are limited to {MAX_FILE_BYTES} bytes.", param=_FILE_PARAM)
        file = self.probe(file)
        if file.media is None or file.etag is None:
            raise InvalidRequest(f"The file cannot be separated: {file.media_error}", param=_FILE_PARAM)
        return ReadySource(Source(file.object_key, file.etag, file.content_type, file_id), file.media.duration)

    def _uploaded(self, file: File) -> File:
        match file.status_at(self.clock()):
            case FileStatus.EXPIRED:
                raise FileExpired("The file has expired. Upload it again.", param=_FILE_PARAM)
            case FileStatus.PENDING:
                raise FileNotUploaded(
                    "The file is not uploaded yet. PUT it to its `upload_url` first.", param=_FILE_PARAM
                )
            case FileStatus.UPLOADED:
                return file


@dataclass(frozen=True)
class RemoteSource:
    """A public URL, looked at by its first byte; the state machine fetches it."""

    accounts: Accounts
    fetch: UrlFetch

    def __call__(self, principal: Principal, url: str, request_id: str) -> ReadySource:
        """The URL as a source of the request.

        Raises:
            InvalidAudioUrl: not a public HTTPS URL.
            FileTooLarge: it says that it is larger than the service takes.
            AudioFetchFailed: its host cannot be reached or does not hand it out.
            InsufficientCredits: nothing is left on the key.
        """
        key = self.accounts.get_key(principal.key_id) if principal.metered else None
        if key is not None and key.balance <= 0:
            raise InsufficientCredits("This key has no credits (audio seconds) left.")
        remote = self.fetch.probe(url, AUDIO_URL, MAX_FILE_BYTES)
        content_type = remote.content_type or "application/octet-stream"
        return ReadySource(Source(fetched_key(request_id), "", content_type, url=url), None)


def no_such_file(file_id: str) -> InvalidRequest:
    """The answer to an unknown, foreign or deleted file alike."""
    return InvalidRequest(f"There is no file {file_id!r}. Create one with POST /v1/files.", param=_FILE_PARAM)
