"""POST /v1/queue/audio/separate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from riata.domain.accounts import Principal
from riata.domain.deliveries import Webhook
from riata.domain.files import File, FileStatus
from riata.domain.ids import new_request_id
from riata.domain.media import MAX_FILE_BYTES, MediaInfo
from riata.domain.money import billable_seconds, reserve
from riata.domain.options import SeparationOptions
from riata.domain.requests import Idempotency, LogLine, Request, Source, Status
from riata.errors import (
    ConditionFailed,
    FileExpired,
    FileNotUploaded,
    FileTooLarge,
    IdempotencyConflict,
    InvalidRequest,
    Unavailable,
)
from riata.log import log
from riata.ports import Clock, Executions, Files, Requests
from riata.usecases.files import ProbeFile, PromoteFile

_FILE_PARAM = "input.file_id"


@dataclass(frozen=True)
class Submission:
    """What a caller submits; ``metadata`` is JSON text, ``body_hash`` tells one body from another under an idempotency key."""

    file_id: str
    options: SeparationOptions
    base_url: str
    metadata: str | None = None
    idempotency_key: str | None = None
    body_hash: str = ""
    webhook_url: str | None = None
    webhook_secret: str | None = None


PromptCheck = Callable[[str], object]
"""Raises `PromptNotUnderstood` or `PromptAmbiguous` when the backend cannot serve a prompt."""


WebhookCheck = Callable[[str, str, str | None], Webhook]
"""Request id, URL and the caller's secret → the webhook to store; `AcceptWebhook` of `riata.usecases.webhooks`."""


def any_prompt(_prompt: str) -> None:
    """The check of a backend that takes free text."""


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
    accept_webhook: WebhookCheck
    check_prompt: PromptCheck = any_prompt

    def __call__(self, principal: Principal, submission: Submission) -> Request:
        """The queued request; for a repeated idempotency key the one that its first use made.

        Raises:
            InvalidRequest: an unknown or foreign file, or one that is not audio or video; a webhook secret that cannot be one.
            InvalidWebhookUrl: not a public HTTPS URL.
            PromptNotUnderstood, PromptAmbiguous: the deployed backend cannot serve the prompt.
            FileNotUploaded: the upload has not arrived.
            FileExpired: the upload window or the retention is over.
            FileTooLarge: more bytes than the service takes.
            InsufficientCredits: the key's balance does not cover the audio.
            IdempotencyConflict: the idempotency key came with another body before.
        """
        repeated = self._repeated(principal, submission)
        if repeated is not None:
            return repeated
        self.check_prompt(submission.options.prompt)
        request_id, webhook = new_request_id(), None
        if submission.webhook_url is not None:
            webhook = self.accept_webhook(request_id, submission.webhook_url, submission.webhook_secret)
        file, etag, media = self._ready_file(principal, submission.file_id)
        now = self.clock()
        request = Request(
            request_id=request_id,
            tenant=principal.tenant,
            key_id=principal.key_id,
            status=Status.IN_QUEUE,
            created_at=now,
            updated_at=now,
            source=Source(file.object_key, etag, file.content_type, file.file_id),
            options=submission.options,
            base_url=submission.base_url,
            duration=media.duration,
            delete_after=now + self.retention,
            metered=principal.metered,
            reserved=billable_seconds(media.duration) if principal.metered else None,
            metadata=submission.metadata,
            webhook=webhook,
        )
        entry = None
        if request.reserved is not None:
            entry = reserve(principal.key_id, request.request_id, request.reserved, now)
        key, first = submission.idempotency_key, None
        if key is not None:
            first = Idempotency(key, submission.body_hash, request.request_id)
        try:
            self.requests.submit(request, entry, first)
        except ConditionFailed:
            repeated = self._repeated(principal, submission)
            if repeated is not None:
                return repeated
            raise _no_such_file(submission.file_id) from None
        try:
            self.executions.start(request)
            self.requests.add_log(request.request_id, LogLine(now, "Queued."), request.delete_after)
        except Unavailable as error:
            # It is queued and paid for: an error here would make the caller submit it again. The reconciler starts it.
            log("execution not started", level="warning", request_id=request.request_id, error=str(error))
        return request

    def _repeated(self, principal: Principal, submission: Submission) -> Request | None:
        """The request that the first use of the idempotency key made."""
        if submission.idempotency_key is None:
            return None
        first = self.requests.first_use(principal.tenant, submission.idempotency_key, self.clock())
        if first is None:
            return None
        if first.body_hash != submission.body_hash:
            raise IdempotencyConflict("This `Idempotency-Key` was used with another body. Use a new one.")
        # The transaction may have been followed by a crash: starting twice is fine.
        request = self.requests.get(first.request_id)
        if request is not None and not request.status.is_terminal:
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
