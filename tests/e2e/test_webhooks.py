"""Webhooks of a whole local stack, received on loopback and verified with the public Standard Webhooks library."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile
from standardwebhooks import Webhook, WebhookVerificationError

from riata.bootstrap import App
from riata.domain.deliveries import DeliveryStatus, Ticket
from tests.contract.documented import faults
from tests.inside import ended, ended_beside_a_hanging_receiver
from tests.inside import inside as service_of
from tests.local_stack import EXAMPLE, LocalStack, eventually
from tests.receiver import Receiver, receiving

pytestmark = [pytest.mark.stack, pytest.mark.slow]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack that may call loopback, with a hundredth of the waits between attempts."""
    stack = LocalStack(tmp_path_factory.mktemp("webhooks-home"))
    stack.up("--port", "0", "--allow-private-urls", "--parameter", "WebhookScheduleScale=0.01")
    yield stack
    stack.down()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of the example."""
    samples, rate = soundfile.read(EXAMPLE / "mixture.flac", dtype="int16")
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, samples[: 2 * rate], rate)
    return path


def call(stack: LocalStack, verb: str, path: str, body: Json | None = None) -> httpx.Response:
    headers = {"authorization": f"Bearer {stack.api_key}"}
    return httpx.request(verb, f"{stack.base_url}{path}", json=body, headers=headers, timeout=30)


def submit(stack: LocalStack, song: Path, **fields: Any) -> Json:
    with stack.client() as client:
        file_id = client.upload(song).file_id
    answer = call(stack, "POST", "/v1/queue/audio/separate", {"input": {"file_id": file_id, "prompt": "the speaker"}, **fields})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def delivery_of(stack: LocalStack, request_id: str) -> Json:
    (delivery,) = call(stack, "GET", f"/v1/queue/requests/{request_id}/deliveries").json()["data"]
    return dict(delivery)


def shown(stack: LocalStack, request_id: str, status: str) -> Json | None:
    """The webhook as the request's status shows it, once it is so."""
    webhook = call(stack, "GET", f"/v1/queue/requests/{request_id}/status").json()["webhook"]
    return webhook if webhook["delivery_status"] == status else None


def test_a_completed_event_verifies_and_a_forged_or_old_one_does_not(own: LocalStack, song: Path, receiver: Receiver) -> None:
    metadata = {"job": 7, "deep": [1.5, None, {"name": "café"}]}
    submitted = submit(own, song, webhookUrl=receiver.url, metadata=metadata)
    request_id, secret = submitted["request_id"], submitted["webhook"]["signing_secret"]

    eventually(lambda: shown(own, request_id, "delivered"), 120)

    (received,) = receiver.received
    event = Webhook(secret).verify(received.body, received.headers)
    assert faults({"$ref": "#/components/schemas/WebhookCompletedEvent"}, event) == []
    assert (event["type"], event["metadata"]) == ("audio.separate.completed", metadata)
    assert httpx.get(event["data"]["target"]["url"], follow_redirects=True).content[:4] == b"RIFF"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(received.body.replace(b"COMPLETED", b"FAILED"), received.headers)
    long_ago = datetime.now(UTC) - timedelta(minutes=6)
    old = {
        "webhook-id": received.headers["webhook-id"],
        "webhook-timestamp": str(int(long_ago.timestamp())),
        "webhook-signature": Webhook(secret).sign(received.headers["webhook-id"], long_ago, received.body.decode()),
    }
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(received.body, old)
    assert call(own, "GET", f"/v1/queue/requests/{request_id}/result").json()["webhook"]["delivery_status"] == "delivered"


def test_a_cancelled_request_sends_a_failed_event_that_is_retried_and_can_be_replayed(
    own: LocalStack, song: Path, receiver: Receiver
) -> None:
    receiver.statuses = [500, 302, 200]
    submitted = submit(own, song, webhookUrl=receiver.url, webhookSecret="a secret of the caller")
    assert submitted["webhook"] == {"url": receiver.url}
    request_id = submitted["request_id"]
    assert call(own, "PUT", f"/v1/queue/requests/{request_id}/cancel").status_code == 200

    webhook = eventually(lambda: shown(own, request_id, "delivered"), 120)

    assert webhook["attempts"] == 3
    delivery = delivery_of(own, request_id)
    assert [attempt["response_status"] for attempt in delivery["log"]] == [500, 302, 200]
    replayed = call(own, "POST", f"/v1/queue/requests/{request_id}/deliveries/{delivery['delivery_id']}/replay")
    assert (replayed.status_code, replayed.json()["delivery_status"]) == (202, "pending")
    eventually(lambda: len(receiver.received) == 4, 60)
    events = [Webhook(b"a secret of the caller").verify(one.body, one.headers) for one in receiver.received]
    assert faults({"$ref": "#/components/schemas/WebhookFailedEvent"}, events[0]) == []
    assert events[0]["error"]["code"] == "CANCELLED"
    assert events == events[:1] * 4
    assert {one.headers["webhook-id"] for one in receiver.received} == {delivery["delivery_id"]}


def test_gone_ends_a_delivery_and_a_redriven_letter_takes_it_up_again(inside: App, receiver: Receiver) -> None:
    receiver.statuses = [410]
    gone = ended(inside, receiver.url)
    eventually(lambda: status_of(inside, gone) is DeliveryStatus.FAILED, 60)
    assert len(receiver.of(gone)) == 1

    receiver.statuses = [200]
    inside.delivery_queue.send([Ticket(gone, replay=True)])

    eventually(lambda: len(receiver.of(gone)) == 2, 60)


def test_loopback_is_refused_unless_the_stack_was_told_to_allow_it(stack: LocalStack, song: Path, receiver: Receiver) -> None:
    with stack.client() as client:
        file_id = client.upload(song).file_id
    body = {"input": {"file_id": file_id, "prompt": "the speaker"}, "webhookUrl": receiver.url}

    answer = call(stack, "POST", "/v1/queue/audio/separate", body)

    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == ("INVALID_WEBHOOK_URL", "webhookUrl")


def test_a_receiver_that_hangs_on_a_hundred_events_does_not_delay_another(inside: App) -> None:
    with receiving() as quick, receiving() as hanging:
        hanging.delay = 15.0
        warm = [ended(inside, quick.url) for _ in range(20)]
        eventually(lambda: all(map(quick.of, warm)), 120, "the functions never got warm")

        sent_at = ended_beside_a_hanging_receiver(inside, quick.url, hanging.url)
        eventually(lambda: all(map(quick.of, sent_at)), 60, "events of the quick receiver are missing")

        seconds = sorted(quick.of(request_id)[0].at - sent_at[request_id] for request_id in sent_at)
        assert len(hanging.received) >= 5
        assert seconds[int(len(seconds) * 0.95)] < 5.0, seconds


@pytest.fixture
def inside(own: LocalStack) -> Iterator[App]:
    with service_of(own) as app:
        yield app


def status_of(app: App, request_id: str) -> DeliveryStatus | None:
    delivery = app.deliveries.get(request_id)
    return delivery.status if delivery else None
