"""Administration of API keys."""

import pytest

from riata.domain.accounts import Scope
from riata.errors import InvalidRequest, NotFound


def test_credits_are_the_first_line_of_the_ledger(world):
    _, principal = world.key(credits=600)
    assert world.balance(principal) == 600
    assert [entry.amount for entry in world.accounts.ledger(principal.key_id)] == [600]


def test_a_key_with_no_credits_is_metered_and_empty(world):
    _, key = world.app.manage_keys.create_key("ada", credits=0)
    assert (key.metered, key.balance) == (True, 0)
    assert list(world.accounts.ledger(key.key_id)) == []


def test_the_full_key_is_not_stored(world):
    text, _ = world.app.manage_keys.create_key("ada")
    assert text.rsplit("_", 1)[1] not in repr(world.accounts.keys)


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"tenant": ""}, "tenant"),
        ({"tenant": "x" * 65}, "tenant"),
        ({"tenant": "a\nb"}, "tenant"),
        ({"tenant": "ada", "scopes": frozenset()}, "scopes"),
        ({"tenant": "ada", "credits": -1}, "credits"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_created(world, arguments, param):
    with pytest.raises(InvalidRequest) as refused:
        world.app.manage_keys.create_key(**arguments)
    assert refused.value.param == param
    assert not world.accounts.keys


def test_keys_are_listed_oldest_first_revoked_ones_too(world):
    first = world.key("ada")[1]
    world.clock.advance(1)
    second = world.key("bob", scopes=frozenset({Scope.FILES_READ}))[1]
    world.app.manage_keys.revoke_key(first.key_id)
    assert [key.key_id for key in world.app.manage_keys.list_keys()] == [first.key_id, second.key_id]


def test_revoking_twice_is_fine_and_keeps_the_first_time(world):
    principal = world.key()[1]
    world.app.manage_keys.revoke_key(principal.key_id)
    revoked_at = world.accounts.keys[principal.key_id].revoked_at
    world.clock.advance(60)
    world.app.manage_keys.revoke_key(principal.key_id)
    assert world.accounts.keys[principal.key_id].revoked_at == revoked_at


def test_revoking_an_unknown_key_says_so(world):
    with pytest.raises(NotFound, match="riata keys list"):
        world.app.manage_keys.revoke_key("nobody")
