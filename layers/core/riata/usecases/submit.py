"""POST /v1/queue/audio/separate."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from riata.domain.accounts import Principal
from riata.domain.deliveries import Webhook
from riata.domain.ids import new_request_id
from riata.domain.money import billable_seconds, reserve
from riata.domain.options import SeparationOptions
from riata.domain.requests import Idempotency, LogLine, Request, Status
from riata.errors import ConditionFailed, IdempotencyConflict, Unavailable
from riata.log import log
from riata.ports import Clock, Executions, Requests
from riata.usecases.sources import ReadySource, RemoteSource, UploadedSource, no_such_file


@dataclass(frozen=True)
class Submission:
    """What a caller submits, with one of ``file_id`` and ``audio_url``.

    ``metadata`` is JSON text; ``body_hash`` tells one body from another under an idempotency key.
    """

    options: SeparationOptions
    base_url: str
    file_id: str | None = None
    audio_url: str | None = None
    metadata: str | None = None
    idempotency_key: str | None = None
    body_hash: str = ""
    webhook_url: str | None = None
    webhook_secret: str | None = None


PromptCheck = Callable[[SeparationOptions], object]
"""Raises `PromptNotUnderstood` or `PromptAmbiguous` when the backend cannot serve the prompt with these hints."""


WebhookCheck = Callable[[str, str, str | None], Webhook]
"""Request id, URL and the caller's secret → the webhook to store; `AcceptWebhook` of `riata.usecases.webhooks`."""


def any_prompt(_options: SeparationOptions) -> None:
    """The check of a backend that takes free text."""


@dataclass(frozen=True)
class SubmitSeparation:
    """Queue a separation.

    The transaction that stores the request is the moment it exists: if the process dies before the execution starts, the
    reconciler starts it.
    """

    requests: Requests
    executions: Executions
    uploaded: UploadedSource
    remote: RemoteSource
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
            InvalidAudioUrl, AudioFetchFailed: the URL is not public HTTPS, or its host does not hand the audio out.
            InsufficientCredits: the key's balance does not cover the audio.
            IdempotencyConflict: the idempotency key came with another body before.
        """
        repeated = self._repeated(principal, submission)
        if repeated is not None:
            return repeated
        self.check_prompt(submission.options)
        request_id, webhook = new_request_id(), None
        if submission.webhook_url is not None:
            webhook = self.accept_webhook(request_id, submission.webhook_url, submission.webhook_secret)
        ready = self._source(principal, submission, request_id)
        now = self.clock()
        reserved = None
        if principal.metered and ready.duration is not None:
            reserved = billable_seconds(ready.duration)
        request = Request(
            request_id=request_id,
            tenant=principal.tenant,
            key_id=principal.key_id,
            status=Status.IN_QUEUE,
            created_at=now,
            updated_at=now,
            source=ready.source,
            options=submission.options,
            base_url=submission.base_url,
            duration=ready.duration or 0.0,
            delete_after=now + self.retention,
            metered=principal.metered,
            reserved=reserved,
            prepared=ready.duration is not None,
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
            raise no_such_file(submission.file_id or "") from None
        with _is_queued(request):
            self.executions.start(request)
            self.requests.add_log(request.request_id, LogLine(now, "Queued."), request.delete_after)
        return request

    def _source(self, principal: Principal, submission: Submission, request_id: str) -> ReadySource:
        if submission.audio_url is not None:
            return self.remote(principal, submission.audio_url, request_id)
        return self.uploaded(principal, submission.file_id or "")

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
            with _is_queued(request):
                self.executions.start(request)
        return request


@contextmanager
def _is_queued(request: Request) -> Iterator[None]:
    """It is stored and paid for: an error from here on would make the caller submit it again. The reconciler starts it."""
    try:
        yield
    except Unavailable as error:
        log("execution not started", level="warning", request_id=request.request_id, error=str(error))
