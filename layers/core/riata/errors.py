"""The one error tree.

::

    RiataError
    ├── RequestError                 an HTTP answer: status, code, message, and the parameter at fault
    │   ├── InvalidRequest           400 INVALID_REQUEST
    │   │   ├── NotImplementedYet    400 NOT_IMPLEMENTED_YET
    │   │   ├── InvalidAudioUrl      400 INVALID_AUDIO_URL
    │   │   ├── InvalidWebhookUrl    400 INVALID_WEBHOOK_URL
    │   │   ├── PromptNotUnderstood  400 PROMPT_NOT_UNDERSTOOD
    │   │   └── PromptAmbiguous      400 PROMPT_AMBIGUOUS
    │   ├── Unauthenticated          401 UNAUTHENTICATED
    │   ├── InsufficientCredits      402 INSUFFICIENT_CREDITS
    │   ├── PermissionDenied         403 PERMISSION_DENIED
    │   ├── NotFound                 404 NOT_FOUND
    │   ├── MethodNotAllowed         405 METHOD_NOT_ALLOWED
    │   ├── FileNotUploaded          409 FILE_NOT_UPLOADED
    │   ├── RequestNotCompleted      409 REQUEST_NOT_COMPLETED
    │   ├── RequestAlreadyEnded      409 REQUEST_ALREADY_ENDED
    │   ├── FileInUse                409 FILE_IN_USE
    │   ├── DeliveryUnderWay         409 DELIVERY_UNDER_WAY
    │   ├── IdempotencyConflict      409 IDEMPOTENCY_CONFLICT
    │   ├── RequestFailed            409 with the code the request failed with
    │   ├── FileExpired              410 FILE_EXPIRED
    │   ├── ResultExpired            410 RESULT_EXPIRED
    │   ├── FileTooLarge             413 FILE_TOO_LARGE
    │   ├── UnsupportedMediaType     415 UNSUPPORTED_MEDIA_TYPE
    │   ├── RateLimited              429 RATE_LIMITED
    │   ├── InternalError            500 INTERNAL_ERROR
    │   ├── AudioFetchFailed         502 AUDIO_FETCH_FAILED
    │   └── Unavailable              503 UNAVAILABLE (a dependency throttles or is down: try again)
    ├── SeparationFailed             ends a request FAILED with `error: {code, message}`
    │   ├── MediaUnreadable          MEDIA_UNREADABLE
    │   ├── MediaSilent              MEDIA_SILENT
    │   ├── MediaTooLong             MEDIA_TOO_LONG
    │   ├── InputMissing             INPUT_MISSING
    │   ├── InputChanged             INPUT_CHANGED
    │   ├── ModelFailed              MODEL_FAILED
    │   ├── PromptRefused            the code of the PromptNotUnderstood or PromptAmbiguous that the worker met
    │   ├── WorkerLost               WORKER_LOST
    │   ├── TimedOut                 TIMED_OUT
    │   └── Cancelled                CANCELLED
    ├── CommandFailed                ends a command of `riata` with status 1; says what is wrong and how to mend it
    │   └── ServiceCallFailed        the service answered the client with an error: status, code, message
    ├── RemoteFailed                 the host behind a caller's URL cannot be reached, or answers wrongly or too late
    ├── ModelUnavailable             a model's weights cannot be fetched, are not what was promised, or cannot be read
    ├── BackendUnavailable           the deployment names a separation backend that cannot be loaded
    └── ConditionFailed              a conditional write found the row in another state; never leaves the use cases

Adapters translate foreign exceptions into these; nothing else is caught on the way to the HTTP edge.
"""

from typing import ClassVar


class RiataError(Exception):
    """The root: everything Riata raises on purpose."""


class RequestError(RiataError):
    """An answer to an HTTP call other than success.

    Args:
        message: What is wrong and what to do, for the caller.
        param: The path of the parameter at fault, e.g. ``input.prompt``.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str, *, param: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.headers = headers or {}

    @property
    def code(self) -> str:
        """The machine-readable code of the contract."""
        return self.default_code


class InvalidRequest(RequestError):
    """A value that the contract does not allow."""

    status = 400
    default_code = "INVALID_REQUEST"


class NotImplementedYet(InvalidRequest):
    """A documented feature that this version does not serve yet."""

    default_code = "NOT_IMPLEMENTED_YET"


class InvalidAudioUrl(InvalidRequest):
    """An ``audio_url`` that is not a public HTTPS URL."""

    default_code = "INVALID_AUDIO_URL"


class InvalidWebhookUrl(InvalidRequest):
    """A ``webhookUrl`` that is not a public HTTPS URL."""

    default_code = "INVALID_WEBHOOK_URL"


class PromptNotUnderstood(InvalidRequest):
    """A prompt that names no sound the deployed model knows."""

    default_code = "PROMPT_NOT_UNDERSTOOD"


class PromptAmbiguous(InvalidRequest):
    """A prompt that both wants and removes the same sound."""

    default_code = "PROMPT_AMBIGUOUS"


class Unauthenticated(RequestError):
    """No API key, or one that is not known."""

    status = 401
    default_code = "UNAUTHENTICATED"


class InsufficientCredits(RequestError):
    """The key's balance does not cover the audio."""

    status = 402
    default_code = "INSUFFICIENT_CREDITS"


