"""Nothing that botocore raises leaves an adapter."""

import inspect
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from riata.adapters import secrets
from riata.adapters.aws_errors import CONFLICT_REASONS, TRANSIENT_CODES, AwsRefused, translate
from riata.adapters.delivery_queue import SqsDeliveryQueue
from riata.adapters.dynamodb.accounts import DynamoAccounts
from riata.adapters.dynamodb.deliveries import DynamoDeliveries
from riata.adapters.dynamodb.endpoint_slots import DynamoEndpointSlots
from riata.adapters.dynamodb.files import DynamoFiles
from riata.adapters.dynamodb.rate import DynamoRateLimiter
from riata.adapters.dynamodb.requests import DynamoRequests
from riata.adapters.dynamodb.table import Table
from riata.adapters.kms import KmsSecretBox
from riata.adapters.s3 import S3Objects
from riata.adapters.sqs import SqsWorkQueue
from riata.adapters.stepfunctions import StepFunctions
from riata.delivery_ports import Slot
from riata.domain.deliveries import Delivery, Ticket
from riata.domain.money import reserve
from riata.domain.rate_limit import RateLimit
from riata.domain.requests import Idempotency, LogLine, Source
from riata.errors import ConditionFailed, Unavailable
from riata.ports import WorkMessage
from tests.integration.aws import samples
from tests.integration.aws.samples import ETAG, FAILURE, NOW, RETENTION

NO_ANSWER = EndpointConnectionError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")


def refusal(code: str, status: int = 400, reasons: list[str] | None = None) -> ClientError:
    answer: dict[str, Any] = {"Error": {"Code": code, "Message": "…"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if reasons is not None:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, "Operation")


@pytest.mark.parametrize("code", sorted(TRANSIENT_CODES))
def test_what_repeating_may_mend_is_unavailable(code):
    assert isinstance(translate(refusal(code)), Unavailable)


@pytest.mark.parametrize(("code", "status"), [("500", 500), ("503", 503), ("SomethingNew", 502)])
def test_an_error_on_the_side_of_aws_is_unavailable_whatever_its_code(code, status):
    assert isinstance(translate(refusal(code, status)), Unavailable)


@pytest.mark.parametrize("error", [NO_ANSWER, ReadTimeoutError(endpoint_url="https://s3")])
def test_no_answer_is_unavailable(error):
    assert isinstance(translate(error), Unavailable)


@pytest.mark.parametrize("code", ["AccessDeniedException", "403", "ValidationException", "ResourceNotFoundException"])
def test_what_repeating_does_not_mend_is_refused(code):
    assert isinstance(translate(refusal(code, 403)), AwsRefused)


def test_a_condition_that_does_not_hold_is_a_failed_condition():
    assert isinstance(translate(refusal("ConditionalCheckFailedException")), ConditionFailed)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (["None", "ConditionalCheckFailed"], ConditionFailed),
        (["ConditionalCheckFailed", "ConditionalCheckFailed"], ConditionFailed),
        *[(["None", reason], Unavailable) for reason in sorted(CONFLICT_REASONS)],
        (["ConditionalCheckFailed", "TransactionConflict"], Unavailable),
        (["None", "ValidationError"], AwsRefused),
        (["ItemCollectionSizeLimitExceeded", "ConditionalCheckFailed"], AwsRefused),
    ],
)
def test_a_cancelled_transaction_is_what_its_reasons_say(reasons, error):
    assert isinstance(translate(refusal("TransactionCanceledException", reasons=reasons)), error)


MESSAGE = WorkMessage("req_1", 1, "token", "receipt")
DELIVERY = Delivery("msg_1", "req_1", "ada", "https://hooks.example.com", NOW, next_attempt_at=NOW)
REQUEST = samples.metered(file_id="file_1")

