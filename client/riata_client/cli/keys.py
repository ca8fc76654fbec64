"""``riata keys``: administration of the running local stack's keys, or of a stack on AWS."""

import json
from typing import TYPE_CHECKING, Any

import click

from riata_client.cli.admin import JSON, STACK, admin, id_of

if TYPE_CHECKING:
    from riata.domain.accounts import ApiKey


@click.group()
def keys() -> None:
    """Create, list and revoke API keys."""


@keys.command()
@click.option("--tenant", default="local", show_default=True, help="Whose files and requests the key sees.")
@click.option("--scopes", help="Scopes separated by spaces or commas. Default: all four.")
@click.option("--credits", type=click.IntRange(min=0), metavar="SECONDS", help="Audio seconds the key may separate.")
@click.option("--unmetered", is_flag=True, help="No metering (the default without --credits).")
@STACK
@JSON
def create(tenant: str, scopes: str | None, credits: int | None, unmetered: bool, stack: str | None, as_json: bool) -> None:
    """Create a key. It is shown this once."""
    if unmetered and credits is not None:
        raise click.UsageError("--credits and --unmetered exclude each other.")
    from riata.domain.accounts import ALL_SCOPES

    wanted = frozenset(_scope(name) for name in scopes.replace(",", " ").split()) if scopes is not None else ALL_SCOPES
    key, record = admin(stack).create_key(tenant, wanted, credits)
    click.echo(json.dumps({"api_key": key, **_public(record)}) if as_json else key)


@keys.command(name="list")
@STACK
@JSON
def list_(stack: str | None, as_json: bool) -> None:
    """List the keys, without their secrets."""
    records = [_public(record) for record in admin(stack).list_keys()]
    if as_json:
        click.echo(json.dumps(records))
        return
    for record in records:
        credits = f"{record['balance']} s left" if record["metered"] else "unmetered"
        state = "revoked" if record["revoked_at"] else credits
        click.echo(f"{record['key_id']}  {record['tenant']:<16} {state:<14} {' '.join(record['scopes'])}")


@keys.command()
@click.argument("key_id")
@STACK
@JSON
def revoke(key_id: str, stack: str | None, as_json: bool) -> None:
    """Refuse a key from now on. KEY_ID is the key's id or the whole key."""
    identifier = id_of(key_id)
    admin(stack).revoke_key(identifier)
    click.echo(json.dumps({"key_id": identifier, "revoked": True}) if as_json else f"Revoked {identifier}.")


def _scope(name: str) -> Any:
    from riata.domain.accounts import Scope

    try:
        return Scope(name)
    except ValueError:
        raise click.UsageError(f"There is no scope {name}. Scopes: {', '.join(Scope)}.") from None


def _public(record: "ApiKey") -> dict[str, Any]:
    return {
        "key_id": record.key_id,
        "tenant": record.tenant,
        "scopes": sorted(record.scopes),
        "metered": record.metered,
        "balance": record.balance if record.metered else None,
        "created_at": record.created_at.isoformat(),
        "revoked_at": record.revoked_at.isoformat() if record.revoked_at else None,
    }

