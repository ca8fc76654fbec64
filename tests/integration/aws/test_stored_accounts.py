"""`riata.ports.Accounts` and `riata.ports.RateLimiter`, by the fakes and by DynamoDB alike."""

from datetime import timedelta

import pytest

from riata.domain.accounts import Scope
from riata.errors import ConditionFailed
from tests.integration.aws import samples
from tests.integration.aws.samples import NOW


@pytest.mark.parametrize("changes", [{}, {"scopes": frozenset({Scope.FILES_READ}), "metered": False, "balance": 0}])
def test_a_key_is_read_as_it_was_stored(stores, changes):
    stores.accounts.add_key(samples.key(**changes), None)
    assert stores.accounts.get_key("key_1") == samples.key(**changes)
    assert stores.accounts.get_key("key_2") is None


def test_the_first_credit_is_stored_with_the_key_or_not_at_all(stores):
    credit = samples.entry("key_1#credit", 100)
    stores.accounts.add_key(samples.key(), credit)
    with pytest.raises(ConditionFailed):
        stores.accounts.add_key(samples.key(tenant="bob"), samples.entry("other#credit", 1))
    assert stores.accounts.get_key("key_1").tenant == "ada"
    assert list(stores.accounts.ledger("key_1")) == [credit]


def test_a_key_is_revoked_once(stores):
    stores.accounts.add_key(samples.key(), None)
    stores.accounts.revoke_key("key_1", NOW)
    with pytest.raises(ConditionFailed):
        stores.accounts.revoke_key("key_1", NOW + timedelta(seconds=1))
    assert stores.accounts.get_key("key_1").revoked_at == NOW


def test_an_unknown_key_is_not_revoked(stores):
    with pytest.raises(ConditionFailed):
        stores.accounts.revoke_key("key_1", NOW)


def test_every_key_is_listed_and_nothing_but_keys(stores):
    stores.accounts.add_key(samples.key("key_1"), samples.entry("a", 1))
    stores.accounts.add_key(samples.key("key_2", revoked_at=NOW), None)
    stores.rate_limiter.take("key_1", NOW)
    assert sorted(key.key_id for key in stores.accounts.list_keys()) == ["key_1", "key_2"]


@pytest.mark.parametrize("amount", [50, -30, 0])
def test_a_credit_moves_the_balance_by_its_entry(stores, amount):
    stores.accounts.add_key(samples.key(balance=100), None)
    stores.accounts.credit(samples.entry("b#credit", amount))
    assert stores.accounts.get_key("key_1").balance == 100 + amount
    assert [found.amount for found in stores.accounts.ledger("key_1")] == [amount]


def test_the_same_credit_counts_once(stores):
    stores.accounts.add_key(samples.key(balance=100), None)
    stores.accounts.credit(samples.entry("b#credit", 50))
    with pytest.raises(ConditionFailed):
        stores.accounts.credit(samples.entry("b#credit", 50))
    assert stores.accounts.get_key("key_1").balance == 150


def test_nobody_is_credited_without_a_key(stores):
    with pytest.raises(ConditionFailed):
        stores.accounts.credit(samples.entry("b#credit", 50))
    assert list(stores.accounts.ledger("key_1")) == []


def test_a_ledger_is_one_keys_and_in_the_order_of_its_ids(stores):
    for key_id in ("key_1", "key_2"):
        stores.accounts.add_key(samples.key(key_id), None)
    for entry_id in ("c", "a", "b"):
        stores.accounts.credit(samples.entry(entry_id, 1))
    stores.accounts.credit(samples.entry("d", 1, key_id="key_2"))
    assert [found.entry_id for found in stores.accounts.ledger("key_1")] == ["a", "b", "c"]


def test_a_burst_is_allowed_and_what_comes_after_it_is_told_when_to_come_back(stores):
    """Two a second, three saved up."""
    answers = [stores.rate_limiter.take("key_1", NOW) for _ in range(4)]
    assert [answer.allowed for answer in answers] == [True, True, True, False]
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0]
    assert answers[-1].retry_after == 1


def test_tokens_come_back_with_time_and_not_above_the_burst(stores):
    for _ in range(3):
        stores.rate_limiter.take("key_1", NOW)
    assert stores.rate_limiter.take("key_1", NOW + timedelta(seconds=0.5)).allowed
    assert not stores.rate_limiter.take("key_1", NOW + timedelta(seconds=0.5)).allowed
    later = [stores.rate_limiter.take("key_1", NOW + timedelta(hours=1)).allowed for _ in range(4)]
    assert later == [True, True, True, False]


def test_each_key_has_a_bucket_of_its_own(stores):
    for _ in range(4):
        stores.rate_limiter.take("key_1", NOW)
    assert stores.rate_limiter.take("key_2", NOW).allowed
