"""Administration of API keys."""

from dataclasses import dataclass

from riata.domain.accounts import ALL_SCOPES, ApiKey, Scope, hash_secret, join_key, new_secret
from riata.domain.ids import new_key_id
from riata.domain.money import EntryKind, LedgerEntry
from riata.errors import ConditionFailed, InvalidRequest, NotFound
from riata.ports import Accounts, Clock


@dataclass(frozen=True)
class ManageKeys:
    """Create, list and revoke keys."""

    accounts: Accounts
    pepper: bytes
    clock: Clock

    def create_key(
        self, tenant: str, scopes: frozenset[Scope] = ALL_SCOPES, credits: int | None = None
    ) -> tuple[str, ApiKey]:
        """A new key, metered with ``credits`` audio seconds or not metered at all.

        Returns:
            The full key, which is shown this once, and what is stored of it.

        Raises:
            InvalidRequest: no tenant, no scope, or negative credits.
        """
        if not tenant or len(tenant) > 64 or not tenant.isprintable():
            raise InvalidRequest("A tenant is a name of 1 to 64 printable characters.", param="tenant")
        if not scopes:
            raise InvalidRequest("A key needs at least one scope.", param="scopes")
        if credits is not None and credits < 0:
            raise InvalidRequest("Credits are audio seconds and cannot be negative.", param="credits")
        now, secret = self.clock(), new_secret()
        key = ApiKey(
            key_id=new_key_id(),
            tenant=tenant,
            secret_hash=hash_secret(self.pepper, secret),
            scopes=frozenset(scopes),
            metered=credits is not None,
            balance=credits or 0,
            created_at=now,
        )
        first = LedgerEntry(key.key_id, f"{key.key_id}#credit", EntryKind.CREDIT, credits, now) if credits else None
        self.accounts.add_key(key, first)
        return join_key(key.key_id, secret), key

    def add_credits(self, key_id: str, seconds: int) -> ApiKey:
        """Give a metered key more audio seconds; negative ones take some back.

        Raises:
            NotFound: there is no such key.
            InvalidRequest: the key is not metered.
        """
        key = self.accounts.get_key(key_id)
        if key is None:
            raise NotFound(f"There is no key {key_id}. `riata keys list` shows them.")
        if not key.metered:
            raise InvalidRequest("The key is not metered: it needs no credits.", param="key_id")
        entry = LedgerEntry(key_id, f"{new_key_id()}#credit", EntryKind.CREDIT, seconds, self.clock())
        self.accounts.credit(entry)
        return self.accounts.get_key(key_id) or key

    def ledger(self, key_id: str) -> list[LedgerEntry]:
        """Every movement of a key's balance, oldest first; their sum is the balance.

        Raises:
            NotFound: there is no such key.
        """
        if self.accounts.get_key(key_id) is None:
            raise NotFound(f"There is no key {key_id}. `riata keys list` shows them.")
        return sorted(self.accounts.ledger(key_id), key=lambda entry: entry.created_at)

    def list_keys(self) -> list[ApiKey]:
        """Every key, oldest first."""
        return sorted(self.accounts.list_keys(), key=lambda key: key.created_at)

    def revoke_key(self, key_id: str) -> None:
        """Refuse a key from now on; revoking twice is fine.

        Raises:
            NotFound: there is no such key.
        """
        if self.accounts.get_key(key_id) is None:
            raise NotFound(f"There is no key {key_id}. `riata keys list` shows them.")
        try:
            self.accounts.revoke_key(key_id, self.clock())
        except ConditionFailed:
            return
