"""`riata.ports.Accounts` on the Accounts table."""

from collections.abc import Iterator
from datetime import datetime

from riata.adapters.aws_errors import translated
from riata.adapters.dynamodb import rows
from riata.adapters.dynamodb.table import Table, from_wire, to_wire, transact, update
from riata.domain.accounts import ApiKey
from riata.domain.clock import to_wire as text
from riata.domain.money import LedgerEntry


class DynamoAccounts:
    """API keys and their ledger."""

    def __init__(self, accounts: Table) -> None:
        self._accounts = accounts

    def get_key(self, key_id: str) -> ApiKey | None:
        """The key, or None."""
        row = self._accounts.get(rows.account_key(key_id))
        return rows.api_key_from(row) if row else None

    def add_key(self, key: ApiKey, credit: LedgerEntry | None) -> None:
        """Store a new key, with its first credit in the same transaction."""
        items = [{"Put": self._accounts.new(rows.api_key_row(key))}]
        if credit is not None:
            items.append({"Put": self._accounts.new(rows.ledger_row(credit))})
        with translated():
            transact(self._accounts.client, items)

    def list_keys(self) -> Iterator[ApiKey]:
        """Every key; a scan, for administrators only."""
        pages = self._accounts.client.get_paginator("scan").paginate(
            TableName=self._accounts.name,
            ConsistentRead=True,
            FilterExpression="sk = :key",
            ExpressionAttributeValues=to_wire({":key": "KEY"}),
        )
        with translated():
            for page in pages:
                yield from (rows.api_key_from(from_wire(item)) for item in page["Items"])

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """Refuse the key from now on."""
        self._accounts.update(
            update(
                rows.account_key(key_id),
                {"revoked_at": text(at)},
                condition="attribute_exists(pk) AND attribute_not_exists(revoked_at)",
                values={},
            )
        )

    def credit(self, entry: LedgerEntry) -> None:
        """Add an entry and move the balance, in one transaction."""
        key = rows.account_key(entry.key_id)
        change = update(key, {}, add={"balance": entry.amount}, condition="attribute_exists(pk)", values={})
        with translated():
            transact(
                self._accounts.client,
                [
                    {"Put": self._accounts.new(rows.ledger_row(entry))},
                    {"Update": {"TableName": self._accounts.name} | change},
                ],
            )

    def ledger(self, key_id: str) -> Iterator[LedgerEntry]:
        """Every entry of a key."""
        found = self._accounts.query(
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
            ExpressionAttributeValues=to_wire({":pk": rows.account_key(key_id)["pk"], ":ledger": "LEDGER#"}),
        )
        return map(rows.ledger_from, found)
