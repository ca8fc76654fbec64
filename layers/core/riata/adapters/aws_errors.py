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


class AwsRefused(RiataError):
    """AWS refused a call for a reason that repeating does not mend: a missing permission, a wrong name, a defect."""


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
        if reasons <= {"ConditionalCheckFailed"}:
            return ConditionFailed(str(error))
        return Unavailable("A dependency is busy. Try again.")
    if code in TRANSIENT_CODES:
        return Unavailable("A dependency is busy. Try again.")
    return AwsRefused(str(error))


@contextmanager
def translated() -> Iterator[None]:
    """Everything botocore raises inside leaves as ours."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(error) from error
