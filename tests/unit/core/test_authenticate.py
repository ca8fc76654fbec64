"""Who is calling, and may they?"""

import pytest

from riata.domain.accounts import ALL_SCOPES, Scope, join_key, split_key
from riata.errors import PermissionDenied, Unauthenticated


def test_a_valid_key_is_its_tenant(world):
    text, principal = world.key("ada")
    assert world.app.authenticate(text, Scope.FILES_READ) == principal
    assert principal.tenant == "ada"


def test_a_metered_key_says_so(world):
    text, _ = world.key("ada", credits=10)
    assert world.app.authenticate(text, Scope.FILES_READ).metered


@pytest.mark.parametrize("text", [None, "", "not a key", join_key("a" * 26, "b" * 48)])
def test_no_key_a_malformed_one_and_an_unknown_one_are_unauthenticated(world, text):
    with pytest.raises(Unauthenticated, match="Authorization: Bearer"):
        world.app.authenticate(text, Scope.FILES_READ)


def test_a_wrong_secret_is_unauthenticated(world):
    text, principal = world.key()
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    assert split_key(wrong)[0] == principal.key_id
    with pytest.raises(Unauthenticated):
        world.app.authenticate(wrong, Scope.FILES_READ)


def test_a_revoked_key_is_unauthenticated_at_once(world):
    text, principal = world.key()
    world.app.manage_keys.revoke_key(principal.key_id)
    with pytest.raises(Unauthenticated):
        world.app.authenticate(text, Scope.FILES_READ)


@pytest.mark.parametrize("missing", list(Scope))
def test_a_key_without_the_scope_is_denied_and_told_which(world, missing):
    text, _ = world.key(scopes=ALL_SCOPES - {missing} or frozenset({Scope.FILES_READ}))
    with pytest.raises(PermissionDenied, match=missing.value):
        world.app.authenticate(text, missing)
