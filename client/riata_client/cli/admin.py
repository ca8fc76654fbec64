"""What the administrators' commands share: whose stack, which key, which form of output."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from riata.usecases.keys import ManageKeys

STACK = click.option("--stack", metavar="NAME", help="A CloudFormation stack on AWS instead of the running local one.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def admin(stack: str | None) -> "ManageKeys":
    """Key administration of the running local stack, or of a stack on AWS."""
    from riata_local import keys as local_keys

    if stack is not None:
        return local_keys.remote_admin(stack)
    return local_keys.running_admin()


def id_of(key: str) -> str:
    """A key's id, given the id or the whole key."""
    from riata.domain.accounts import split_key

    parts = split_key(key)
    return parts[0] if parts else key