CALLS: dict[type, dict[str, Callable[[Any], Any]]] = {
    DynamoAccounts: {
        "get_key": lambda a: a.get_key("key_1"),
        "add_key": lambda a: a.add_key(samples.key(), samples.entry("a", 1)),
        "list_keys": lambda a: list(a.list_keys()),
        "revoke_key": lambda a: a.revoke_key("key_1", NOW),
        "credit": lambda a: a.credit(samples.entry("a", 1)),
        "ledger": lambda a: list(a.ledger("key_1")),
    },
    DynamoFiles: {
        "add": lambda f: f.add(samples.file()),
        "get": lambda f: f.get("file_1"),
        "mark_uploaded": lambda f: f.mark_uploaded(samples.file(), ETAG, NOW),
        "record_probe": lambda f: f.record_probe(samples.file(etag=ETAG), None, "error"),
        "mark_deleted": lambda f: f.mark_deleted("file_1", NOW),
        "due_for_disposal": lambda f: f.due_for_disposal(NOW, 1),
        "disposed": lambda f: f.disposed("file_1"),
    },
    DynamoRequests: {
        "submit": lambda r: r.submit(REQUEST, reserve("key_1", "req_1", 1, NOW), Idempotency("key", "hash", "req_1")),
        "first_use": lambda r: r.first_use("ada", "key", NOW),
        "newest": lambda r: r.newest("ada", None, 1),
        "mark_deleted": lambda r: r.mark_deleted("req_1", NOW),
        "due_for_disposal": lambda r: r.due_for_disposal(NOW, 1),
        "disposed": lambda r: r.disposed("req_1"),
        "fetched": lambda r: r.fetched("req_1", Source("fetched/req_1", ETAG, "audio/wav")),
        "prepare": lambda r: r.prepare(REQUEST, 12.5, reserve("key_1", "req_1", 13, NOW)),
        "get": lambda r: r.get("req_1"),
        "claim": lambda r: r.claim(REQUEST, "att_1", NOW, NOW, 0),
        "renew": lambda r: r.renew("req_1", "att_1", NOW, 0.5, NOW),
        "give_back": lambda r: r.give_back("req_1", "att_1", NOW),
        "record_outcome": lambda r: r.record_outcome("req_1", "att_1", FAILURE, NOW),
        "end": lambda r: r.end(samples.ending(REQUEST, FAILURE)),
        "raise_generation": lambda r: r.raise_generation(REQUEST, NOW),
        "due": lambda r: r.due(NOW, 1),
        "postpone": lambda r: r.postpone("req_1", NOW),
        "queue_position": lambda r: r.queue_position(REQUEST, 1),
        "add_log": lambda r: r.add_log("req_1", LogLine(NOW, "…"), NOW),
        "logs": lambda r: r.logs("req_1", 1),
    },
    DynamoDeliveries: {
        "get": lambda d: d.get("req_1"),
        "change": lambda d: d.change(DELIVERY, DELIVERY),
        "attempts": lambda d: d.attempts("req_1"),
        "due": lambda d: d.due(NOW, 1),
    },
    DynamoEndpointSlots: {
        "take": lambda s: s.take("host", NOW, NOW + RETENTION),
        "release": lambda s: s.release(Slot("host", 0, "holder")),
    },
    DynamoRateLimiter: {"take": lambda r: r.take("key_1", NOW)},
    S3Objects: {
        "presign_upload": lambda _: None,
        "presign_download": lambda _: None,
        "head": lambda o: o.head("key"),
        "open": lambda o: o.open("key", ETAG),
        "download": lambda o: o.download(Source("key", ETAG, "audio/wav"), Path(os.devnull)),
        "upload": lambda o: o.upload(Path(__file__), "key", "audio/wav"),
        "upload_stream": lambda o: o.upload_stream("key", "audio/wav", iter([b"x"]), 10),
        "delete": lambda o: o.delete("key"),
        "delete_prefix": lambda o: o.delete_prefix("outputs/"),
    },
    StepFunctions: {
        "start": lambda e: e.start(REQUEST),
        "state": lambda e: e.state(REQUEST),
        "stop": lambda e: e.stop(REQUEST),
    },
    SqsWorkQueue: {
        "receive": lambda q: q.receive(0),
        "receive_many": lambda q: q.receive_many(4, 0),
        "extend": lambda q: q.extend(MESSAGE, 90),
        "delete": lambda q: q.delete(MESSAGE),
        "wake": lambda q: q.wake(MESSAGE),
    },
    SqsDeliveryQueue: {
        "send": lambda q: q.send([Ticket("req_1", NOW)], timedelta(0)),
        "dead_letter": lambda q: q.dead_letter(Ticket("req_1", NOW)),
    },
    KmsSecretBox: {
        "seal": lambda b: b.seal("secret", {"request_id": "req_1"}),
        "open": lambda b: b.open("c2VhbGVk", {"request_id": "req_1"}),
    },
}
LOCAL = {(S3Objects, "presign_upload"), (S3Objects, "presign_download")}
"""Calls that need no answer: a URL is signed where it is asked for."""


