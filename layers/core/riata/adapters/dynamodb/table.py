"""Plain dictionaries in, plain dictionaries out: the thin layer over the DynamoDB client."""

import random
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from riata.adapters.aws_errors import CONFLICT_REASONS, cancellation_codes, translate, translated
from riata.errors import ConditionFailed

Item = dict[str, Any]

_TRANSACT_ATTEMPTS = 7
_MAX_PARTITION_KEY_BYTES = 2048

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_wire(values: Mapping[str, Any]) -> dict[str, Any]:
    """Python values → DynamoDB's typed ones; None is left out, floats become exact decimals."""
    return {k: _serialize(Decimal(repr(v)) if isinstance(v, float) else v) for k, v in values.items() if v is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """DynamoDB's typed values → Python ones; whole numbers are int, the others float."""
    return {k: _number(_deserialize(v)) for k, v in item.items()}


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def update(
    key: Item, set_: Item, *, condition: str, values: Item, remove: tuple[str, ...] = (), add: Item | None = None
) -> Item:
    """The arguments of one conditional update, without the table's name; attribute names are aliased, so none is reserved."""
    names = {f"#{name}": name for name in (*set_, *remove, *(add or {}))}
    parts = ["SET " + ", ".join(f"#{name} = :set_{name}" for name in set_)] if set_ else []
    if remove:
        parts.append("REMOVE " + ", ".join(f"#{name}" for name in remove))
    if add:
        parts.append("ADD " + ", ".join(f"#{name} :add_{name}" for name in add))
    bound = {f":set_{k}": v for k, v in set_.items()} | {f":add_{k}": v for k, v in (add or {}).items()} | values
    # Only names that appear may be sent; conditions alias theirs as #status or #generation.
    names |= {f"#{word}": word for word in ("status", "generation") if f"#{word}" in condition}
    arguments: Item = {
        "Key": to_wire(key),
        "UpdateExpression": " ".join(parts),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": to_wire(bound),
    }
    return {name: value for name, value in arguments.items() if value}


def transact(client: Any, items: list[Item]) -> None:
    """Run one transaction; one that only lost against another writer is tried again, with jitter.

    Raises:
        ClientError: untranslated, for the caller to read which item's condition failed.
        Unavailable: no answer came.
    """
    for attempt in range(_TRANSACT_ATTEMPTS):
        try:
            client.transact_write_items(TransactItems=items)
        except ClientError as error:
            reasons = set(cancellation_codes(error)) - {"None"}
            if not reasons or not reasons <= CONFLICT_REASONS or attempt == _TRANSACT_ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret
        except BotoCoreError as error:
            raise translate(error) from error
        else:
            return


class Table:
    """One table and its client."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Item) -> Item | None:
        """A strongly consistent read; a key that DynamoDB would refuse for its length names nothing."""
        if len(str(key["pk"]).encode()) > _MAX_PARTITION_KEY_BYTES:
            return None
        with translated():
            found = self.client.get_item(TableName=self.name, Key=to_wire(key), ConsistentRead=True)
        return from_wire(found["Item"]) if "Item" in found else None

    def put_new(self, item: Item) -> None:
        """Put an item that must not exist."""
        with translated():
            self.client.put_item(**self.new(item))

    def put(self, item: Item) -> None:
        """Put an item, twice if need be."""
        with translated():
            self.client.put_item(TableName=self.name, Item=to_wire(item))

    def new(self, item: Item) -> Item:
        """The arguments of `put_new`, for a transaction."""
        return {"TableName": self.name, "Item": to_wire(item), "ConditionExpression": "attribute_not_exists(pk)"}

    def update(self, arguments: Item) -> Item:
        """Run one conditional update; returns the item as it is then."""
        with translated():
            answer = self.client.update_item(TableName=self.name, ReturnValues="ALL_NEW", **arguments)
        return from_wire(answer["Attributes"])

    def due(self, sweep: str, now: str, limit: int) -> list[str]:
        """The partition keys in one partition of the ``sweep`` index that are due; the index lags behind the table."""
        found = self.query(
            IndexName="sweep",
            KeyConditionExpression="sweep = :sweep AND sweep_at <= :now",
            ExpressionAttributeValues=to_wire({":sweep": sweep, ":now": now}),
        )
        return [str(row["pk"]) for row in islice(found, limit)]

    def clear_sweep(self, key: Item, sweep: str) -> None:
        """Take an item out of one partition of the ``sweep`` index; one that is not in it is fine."""
        self._change_sweep(key, sweep, {}, remove=("sweep", "sweep_at"))

    def move_sweep(self, key: Item, sweep: str, at: str) -> None:
        """Make an item in one partition of the ``sweep`` index due at another time; one that is not in it is fine."""
        self._change_sweep(key, sweep, {"sweep_at": at})

    def _change_sweep(self, key: Item, sweep: str, set_: Item, remove: tuple[str, ...] = ()) -> None:
        try:
            self.update(update(key, set_, remove=remove, condition="sweep = :sweep", values={":sweep": sweep}))
        except ConditionFailed:
            return

    def query(self, **arguments: Any) -> Iterator[Item]:
        """Every item of a query, page by page."""
        while True:
            with translated():
                page = self.client.query(TableName=self.name, **arguments)
            yield from map(from_wire, page.get("Items", []))
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
