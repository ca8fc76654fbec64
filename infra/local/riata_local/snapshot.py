"""A copy of the Accounts and Jobs tables on disk, so that a crash costs at most a minute.

MiniStack writes its state only when it is stopped in order. After a kill -9 its S3 objects are all there, but its
tables, queues and executions are those of the last clean stop. Therefore the supervisor

* exports both tables every 60 seconds, and before it stops MiniStack, to one file that is replaced atomically;
* imports that file at the next start if it is newer than the tables MiniStack itself wrote.

What a crash can lose is what was written in the 60 seconds before it: keys created, files registered, requests
submitted and status changes. A status change that is lost is made again (the request is found without an execution by
the reconciler and runs once more); uploaded and separated audio is never lost. The two tables are read one after the
other, without a lock: a write that falls between the two reads is in one of them only.
"""

import base64
import json
from typing import Any

from riata_local.aws import LocalAws
from riata_local.home import Home, read_json, write_atomically

INTERVAL_SECONDS = 60
_BATCH = 25  # DynamoDB's limit of one BatchWriteItem


def export(aws: LocalAws, home: Home, tables: dict[str, str]) -> None:
    """Write the snapshot.

    Args:
        aws: The stack's AWS.
        home: The stack's folder.
        tables: Role of the table (``Accounts``, ``Jobs``) → its deployed name.
    """
    dynamodb = aws.client("dynamodb")
    items = {role: _scan(dynamodb, name) for role, name in tables.items()}
    write_atomically(home.snapshot, json.dumps(items, default=_encode_binary))


def restore(aws: LocalAws, home: Home, tables: dict[str, str], persisted_at: float) -> bool:
    """Import the snapshot if it is newer than what MiniStack persisted; whether it was.

    Args:
        aws: The stack's AWS.
        home: The stack's folder.
        tables: As for ``export``.
        persisted_at: When MiniStack wrote its tables before this start, seconds since the epoch.
    """
    snapshot = read_json(home.snapshot)
    if snapshot is None or home.snapshot.stat().st_mtime <= persisted_at:
        return False
    dynamodb = aws.client("dynamodb")
    for role, name in tables.items():
        _replace(dynamodb, name, [_decode(item) for item in snapshot.get(role, [])])
    return True


def _scan(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def _replace(dynamodb: Any, table: str, items: list[dict[str, Any]]) -> None:
    """Make the table hold exactly ``items``."""
    attributes = [key["AttributeName"] for key in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    wanted = {_key(item, attributes) for item in items}
    writes: list[dict[str, Any]] = [{"PutRequest": {"Item": item}} for item in items]
    writes += [
        {"DeleteRequest": {"Key": {name: item[name] for name in attributes}}}
        for item in _scan(dynamodb, table)
        if _key(item, attributes) not in wanted
    ]
    for start in range(0, len(writes), _BATCH):
        pending = {table: writes[start : start + _BATCH]}
        while pending:
            pending = dynamodb.batch_write_item(RequestItems=pending).get("UnprocessedItems", {})


def _key(item: dict[str, Any], attributes: list[str]) -> str:
    return json.dumps([item[name] for name in attributes], sort_keys=True, default=_encode_binary)


def _encode_binary(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} is not a DynamoDB value")


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        # Within DynamoDB's JSON a map's values are never plain strings, so this cannot be somebody's attribute.
        if value.keys() == {"base64"} and isinstance(value["base64"], str):
            return base64.b64decode(value["base64"])
        return {key: _decode(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_decode(inner) for inner in value]
    return value
