"""One event, however often its tickets come and whoever dies on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from riata.domain.deliveries import ATTEMPT_LEASE, DeliveryStatus, Ticket
from riata.errors import InvalidWebhookUrl, RemoteFailed, RiataError, Unavailable
from riata.usecases.deliver import Sent
from riata.usecases.deliveries import SweepDeliveries
from tests.fakes.webhooks import SECRET, URL, PostOffice, answers, fails


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


def test_an_event_is_posted_signed_with_the_callers_secret(office: PostOffice) -> None:
    delivery = office.ended(metadata='{"job":7}')

    assert office.deliver() is Sent.DELIVERED

    (posted,) = office.receiver.posted
    assert posted.url == URL
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["webhook-id"] == delivery.delivery_id
    signed = Webhook(SECRET.encode()).sign(delivery.delivery_id, posted.at, posted.body.decode())
    assert posted.headers["webhook-signature"] == signed


def test_a_2xx_ends_the_delivery(office: PostOffice) -> None:
    office.ended()
    office.clock.advance(0)

    office.deliver()

    row = office.row()
    assert (row.status, row.attempts, row.delivered_at, row.last_error) == (DeliveryStatus.DELIVERED, 1, office.clock(), None)
    assert row.next_attempt_at is None
    (attempt,) = office.deliveries.attempts("req_1")
    assert (attempt.number, attempt.response_status, attempt.error) == (1, 204, None)


def test_a_ticket_that_comes_twice_sends_once(office: PostOffice) -> None:
    office.ended()

    assert [office.deliver(), office.deliver()] == [Sent.DELIVERED, Sent.VOID]
    assert len(office.receiver.posted) == 1


@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
def test_anything_but_a_2xx_is_tried_again_with_the_same_id_and_a_fresh_timestamp(office: PostOffice, status: int) -> None:
    office.ended()
    office.receiver.script = [answers(status), answers(200)]

    assert office.deliver() is Sent.RETRY
    assert office.row().last_error == f"The receiver answered with status {status}."
    assert office.row().status is DeliveryStatus.PENDING
    office.clock.advance(5)
    assert office.take_tickets() == [Sent.DELIVERED]

    first, second = office.receiver.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 5
    assert first.body == second.body


def test_a_receiver_that_cannot_be_reached_is_tried_again(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [fails(RemoteFailed("it took too long"))]

    assert office.deliver() is Sent.RETRY
    assert office.row().last_error == "The webhook URL cannot be reached: it took too long."


def test_a_host_that_has_become_private_is_not_visited_and_counts_as_a_failure(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [fails(InvalidWebhookUrl("`webhookUrl` must be a public HTTPS URL.", param="webhookUrl"))]

    assert office.deliver() is Sent.RETRY
    assert office.row().last_error == "`webhookUrl` must be a public HTTPS URL."


def test_after_the_last_attempt_it_is_failed_and_a_dead_letter(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [answers(500)]

    made = [office.deliver()] + [office.until_next_attempt() for _ in range(9)]

    assert made == [Sent.RETRY] * 9 + [Sent.GIVEN_UP]
    assert (office.row().status, office.row().attempts, office.row().next_attempt_at) == (DeliveryStatus.FAILED, 10, None)
    assert office.queue.dead == [Ticket("req_1", replay=True)]
    assert (office.receiver.posted[-1].at - office.receiver.posted[0].at) == timedelta(hours=24)


def test_a_redriven_dead_letter_sends_the_same_event_again(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [answers(500)] * 10 + [answers(200)]
    office.deliver()
    for _ in range(9):
        office.until_next_attempt()

    assert office.send(office.queue.dead[0]) is Sent.DELIVERED

    assert len({posted.headers["webhook-id"] for posted in office.receiver.posted}) == 1
    assert [attempt.number for attempt in office.deliveries.attempts("req_1")] == list(range(1, 12))


def test_gone_stops_at_once(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [answers(410)]

    assert office.deliver() is Sent.GIVEN_UP
    assert office.row().status is DeliveryStatus.FAILED
    assert office.queue.tickets == []
    assert office.queue.dead == []


def test_retry_after_is_honoured(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [answers(429, retry_after="120"), answers(200)]
    office.deliver()

    assert office.row().next_attempt_at == office.clock() + timedelta(seconds=120)
    office.clock.advance(119)
    assert office.take_tickets() == []
    office.clock.advance(1)
    assert office.take_tickets() == [Sent.DELIVERED]


def test_a_ticket_that_comes_early_waits_on(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [answers(500), answers(200)]
    office.deliver()
    due = office.row().next_attempt_at

    assert office.send(Ticket("req_1", due)) is Sent.EARLY
    assert len(office.receiver.posted) == 1
    office.clock.advance(5)
    assert office.take_tickets() == [Sent.DELIVERED, Sent.VOID]


def test_waits_beyond_a_messages_delay_are_left_to_the_sweeper(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [answers(500)]
    office.deliver()
    office.until_next_attempt()
    office.queue.tickets.clear()
    office.until_next_attempt()
    assert office.queue.tickets == []
    sweep = SweepDeliveries(office.deliveries, office.queue, office.clock)

    office.clock.advance(timedelta(minutes=24))
    assert sweep() == 0
    office.clock.advance(timedelta(minutes=3))
    assert sweep() == 1
    assert office.take_tickets() == [Sent.RETRY]


def test_the_sweeper_sends_what_nobody_hurried(office: PostOffice) -> None:
    office.ended()
    office.clock.advance(60)

    assert SweepDeliveries(office.deliveries, office.queue, office.clock)() == 1
    assert office.take_tickets() == [Sent.DELIVERED]


def test_a_sender_that_dies_in_the_middle_is_followed_by_another(office: PostOffice) -> None:
    office.ended()
    office.receiver.script = [fails(Unavailable("the process dies here")), answers(200)]
    with pytest.raises(Unavailable):
        office.deliver()
    assert office.row().status is DeliveryStatus.SENDING

    assert office.deliver() is Sent.EARLY
    office.clock.advance(ATTEMPT_LEASE)
    assert office.take_tickets() == [Sent.DELIVERED]

    dead, alive = office.deliveries.attempts("req_1")
    assert (dead.number, dead.duration, dead.response_status) == (1, None, None)
    assert (alive.number, alive.response_status) == (2, 200)


def test_two_senders_never_make_the_same_attempt(office: PostOffice) -> None:
    office.ended()
    inner = []

    def second_sender() -> object:
        inner.append(office.send(Ticket("req_1")))
        return answers(200)()

    office.receiver.script = [second_sender]

    assert office.deliver() is Sent.DELIVERED
    assert inner == [Sent.EARLY]
    assert len(office.receiver.posted) == 1


def test_a_sixth_attempt_at_a_hanging_endpoint_waits_while_another_endpoint_is_served(office: PostOffice) -> None:
    for n in range(6):
        office.ended(f"req_{n}")
    nested: list[Sent] = []

    def hangs() -> object:
        started = len(office.receiver.posted)
        nested.append(office.send(Ticket(f"req_{started}")))
        return answers(200)()

    office.receiver.script = [hangs] * 5 + [answers(200)]

    office.deliver("req_0")

    assert nested == [Sent.BUSY] + [Sent.DELIVERED] * 4
    row = office.row("req_5")
    assert (row.status, row.attempts) == (DeliveryStatus.PENDING, 0)
    assert row.next_attempt_at is not None
    assert row.next_attempt_at > office.clock()
    office.clock.advance(2)
    assert office.take_tickets() == [Sent.DELIVERED]


def test_a_slot_whose_holder_died_is_free_again(office: PostOffice) -> None:
    for _ in range(5):
        office.slots.take("ada#hooks.example.com", office.clock(), office.clock() + timedelta(seconds=30))
    office.ended()

    assert office.deliver() is Sent.BUSY
    office.clock.advance(90)
    assert office.take_tickets() == [Sent.DELIVERED]


def test_a_failure_before_the_attempt_leaves_no_trace(office: PostOffice) -> None:
    office.ended()
    office.requests.rows["req_1"] = replace(office.requests.rows["req_1"], request_id="req_other")

    with pytest.raises(RiataError, match="another context"):
        office.deliver()

    assert office.row().attempts == 0
    assert office.slots.held == {}


def test_a_request_without_a_webhook_has_nothing_to_send(office: PostOffice) -> None:
    assert office.deliver("req_none") is Sent.VOID