def client(service: str) -> Any:
    return boto3.client(service, region_name="eu-central-1", aws_access_key_id="id", aws_secret_access_key="secret")


def adapter(kind: type) -> Any:
    table = Table(client("dynamodb"), "table")
    made: dict[type, Callable[[], Any]] = {
        DynamoAccounts: lambda: DynamoAccounts(table),
        DynamoFiles: lambda: DynamoFiles(table),
        DynamoRequests: lambda: DynamoRequests(table, lambda: table),
        DynamoDeliveries: lambda: DynamoDeliveries(table),
        DynamoEndpointSlots: lambda: DynamoEndpointSlots(table, 2),
        DynamoRateLimiter: lambda: DynamoRateLimiter(table, RateLimit(1, 1)),
        S3Objects: lambda: S3Objects(client("s3"), "media"),
        StepFunctions: lambda: StepFunctions(client("stepfunctions"), "arn:aws:states:eu-central-1:1:stateMachine:m"),
        SqsWorkQueue: lambda: SqsWorkQueue(client("sqs"), client("stepfunctions"), "https://queue"),
        SqsDeliveryQueue: lambda: SqsDeliveryQueue(client("sqs"), "https://queue", lambda: "https://dead"),
        KmsSecretBox: lambda: KmsSecretBox(client("kms"), "key"),
    }
    return made[kind]()


@pytest.mark.parametrize("kind", CALLS, ids=lambda kind: kind.__name__)
def test_no_call_of_an_adapter_is_left_out_here(kind):
    public = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
    assert set(CALLS[kind]) == public


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, calls in CALLS.items() for name in calls if (kind, name) not in LOCAL],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [(NO_ANSWER, Unavailable), (refusal("ThrottlingException"), Unavailable), (refusal("AccessDeniedException"), AwsRefused)],
    ids=["no answer", "throttled", "denied"],
)
def test_every_call_of_every_adapter_translates(monkeypatch, kind, name, answer, expected):
    made = adapter(kind)

    def fail(*_: Any, **__: Any) -> None:
        raise answer

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    with pytest.raises(expected):
        CALLS[kind][name](made)


def test_a_secret_that_cannot_be_read_is_translated_too(monkeypatch):
    def fail(*_: Any, **__: Any) -> None:
        raise refusal("AccessDeniedException")

    manager = client("secretsmanager")
    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    with pytest.raises(AwsRefused):
        secrets.fetch_secret(manager, "arn")


def test_a_transaction_that_lost_against_another_writer_is_tried_again(monkeypatch):
    answers = [refusal("TransactionCanceledException", reasons=["TransactionConflict", "None"])] * 3
    calls = []

    def conflict_thrice(_self: Any, operation: str, _arguments: Any) -> dict[str, Any]:
        calls.append(operation)
        if answers:
            raise answers.pop()
        return {}

    accounts = adapter(DynamoAccounts)
    monkeypatch.setattr(BaseClient, "_make_api_call", conflict_thrice)
    monkeypatch.setattr("riata.adapters.dynamodb.table.time.sleep", lambda _: None)
    accounts.credit(samples.entry("a", 1))
    assert calls == ["TransactWriteItems"] * 4


