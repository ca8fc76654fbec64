"""Claims, outcomes and ends by `riata.ports.Requests`: each a conditional write, by the fakes and by DynamoDB alike."""

import pytest

from riata.domain.money import reserve
from riata.domain.requests import CHECK_EVERY, LEASE, LogLine, Status
from riata.errors import ConditionFailed
from tests.integration.aws import samples
from tests.integration.aws.samples import FAILURE, MANIFEST, NOW, seconds


@pytest.fixture
def queued(stores):
    stores.requests.submit(samples.request(), None)
    return stores.requests.get("req_1")


def claim(stores, seen, attempt_id="att_1", at=NOW, crashes=0):
    return stores.requests.claim(seen, attempt_id, at, at + LEASE, crashes)


@pytest.fixture
def claimed(stores, queued):
    return claim(stores, queued)


def ended(stores, outcome=FAILURE):
    seen = stores.requests.get("req_1")
    stores.requests.end(samples.ending(seen, outcome))
    return stores.requests.get("req_1")


def test_a_claim_returns_the_row_as_it_is_stored(stores, queued):
    found = claim(stores, queued, at=NOW + seconds(5))
    assert found == stores.requests.get("req_1")
    assert (found.status, found.attempt_id, found.crashes, found.progress) == (Status.IN_PROGRESS, "att_1", 0, 0.0)
    assert (found.started_at, found.lease_until) == (NOW + seconds(5), NOW + seconds(5) + LEASE)


def test_of_two_claims_on_the_same_sight_one_fails(stores, queued):
    claim(stores, queued)
    with pytest.raises(ConditionFailed):
        claim(stores, queued, "att_2")
    assert stores.requests.get("req_1").attempt_id == "att_1"


def test_a_later_claim_keeps_when_it_started_and_counts_the_crash(stores, claimed):
    found = claim(stores, claimed, "att_2", NOW + LEASE, crashes=1)
    assert (found.attempt_id, found.crashes, found.started_at) == ("att_2", 1, NOW)


def test_a_sign_of_life_since_the_sight_refuses_a_claim(stores, claimed):
    stores.requests.renew("req_1", "att_1", NOW + LEASE * 2, 0.5, NOW + LEASE)
    with pytest.raises(ConditionFailed):
        claim(stores, claimed, "att_2", NOW + LEASE, 1)


def test_a_new_generation_since_the_sight_refuses_a_claim(stores, queued):
    stores.requests.raise_generation(queued, NOW)
    with pytest.raises(ConditionFailed):
        claim(stores, queued)


def test_what_has_an_outcome_or_has_ended_is_not_claimed(stores, claimed):
    stores.requests.record_outcome("req_1", "att_1", FAILURE, NOW)
    with pytest.raises(ConditionFailed):
        claim(stores, claimed, "att_2")
    done = ended(stores)
    with pytest.raises(ConditionFailed):
        claim(stores, done, "att_3")


def test_a_sign_of_life_prolongs_the_lease_and_shows_progress(stores, claimed):
    stores.requests.renew("req_1", "att_1", NOW + LEASE * 2, 1 / 3, NOW + seconds(2))
    found = stores.requests.get("req_1")
    assert (found.lease_until, found.progress, found.updated_at) == (NOW + LEASE * 2, 0.3333, NOW + seconds(2))


def test_a_request_given_back_has_no_lease(stores, claimed):
    stores.requests.give_back("req_1", "att_1", NOW + seconds(2))
    found = stores.requests.get("req_1")
    assert (found.lease_until, found.attempt_id) == (None, "att_1")
    assert claim(stores, found, "att_2").attempt_id == "att_2"


@pytest.mark.parametrize("outcome", [FAILURE, MANIFEST])
def test_an_outcome_is_read_as_it_was_recorded(stores, claimed, outcome):
    stores.requests.record_outcome("req_1", "att_1", outcome, NOW + seconds(9))
    found = stores.requests.get("req_1")
    assert (found.outcome, found.status, found.progress) == (outcome, Status.IN_PROGRESS, 1.0)


