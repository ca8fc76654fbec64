"""The stack's ready API key, and the admin use cases pointed at the local stack."""

import os
from typing import Any, Protocol

from riata.errors import CommandFailed

from riata_local.aws import ADMIN, LocalAws
from riata_local.home import Home, write_atomically

ALL_SCOPES = frozenset({"audio:separate", "files:write", "files:read", "models:read"})
_READY_KEY_TENANT = "local"


class Admin(Protocol):
    """The admin use cases of the shared package (``riata.bootstrap.admin()``)."""

    def create_key(self, tenant: str, scopes: frozenset[str], credits: int | None) -> tuple[str, Any]:
        """Make a key; ``credits`` in audio seconds, None without metering. Returns the full key, shown once."""

    def list_keys(self) -> list[Any]:
        """All keys' records, without their secrets."""

    def revoke_key(self, key_id: str) -> Any:
        """Make a key invalid at once."""


def local_admin(aws: LocalAws, settings: dict[str, str]) -> Admin:
    """The admin use cases, acting on the local stack with the root account's rights.

    The shared package reads its settings and credentials from the process environment, which this sets.
    """
    os.environ.update(aws.environment(ADMIN) | settings)
    from riata.bootstrap import admin

    return admin()


def ensure_ready_key(home: Home, admin: Admin) -> str:
    """The key stored in the home if the service still knows it, else a new unmetered one with all scopes."""
    stored = read_ready_key(home)
    known = {record.key_id for record in admin.list_keys() if record.revoked_at is None}
    if stored and key_id(stored) in known:
        return stored
    key, _ = admin.create_key(_READY_KEY_TENANT, ALL_SCOPES, None)
    write_atomically(home.api_key, key + "\n", mode=0o600)
    return key


def read_ready_key(home: Home) -> str | None:
    """The stored key, if there is one."""
    try:
        return home.api_key.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise CommandFailed(f"{home.api_key} belongs to another user: run as its owner.") from error


def key_id(key: str) -> str:
    """The public middle part of ``riata_<id>_<secret>``; empty when the text is no such key."""
    parts = key.split("_", 2)
    return parts[1] if len(parts) == 3 else ""
