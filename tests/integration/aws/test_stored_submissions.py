"""Submitting by `riata.ports.Requests`: everything or nothing, by the fakes and by DynamoDB alike."""

from datetime import timedelta

import pytest

from riata.domain.money import EntryKind, reserve
from riata.domain.requests import CHECK_EVERY, IDEMPOTENCY_WINDOW, Idempotency, Source
from riata.errors import ConditionFailed, InsufficientCredits
from tests.integration.aws import samples
from tests.integration.aws.samples import ETAG, NOW, seconds


def uploaded(stores, file_id="file_1"):
    stores.files.add(samples.file(file_id))
    stores.files.mark_uploaded(samples.file(file_id), ETAG, NOW)


@pytest.mark.parametrize("stored", [samples.request(), samples.metered(), samples.with_webhook(), samples.request(prepared=False)])
def test_a_request_is_read_as_it_was_submitted(stores, stored):
    stores.accounts.add_key(samples.key(), None)
    stores.requests.submit(stored, reserve("key_1", "req_1", 13, NOW) if stored.metered else None)
    assert stores.requests.get("req_1") == stored
    assert stores.requests.get("req_2") is None


def test_an_id_is_used_once(stores):
    stores.requests.submit(samples.request(), None)
    with pytest.raises(ConditionFailed):
        stores.requests.submit(samples.request(tenant="bob"), None)
    assert stores.requests.get("req_1").tenant == "ada"


def test_the_reservation_is_taken_with_the_request(stores):
    stores.accounts.add_key(samples.key(balance=13), None)
    stores.requests.submit(samples.metered(), reserve("key_1", "req_1", 13, NOW))
    assert stores.accounts.get_key("key_1").balance == 0
    (entry,) = stores.accounts.ledger("key_1")
    assert (entry.entry_id, entry.kind, entry.amount) == ("req_1#reserve", EntryKind.RESERVE, -13)


@pytest.mark.parametrize("balance", [12, 0, -5])
def test_without_the_credits_nothing_is_written(stores, balance):
    uploaded(stores)
    stores.accounts.add_key(samples.key(balance=balance), None)
    with pytest.raises(InsufficientCredits, match="13"):
        stores.requests.submit(
            samples.metered(file_id="file_1"), reserve("key_1", "req_1", 13, NOW), Idempotency("again", "hash", "req_1")
        )
    assert stores.requests.get("req_1") is None
    assert stores.accounts.get_key("key_1").balance == balance
    assert list(stores.accounts.ledger("key_1")) == []
    assert stores.files.get("file_1").open_requests == 0
    assert stores.requests.first_use("ada", "again", NOW) is None


def test_a_key_that_is_gone_has_no_credits(stores):
    with pytest.raises(InsufficientCredits):
        stores.requests.submit(samples.metered(), reserve("key_1", "req_1", 13, NOW))


@pytest.mark.parametrize("what", ["missing", "replaced", "deleted"])
def test_a_file_that_changed_meanwhile_takes_no_request_and_no_money(stores, what):
    stores.accounts.add_key(samples.key(balance=100), None)
    if what != "missing":
        stores.files.add(samples.file())
        stores.files.mark_uploaded(samples.file(), '"another"' if what == "replaced" else ETAG, NOW)
    if what == "deleted":
        stores.files.mark_deleted("file_1", NOW)
    with pytest.raises(ConditionFailed):
        stores.requests.submit(samples.metered(file_id="file_1"), reserve("key_1", "req_1", 13, NOW))
    assert stores.requests.get("req_1") is None
    assert stores.accounts.get_key("key_1").balance == 100


def test_a_file_is_held_by_each_open_request(stores):
    uploaded(stores)
    for number in (1, 2):
        stores.requests.submit(samples.request(f"req_{number}", "file_1"), None)
    assert stores.files.get("file_1").open_requests == 2
    stores.requests.end(samples.ending(stores.requests.get("req_1"), samples.FAILURE))
    assert stores.files.get("file_1").open_requests == 1


def test_an_idempotency_key_is_used_once_within_its_window(stores):
    first = Idempotency("again", "hash", "req_1")
    stores.requests.submit(samples.request(), None, first)
    assert stores.requests.first_use("ada", "again", NOW) == first
    with pytest.raises(ConditionFailed):
        stores.requests.submit(samples.request("req_2"), None, Idempotency("again", "hash", "req_2"))
    assert stores.requests.get("req_2") is None


def test_after_the_window_an_idempotency_key_is_free_again(stores):
    stores.requests.submit(samples.request(), None, Idempotency("again", "hash", "req_1"))
    later = NOW + IDEMPOTENCY_WINDOW + timedelta(seconds=2)
    assert stores.requests.first_use("ada", "again", later) is None
    second = Idempotency("again", "other", "req_2")
    stores.requests.submit(samples.request("req_2", created_at=later), None, second)
    assert stores.requests.first_use("ada", "again", later) == second


def test_two_tenants_may_use_the_same_idempotency_key(stores):
    stores.requests.submit(samples.request(), None, Idempotency("again", "hash", "req_1"))
    assert stores.requests.first_use("bob", "again", NOW) is None
    stores.requests.submit(samples.request("req_2", tenant="bob"), None, Idempotency("again", "hash", "req_2"))