WRITES = {
    "renew": lambda requests, attempt: requests.renew("req_1", attempt, NOW + LEASE, 0.5, NOW),
    "give_back": lambda requests, attempt: requests.give_back("req_1", attempt, NOW),
    "record_outcome": lambda requests, attempt: requests.record_outcome("req_1", attempt, MANIFEST, NOW),
}


@pytest.mark.parametrize("write", WRITES)
def test_another_attempt_writes_nothing(stores, claimed, write):
    with pytest.raises(ConditionFailed):
        WRITES[write](stores.requests, "att_2")
    assert stores.requests.get("req_1") == claimed


@pytest.mark.parametrize("write", WRITES)
def test_after_the_outcome_the_attempt_writes_nothing_more(stores, claimed, write):
    stores.requests.record_outcome("req_1", "att_1", FAILURE, NOW)
    before = stores.requests.get("req_1")
    with pytest.raises(ConditionFailed):
        WRITES[write](stores.requests, "att_1")
    assert stores.requests.get("req_1") == before


@pytest.mark.parametrize("write", WRITES)
def test_after_the_end_the_attempt_writes_nothing_more(stores, claimed, write):
    before = ended(stores)
    with pytest.raises(ConditionFailed):
        WRITES[write](stores.requests, "att_1")
    assert stores.requests.get("req_1") == before


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_written_to_a_request_that_is_not_there(stores, write):
    with pytest.raises(ConditionFailed):
        WRITES[write](stores.requests, "att_1")
    assert stores.requests.get("req_1") is None


@pytest.mark.parametrize("outcome", [FAILURE, MANIFEST])
def test_a_recorded_outcome_becomes_the_end(stores, claimed, outcome):
    stores.requests.record_outcome("req_1", "att_1", outcome, NOW)
    ending = samples.ending(stores.requests.get("req_1"))
    stores.requests.end(ending)
    found = stores.requests.get("req_1")
    assert (found.status, found.failure, found.billed) == (ending.status, ending.failure, ending.billed)
    assert (found.ended_at, found.updated_at, found.delete_after) == (ending.at, ending.at, ending.delete_after)
    assert (found.outcome, found.lease_until) == (outcome, None)


def test_an_end_is_written_once(stores, queued):
    before = ended(stores)
    for seen in (queued, before):
        with pytest.raises(ConditionFailed):
            stores.requests.end(samples.ending(seen, FAILURE))
    assert stores.requests.get("req_1") == before


def test_a_queued_request_does_not_complete(stores, queued):
    with pytest.raises(ConditionFailed):
        stores.requests.end(samples.ending(queued, MANIFEST))


def test_a_death_loses_against_an_outcome_recorded_since(stores, claimed):
    stores.requests.record_outcome("req_1", "att_1", MANIFEST, NOW)
    with pytest.raises(ConditionFailed):
        stores.requests.end(samples.ending(claimed, FAILURE))


def test_a_death_loses_against_a_newer_generation(stores, queued):
    stores.requests.raise_generation(queued, NOW)
    with pytest.raises(ConditionFailed):
        stores.requests.end(samples.ending(queued, FAILURE))


@pytest.mark.parametrize(("outcome", "balance", "last"), [(MANIFEST, 87, "settle"), (FAILURE, 100, "release")])
def test_the_end_moves_the_money_with_it(stores, outcome, balance, last):
    stores.accounts.add_key(samples.key(balance=100), None)
    stores.requests.submit(samples.metered(), reserve("key_1", "req_1", 13, NOW))
    claim(stores, stores.requests.get("req_1"))
    found = ended(stores, outcome)
    assert found.billed == 100 - balance
    assert stores.accounts.get_key("key_1").balance == balance
    assert sorted(entry.entry_id for entry in stores.accounts.ledger("key_1")) == sorted(["req_1#reserve", f"req_1#{last}"])


