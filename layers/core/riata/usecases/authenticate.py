"""Who is calling, and may they?"""

from dataclasses import dataclass

from riata.domain.accounts import Principal, Scope, secret_matches, split_key
from riata.errors import PermissionDenied, Unauthenticated
from riata.ports import Accounts

_HINT = "Send your API key as `Authorization: Bearer riata_…`."


@dataclass(frozen=True)
class Authenticate:
    """Key text → principal."""

    accounts: Accounts
    pepper: bytes

    def __call__(self, key_text: str | None, scope: Scope) -> Principal:
        """The caller, when the key is known, not revoked, and has the scope.

        Raises:
            Unauthenticated: no key, or not a valid one.
            PermissionDenied: the key lacks the scope.
        """
        if not key_text:
            raise Unauthenticated(f"No API key was sent. {_HINT}")
        parts = split_key(key_text)
        key = self.accounts.get_key(parts[0]) if parts else None
        if (
            parts is None
            or key is None
            or not secret_matches(self.pepper, parts[1], key.secret_hash)
            or key.revoked_at is not None
        ):
            raise Unauthenticated(f"The API key is not valid. {_HINT}")
        if scope not in key.scopes:
            raise PermissionDenied(f"The API key lacks the scope `{scope}`. Create a key that has it.")
        return Principal(key.key_id, key.tenant, key.scopes, key.metered)