def test_a_tenants_requests_are_listed_from_newest_to_oldest_page_by_page(stores):
    for number in range(5):
        stores.requests.submit(samples.request(f"req_{number}", created_at=NOW + seconds(number)), None)
    stores.requests.submit(samples.request("req_other", tenant="bob", created_at=NOW + seconds(9)), None)
    first = stores.requests.newest("ada", None, 2)
    rest = stores.requests.newest("ada", first[-1], 10)
    assert [found.request_id for found in first] == ["req_4", "req_3"]
    assert [found.request_id for found in rest] == ["req_2", "req_1", "req_0"]


def test_a_deleted_request_is_listed_no_more_and_due_for_disposal(stores):
    for number in range(3):
        stores.requests.submit(samples.request(f"req_{number}", created_at=NOW + seconds(number)), None)
    with pytest.raises(ConditionFailed):
        stores.requests.mark_deleted("req_1", NOW)
    stores.requests.end(samples.ending(stores.requests.get("req_1"), samples.FAILURE))
    stores.requests.mark_deleted("req_1", NOW + seconds(70))
    with pytest.raises(ConditionFailed):
        stores.requests.mark_deleted("req_1", NOW + seconds(71))
    assert [found.request_id for found in stores.requests.newest("ada", None, 10)] == ["req_2", "req_0"]
    assert list(stores.requests.due_for_disposal(NOW + seconds(70), 10)) == ["req_1"]


def test_outputs_are_disposed_of_at_the_end_of_their_retention_and_again_if_asked(stores):
    stores.requests.submit(samples.request(), None)
    ending = samples.ending(stores.requests.get("req_1"), samples.FAILURE)
    stores.requests.end(ending)
    assert list(stores.requests.due_for_disposal(ending.delete_after - seconds(1), 10)) == []
    assert list(stores.requests.due_for_disposal(ending.delete_after, 10)) == ["req_1"]
    again = ending.delete_after + seconds(600)
    stores.requests.disposed("req_1", again)
    assert list(stores.requests.due_for_disposal(ending.delete_after, 10)) == []
    assert list(stores.requests.due_for_disposal(again, 10)) == ["req_1"]
    for _ in range(2):
        stores.requests.disposed("req_1")
    assert list(stores.requests.due_for_disposal(again, 10)) == []


def test_disposing_of_an_open_requests_outputs_leaves_it_to_the_reconciler(stores):
    stores.requests.submit(samples.request(), None)
    stores.requests.disposed("req_1")
    assert [found.request_id for found in stores.requests.due(NOW + CHECK_EVERY, 10)] == ["req_1"]


COPY = Source("fetched/req_1", ETAG, "audio/mpeg", url="https://example.com/song.mp3")


def test_a_fetched_copy_is_bound_until_the_request_is_prepared(stores):
    stores.requests.submit(samples.request(prepared=False), None)
    stores.requests.fetched("req_1", COPY)
    assert stores.requests.get("req_1").source == COPY
    stores.requests.prepare(stores.requests.get("req_1"), 9.5, None)
    with pytest.raises(ConditionFailed):
        stores.requests.fetched("req_1", Source("fetched/other", ETAG, "audio/mpeg"))
    found = stores.requests.get("req_1")
    assert (found.source, found.duration, found.prepared, found.reserved) == (COPY, 9.5, True, None)


def test_a_request_is_prepared_and_reserves_its_seconds_once(stores):
    stores.accounts.add_key(samples.key(balance=13), None)
    stores.requests.submit(samples.request(prepared=False, metered=True), None)
    stores.requests.prepare(samples.request(), 12.5, reserve("key_1", "req_1", 13, NOW))
    with pytest.raises(ConditionFailed):
        stores.requests.prepare(samples.request(), 12.5, reserve("key_1", "req_1", 13, NOW))
    assert stores.requests.get("req_1").reserved == 13
    assert stores.accounts.get_key("key_1").balance == 0


def test_a_request_that_costs_too_much_is_not_prepared(stores):
    stores.accounts.add_key(samples.key(balance=12), None)
    stores.requests.submit(samples.request(prepared=False, metered=True), None)
    with pytest.raises(InsufficientCredits):
        stores.requests.prepare(samples.request(), 12.5, reserve("key_1", "req_1", 13, NOW))
    assert not stores.requests.get("req_1").prepared
    assert stores.accounts.get_key("key_1").balance == 12


def test_what_has_ended_or_never_was_is_not_prepared(stores):
    with pytest.raises(ConditionFailed):
        stores.requests.prepare(samples.request(), 12.5, None)
    stores.requests.submit(samples.request(prepared=False), None)
    stores.requests.end(samples.ending(stores.requests.get("req_1"), samples.FAILURE))
    with pytest.raises(ConditionFailed):
        stores.requests.prepare(samples.request(), 12.5, None)
    with pytest.raises(ConditionFailed):
        stores.requests.fetched("req_1", COPY)


def test_an_end_that_did_not_see_the_preparation_is_not_written(stores):
    """It would leave the reservation behind."""
    stores.accounts.add_key(samples.key(), None)
    stores.requests.submit(samples.request(prepared=False, metered=True), None)
    seen = stores.requests.get("req_1")
    stores.requests.prepare(seen, 12.5, reserve("key_1", "req_1", 13, NOW))
    with pytest.raises(ConditionFailed):
        stores.requests.end(samples.ending(seen, samples.FAILURE))
    stores.requests.end(samples.ending(stores.requests.get("req_1"), samples.FAILURE))
    assert stores.accounts.get_key("key_1").balance == 100