def test_an_end_whose_key_is_gone_is_not_written(stores):
    stores.accounts.add_key(samples.key(), None)
    stores.requests.submit(samples.metered(), reserve("key_1", "req_1", 13, NOW))
    orphan = samples.metered(key_id="key_2")
    with pytest.raises(ConditionFailed):
        stores.requests.end(samples.ending(orphan, FAILURE))
    assert stores.requests.get("req_1").status is Status.IN_QUEUE


def test_the_end_puts_the_delivery_of_its_event_once(stores):
    stores.requests.submit(samples.with_webhook(), None)
    ended(stores)
    delivery = stores.deliveries.get("req_1")
    assert (delivery.url, delivery.next_attempt_at, delivery.attempts) == (
        "https://hooks.example.com/riata", NOW + seconds(60), 0,
    )  # fmt: skip


def test_a_request_without_a_webhook_has_no_delivery(stores, queued):
    ended(stores)
    assert stores.deliveries.get("req_1") is None


def test_a_generation_is_raised_once_per_sight(stores, claimed):
    raised = stores.requests.raise_generation(claimed, NOW + seconds(1))
    assert (raised.generation, raised.attempt_id, raised.lease_until) == (2, "att_1", NOW + LEASE)
    with pytest.raises(ConditionFailed):
        stores.requests.raise_generation(claimed, NOW)
    assert stores.requests.get("req_1") == raised


def test_a_new_generation_may_forget_the_attempt(stores, claimed):
    raised = stores.requests.raise_generation(claimed, NOW, forget_attempt=True)
    assert (raised.generation, raised.attempt_id, raised.lease_until) == (2, None, None)
    with pytest.raises(ConditionFailed):
        stores.requests.record_outcome("req_1", "att_1", MANIFEST, NOW)


def test_an_ended_request_gets_no_new_generation_and_no_next_check(stores, queued):
    done = ended(stores)
    with pytest.raises(ConditionFailed):
        stores.requests.raise_generation(done, NOW)
    with pytest.raises(ConditionFailed):
        stores.requests.postpone("req_1", NOW)
    assert list(stores.requests.due(NOW + CHECK_EVERY * 100, 10)) == []


def test_open_requests_are_due_in_the_order_of_their_next_check(stores):
    for number, age in ((1, 0), (2, 5), (3, 9)):
        stores.requests.submit(samples.request(f"req_{number}", created_at=NOW + seconds(age)), None)
    stores.requests.postpone("req_1", NOW + CHECK_EVERY + seconds(7))
    due = NOW + CHECK_EVERY + seconds(7)
    assert [found.request_id for found in stores.requests.due(due, 10)] == ["req_2", "req_1"]
    assert [found.request_id for found in stores.requests.due(due, 1)] == ["req_2"]
    assert [found.request_id for found in stores.requests.due(due + seconds(2), 10)] == ["req_2", "req_1", "req_3"]


def test_the_position_counts_the_queued_ones_before(stores):
    for number in range(4):
        stores.requests.submit(samples.request(f"req_{number}", created_at=NOW + seconds(number)), None)
    last = stores.requests.get("req_3")
    assert stores.requests.queue_position(last, 100) == 4
    claim(stores, stores.requests.get("req_0"))
    assert stores.requests.queue_position(last, 100) == 3
    stores.requests.end(samples.ending(stores.requests.get("req_1"), FAILURE))
    assert stores.requests.queue_position(last, 100) == 2
    assert stores.requests.queue_position(last, 1) is None


def test_the_newest_lines_are_read_in_order_those_of_one_moment_too(stores, queued):
    for number in range(5):
        at = NOW + seconds(number // 2)
        stores.requests.add_log("req_1", LogLine(at, f"line {number} «ü»"), NOW)
    stores.requests.add_log("req_2", LogLine(NOW, "another request's"), NOW)
    assert [line.message for line in stores.requests.logs("req_1", 3)] == [f"line {number} «ü»" for number in (2, 3, 4)]
    assert stores.requests.logs("req_1", 3)[0].timestamp == NOW + seconds(1)
