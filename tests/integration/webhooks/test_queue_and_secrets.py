"""Tickets through SQS, and signing secrets through KMS."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from riata.adapters.aws_errors import AwsRefused
from riata.adapters.delivery_queue import SqsDeliveryQueue, ticket_of
from riata.adapters.kms import KmsSecretBox
from riata.domain.deliveries import Ticket
from tests.fakes.clock import START

SECRET = "пароль из 16 знаков"


@pytest.fixture
def urls(aws: Any) -> list[str]:
    return [str(aws("sqs").create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]) for _ in ("webhooks", "dead letters")]


def received(aws: Any, url: str) -> list[str]:
    return [message["Body"] for message in aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


@pytest.mark.parametrize(
    "ticket", [Ticket("req_1"), Ticket("req_1", START + timedelta(milliseconds=7)), Ticket("req_1", replay=True)]
)
def test_a_ticket_comes_out_as_it_went_in(aws: Any, urls: list[str], ticket: Ticket) -> None:
    SqsDeliveryQueue(aws("sqs"), urls[0], lambda: urls[1]).send([ticket])

    assert [ticket_of(body) for body in received(aws, urls[0])] == [ticket]


def test_the_state_machines_message_is_a_ticket() -> None:
    assert ticket_of('{"request_id":"req_1"}') == Ticket("req_1")


def test_a_delayed_ticket_is_not_visible_yet(aws: Any, urls: list[str]) -> None:
    SqsDeliveryQueue(aws("sqs"), urls[0], lambda: urls[1]).send([Ticket("req_1")], timedelta(seconds=30))

    assert received(aws, urls[0]) == []


def test_a_dead_letter_asks_for_its_event_to_be_sent_again(aws: Any, urls: list[str]) -> None:
    SqsDeliveryQueue(aws("sqs"), urls[0], lambda: urls[1]).dead_letter(Ticket("req_1", replay=True))

    assert [ticket_of(body) for body in received(aws, urls[1])] == [Ticket("req_1", replay=True)]


@pytest.fixture
def box(aws: Any) -> KmsSecretBox:
    return KmsSecretBox(aws("kms"), aws("kms").create_key()["KeyMetadata"]["KeyId"])


def test_a_sealed_secret_opens_again_and_does_not_show_it(box: KmsSecretBox) -> None:
    sealed = box.seal(SECRET, {"request_id": "req_1"})

    assert box.open(sealed, {"request_id": "req_1"}) == SECRET
    assert SECRET not in sealed
    assert sealed.isascii()


def test_a_secret_sealed_for_one_request_does_not_open_for_another(box: KmsSecretBox) -> None:
    sealed = box.seal(SECRET, {"request_id": "req_1"})

    with pytest.raises(AwsRefused):
        box.open(sealed, {"request_id": "req_2"})
