"""``riata credits``: the balance of a metered key, audio seconds, and every movement of it."""

import json

import click

from riata_client.cli.admin import JSON, STACK, admin, id_of


@click.group()
def credits() -> None:
    """Show and add the credits of a metered key."""


@credits.command()
@click.argument("key")
@click.argument("seconds", type=int)
@STACK
@JSON
def add(key: str, seconds: int, stack: str | None, as_json: bool) -> None:
    """Give KEY (its id or the whole key) more audio SECONDS."""
    record = admin(stack).add_credits(id_of(key), seconds)
    click.echo(
        json.dumps({"key_id": record.key_id, "balance": record.balance})
        if as_json
        else f"{record.key_id} has {record.balance} s."
    )


@credits.command()
@click.argument("key")
@STACK
@JSON
def show(key: str, stack: str | None, as_json: bool) -> None:
    """Show the ledger of KEY; the balance is its sum."""
    entries = admin(stack).ledger(id_of(key))
    balance = sum(entry.amount for entry in entries)
    if as_json:
        rows = [
            {"entry_id": e.entry_id, "kind": e.kind.value, "amount": e.amount, "created_at": e.created_at.isoformat()}
            for e in entries
        ]
        click.echo(json.dumps({"key_id": id_of(key), "balance": balance, "ledger": rows}))
        return
    for entry in entries:
        click.echo(f"{entry.created_at:%Y-%m-%d %H:%M:%S}  {entry.kind.value:<8} {entry.amount:>8}  {entry.entry_id}")
    click.echo(f"Balance: {balance} s")
