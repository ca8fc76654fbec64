"""The stores of the webhooks behave as the use cases expect: each test runs on the fake and on DynamoDB."""

from datetime import timedelta
from typing import Any

import pytest

from riata.adapters.dynamodb import rows
from riata.adapters.dynamodb.deliveries import DynamoDeliveries
from riata.adapters.dynamodb.endpoint_slots import DynamoEndpointSlots
from riata.delivery_ports import Deliveries, EndpointSlots, Full, Slot
from riata.domain.deliveries import Attempt, Delivery, DeliveryStatus, Ticket
from riata.errors import ConditionFailed
from tests.fakes.clock import START
from tests.fakes.webhooks import FakeDeliveries, FakeSlots

NEW = Delivery("msg_1", "req_1", "ada", "https://example.com/hook", START, next_attempt_at=START)
SOON = START + timedelta(seconds=30)


@pytest.fixture(params=["fake", "dynamodb"])
def deliveries(request: pytest.FixtureRequest) -> Deliveries:
    """A store that holds one new delivery, as the terminal transaction puts it."""
    if request.param == "fake":
        fake = FakeDeliveries()
        fake.rows["req_1"] = NEW
        return fake
    jobs = request.getfixturevalue("jobs")
    jobs.put(rows.delivery_row(NEW))
    return DynamoDeliveries(jobs)


@pytest.fixture(params=["fake", "dynamodb"])
def slots(request: pytest.FixtureRequest) -> EndpointSlots:
    """Two slots for each endpoint."""
    return FakeSlots(2) if request.param == "fake" else DynamoEndpointSlots(request.getfixturevalue("jobs"), 2)


def test_a_delivery_is_read_as_it_was_written(deliveries: Deliveries) -> None:
    assert deliveries.get("req_1") == NEW
    assert deliveries.get("req_2") is None


def test_every_field_survives(deliveries: Deliveries) -> None:
    full = Delivery(
        "msg_1", "req_1", "ada", "https://example.com/hook", START, DeliveryStatus.DELIVERED, 12, START, None, SOON, "late", 10
    )

    deliveries.change(NEW, full)

    assert deliveries.get("req_1") == full


def test_of_two_who_begin_the_same_attempt_one_does(deliveries: Deliveries) -> None:
    begun = NEW.begun(START)
    deliveries.change(NEW, begun, Attempt(1, START))

    with pytest.raises(ConditionFailed):
        deliveries.change(NEW, NEW.begun(SOON), Attempt(1, SOON))

    assert deliveries.get("req_1") == begun
    assert deliveries.attempts("req_1") == [Attempt(1, START)]


def test_a_postponed_delivery_is_another_one(deliveries: Deliveries) -> None:
    deliveries.change(NEW, NEW.postponed(SOON))

    with pytest.raises(ConditionFailed):
        deliveries.change(NEW, NEW.begun(START))


def test_an_attempt_that_ends_replaces_the_one_that_began(deliveries: Deliveries) -> None:
    begun = NEW.begun(START)
    deliveries.change(NEW, begun, Attempt(1, START))
    ended = Attempt(1, START, 0.25, 500, "The receiver answered with status 500.")

    deliveries.change(begun, begun.refused("no", SOON), ended)

    assert deliveries.attempts("req_1") == [ended]


def test_attempts_are_listed_in_order_beyond_the_tenth(deliveries: Deliveries) -> None:
    row = NEW
    for number in range(1, 12):
        begun = row.begun(START)
        deliveries.change(row, begun, Attempt(number, START))
        row = begun.refused("no", START)
        deliveries.change(begun, row)

    assert [attempt.number for attempt in deliveries.attempts("req_1")] == list(range(1, 12))


def test_what_is_overdue_is_found_until_nothing_is_due(deliveries: Deliveries) -> None:
    assert deliveries.due(START, 10) == []
    assert deliveries.due(SOON, 10) == [Ticket("req_1", START)]
    begun = NEW.begun(START)
    deliveries.change(NEW, begun)
    assert deliveries.due(SOON, 10) == []
    deliveries.change(begun, begun.acknowledged(SOON))
    assert deliveries.due(SOON + timedelta(days=1), 10) == []


def test_a_delivery_that_was_given_up_can_be_rearmed(deliveries: Deliveries) -> None:
    failed = NEW.begun(START).refused("no", None)
    deliveries.change(NEW, NEW.begun(START))
    deliveries.change(NEW.begun(START), failed)

    deliveries.change(failed, failed.rearmed(SOON))

    assert deliveries.due(SOON + timedelta(seconds=1), 10) == [Ticket("req_1", SOON)]


def taken(slots: EndpointSlots, endpoint: str = "ada#example.com", at: Any = START) -> Slot:
    slot = slots.take(endpoint, at, at + timedelta(seconds=30))
    assert isinstance(slot, Slot)
    return slot


def test_no_more_slots_are_given_than_there_are(slots: EndpointSlots) -> None:
    taken(slots)
    taken(slots, at=START + timedelta(seconds=3))

    assert slots.take("ada#example.com", SOON - timedelta(seconds=1), SOON) == Full(START)


def test_endpoints_do_not_share_slots(slots: EndpointSlots) -> None:
    for endpoint in ("ada#example.com", "bob#example.com", "ada#example.com:8443"):
        assert {taken(slots, endpoint).number, taken(slots, endpoint).number} == {0, 1}


def test_a_released_slot_is_free(slots: EndpointSlots) -> None:
    first = taken(slots)
    taken(slots)

    slots.release(first)

    assert taken(slots).number == first.number


def test_a_slot_whose_lease_has_ended_is_free_and_its_old_holder_cannot_release_it(slots: EndpointSlots) -> None:
    old = [taken(slots), taken(slots)]
    later = SOON + timedelta(seconds=1)
    taken(slots, at=later)
    taken(slots, at=later)

    for slot in old:
        slots.release(slot)

    assert isinstance(slots.take("ada#example.com", later, later + timedelta(seconds=30)), Full)
