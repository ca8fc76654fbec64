"""`riata.ports.Accounts` in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from riata.domain.accounts import ApiKey
from riata.domain.money import LedgerEntry
from riata.errors import ConditionFailed


class FakeAccounts:
    """Keys and their ledger; `post` is what a transaction of the requests writes here."""

    def __init__(self) -> None:
        self.keys: dict[str, ApiKey] = {}
        self.entries: dict[tuple[str, str], LedgerEntry] = {}

    def get_key(self, key_id: str) -> ApiKey | None:
        return self.keys.get(key_id)

    def add_key(self, key: ApiKey, credit: LedgerEntry | None) -> None:
        if key.key_id in self.keys or (credit and self.has(credit)):
            raise ConditionFailed(key.key_id)
        self.keys[key.key_id] = key
        if credit:
            self.entries[credit.key_id, credit.entry_id] = credit

    def list_keys(self) -> Iterator[ApiKey]:
        return iter(list(self.keys.values()))

    def revoke_key(self, key_id: str, at: datetime) -> None:
        key = self.keys.get(key_id)
        if key is None or key.revoked_at is not None:
            raise ConditionFailed(key_id)
        self.keys[key_id] = replace(key, revoked_at=at)

    def credit(self, entry: LedgerEntry) -> None:
        if self.has(entry) or entry.key_id not in self.keys:
            raise ConditionFailed(entry.entry_id)
        self.post(entry)

    def ledger(self, key_id: str) -> Iterator[LedgerEntry]:
        return iter([self.entries[place] for place in sorted(self.entries) if place[0] == key_id])

    def has(self, entry: LedgerEntry) -> bool:
        return (entry.key_id, entry.entry_id) in self.entries

    def post(self, entry: LedgerEntry) -> None:
        """The entry and the balance together; the caller has checked that both may be written."""
        key = self.keys[entry.key_id]
        self.entries[entry.key_id, entry.entry_id] = entry
        self.keys[entry.key_id] = replace(key, balance=key.balance + entry.amount)
