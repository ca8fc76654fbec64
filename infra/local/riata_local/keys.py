"""The stack's ready API key, and the admin use cases pointed at the local stack."""

import os
from typing import TYPE_CHECKING

from riata.domain.accounts import ALL_SCOPES, split_key
from riata.errors import CommandFailed
from riata_local import record
from riata_local.aws import ADMIN, LocalAws, stack_outputs
from riata_local.environment import settings
from riata_local.home import Home, write_atomically

if TYPE_CHECKING:
    from riata.usecases.keys import ManageKeys

_READY_KEY_TENANT = "local"


def local_admin(aws: LocalAws, stack_settings: dict[str, str]) -> "ManageKeys":
    """The admin use cases, acting on the local stack with the root account's rights.

    The shared package reads its settings and credentials from the process environment, which this sets.
    """
    os.environ.update(aws.environment(ADMIN) | stack_settings)
    from riata.bootstrap import admin

    return admin()


def running_admin() -> "ManageKeys":
    """The admin use cases of the stack that runs in RIATA_HOME.

    Raises:
        CommandFailed: None runs.
    """
    home = Home.from_environment()
    run = record.running(home)
    if run is None or run.phase != record.HEALTHY:
        raise CommandFailed("Keys live in a running stack: start it with `riata up`, or name one on AWS with --stack.")
    return local_admin(LocalAws(home, run.endpoint), run.settings)


def remote_admin(stack: str) -> "ManageKeys":
    """The admin use cases of a deployed stack, with the caller's own AWS credentials and region.

    Raises:
        CommandFailed: The stack cannot be read.
    """
    os.environ.update(settings(stack_outputs(stack), "", ""))
    from riata.bootstrap import admin

    return admin()


def ensure_ready_key(home: Home, admin: "ManageKeys") -> str:
    """The key stored in the home if the service still knows it, else a new unmetered one with all scopes."""
    stored = read_ready_key(home)
    known = {record.key_id for record in admin.list_keys() if record.revoked_at is None}
    parts = split_key(stored) if stored else None
    if stored and parts and parts[0] in known:
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
