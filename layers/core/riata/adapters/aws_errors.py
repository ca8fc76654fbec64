"""botocore's exceptions → ours, in one map."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from riata.errors import ConditionFailed, RiataError, Unavailable

CONDITION_CODES = frozenset({"ConditionalCheckFailedException"})

TRANSIENT_CODES = frozenset({
    "InternalError", "InternalFailure", "InternalServerError", "KMSThrottlingException", "LimitExceededException",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestTimeout", "ServiceUnavailable",
    "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException", "TransactionConflictException",
    "TransactionInProgressException",
})  # fmt: skip


CONFLICT_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
"""Why an item of a transaction was not written although nothing is wrong with it."""


class AwsRefused(RiataError):
    """AWS refused a call for a reason that repeating does not mend: a missing permission, a wrong name, a defect."""


_SERVER_ERROR = 500


def code_of(error: ClientError) -> str:
    """The error code of an AWS answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def cancellation_codes(error: ClientError) -> list[str]:
    """Per item of a cancelled transaction, the reason; ``None`` is the string for an item that was fine."""
    return [str(reason.get("Code", "None")) for reason in error.response.get("CancellationReasons", [])]


def translate(error: ClientError | BotoCoreError) -> RiataError:
    """The exception of ours that says the same."""
    if not isinstance(error, ClientError):
        return Unavailable(f"A dependency did not answer: {error}")
    code = code_of(error)
    if code in CONDITION_CODES:
        return ConditionFailed(str(error))
    if code == "TransactionCanceledException":
        reasons = set(cancellation_codes(error)) - {"None"}
        if reasons == {"ConditionalCheckFailed"}:
            return ConditionFailed(str(error))
        is_transient = reasons <= CONFLICT_REASONS | {"ConditionalCheckFailed"}
    else:
        is_transient = code in TRANSIENT_CODES or _http_status(error) >= _SERVER_ERROR
    if is_transient:
        return Unavailable("A dependency is busy. Try again.")
    return AwsRefused(str(error))


def _http_status(error: ClientError) -> int:
    """A HEAD's error has no body, hence no code: only the status says that it is AWS's own."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def translated() -> Iterator[None]:
    """Everything botocore raises inside leaves as ours."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(error) from error