class PermissionDenied(RequestError):
    """The API key lacks the scope of the operation."""

    status = 403
    default_code = "PERMISSION_DENIED"


class NotFound(RequestError):
    """No such route, file or request; another tenant's ids are not found either."""

    status = 404
    default_code = "NOT_FOUND"


class MethodNotAllowed(RequestError):
    """The path exists, the verb does not; the ``allow`` header lists those that do."""

    status = 405
    default_code = "METHOD_NOT_ALLOWED"


class FileNotUploaded(RequestError):
    """Submitted before the upload was done."""

    status = 409
    default_code = "FILE_NOT_UPLOADED"


class RequestNotCompleted(RequestError):
    """The result was asked for while the request is still queued or running."""

    status = 409
    default_code = "REQUEST_NOT_COMPLETED"


class RequestAlreadyEnded(RequestError):
    """Too late to cancel: the request has completed or failed."""

    status = 409
    default_code = "REQUEST_ALREADY_ENDED"


class FileInUse(RequestError):
    """A file cannot be deleted while a request that has not ended needs it."""

    status = 409
    default_code = "FILE_IN_USE"


class DeliveryUnderWay(RequestError):
    """A webhook cannot be replayed while an attempt at it is being made."""

    status = 409
    default_code = "DELIVERY_UNDER_WAY"


class IdempotencyConflict(RequestError):
    """The ``Idempotency-Key`` was used with another body."""

    status = 409
    default_code = "IDEMPOTENCY_CONFLICT"


class RequestFailed(RequestError):
    """The result of a failed request was asked for: carries the request's own error code."""

    status = 409
    default_code = "MODEL_FAILED"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self._code = code

    @property
    def code(self) -> str:
        """The code the request failed with."""
        return self._code


class FileExpired(RequestError):
    """The upload window or the file's retention is over."""

    status = 410
    default_code = "FILE_EXPIRED"


class ResultExpired(RequestError):
    """The retention of the outputs is over."""

    status = 410
    default_code = "RESULT_EXPIRED"


class FileTooLarge(RequestError):
    """More bytes than the service takes."""

    status = 413
    default_code = "FILE_TOO_LARGE"


class UnsupportedMediaType(RequestError):
    """A content type that is neither audio nor video nor application/octet-stream."""

    status = 415
    default_code = "UNSUPPORTED_MEDIA_TYPE"


class RateLimited(RequestError):
    """Too many calls with one key; ``retry-after`` says when to come back."""

    status = 429
    default_code = "RATE_LIMITED"


class InternalError(RequestError):
    """A defect of Riata itself."""


class AudioFetchFailed(RequestError):
    """The host of an ``audio_url`` cannot be reached, or does not hand the file out."""

    status = 502
    default_code = "AUDIO_FETCH_FAILED"


class Unavailable(RequestError):
    """A dependency throttles or does not answer; the call may be repeated."""

    status = 503
    default_code = "UNAVAILABLE"


class SeparationFailed(RiataError):
    """Ends a request FAILED. The subclass is the code; the message says what happened and what to do."""

    code: ClassVar[str] = "MODEL_FAILED"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MediaUnreadable(SeparationFailed):
    """The input cannot be decoded as audio."""

    code = "MEDIA_UNREADABLE"


class MediaSilent(SeparationFailed):
    """The input decodes to silence: there is nothing to separate."""

    code = "MEDIA_SILENT"


class MediaTooLong(SeparationFailed):
    """The decoded audio is longer than the limit, or than what was probed and reserved."""

    code = "MEDIA_TOO_LONG"


class InputMissing(SeparationFailed):
    """The uploaded object is gone."""

    code = "INPUT_MISSING"


class InputChanged(SeparationFailed):
    """The uploaded object is not the one that was submitted."""

    code = "INPUT_CHANGED"


class ModelFailed(SeparationFailed):
    """The separator raised, or three workers died over the request."""

    code = "MODEL_FAILED"


class PromptRefused(SeparationFailed):
    """The prompt was accepted at submit, but the backend that serves the request does not understand it."""

    def __init__(self, refusal: RequestError) -> None:
        super().__init__(refusal.message)
        self.code = refusal.code  # type: ignore[misc]


class WorkerLost(SeparationFailed):
    """The queue gave the request up: no worker finished it."""

    code = "WORKER_LOST"


class TimedOut(SeparationFailed):
    """The request was not finished within the longest queue and run time."""

    code = "TIMED_OUT"


class Cancelled(SeparationFailed):
    """The caller cancelled the request."""

    code = "CANCELLED"


class RemoteFailed(RiataError):
    """The host behind a caller's URL failed. The message is the end of a sentence about the URL and never contains it."""


class BackendUnavailable(RiataError):
    """The configured separation backend does not exist, or its weights cannot be loaded."""


class ModelUnavailable(RiataError):
    """A model's weights cannot be fetched, are not what was promised, or cannot be read."""


class ConditionFailed(RiataError):
    """A conditional write found the row in another state than expected."""


class CommandFailed(RiataError):
    """A command cannot go on. The message says what is wrong and how to mend it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ServiceCallFailed(CommandFailed):
    """The service answered a call of the client with an error (or not at all: status 0)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
