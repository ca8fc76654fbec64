"""The copy of the tables that survives a crash."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from riata_local import snapshot
from riata_local.home import Home, read_json

_TABLES = {"Accounts": "accounts-1", "Jobs": "jobs-1"}
_ITEM = {
    "pk": {"S": "REQ#1"}, "sk": {"S": "REQ"}, "n": {"N": "12.50"}, "b": {"B": b"\x00\xff"}, "none": {"NULL": True},
    "map": {"M": {"base64": {"S": "not binary"}, "list": {"L": [{"BS": [b"a", b"b"]}, {"BOOL": False}]}}},
}  # fmt: skip


class _Aws:
    """Hands out clients of the in-process AWS."""

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name="us-east-1")


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        for name in _TABLES.values():
            client.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            )
        yield client
        # A simulated AWS that another module has left on outlives this one, with its tables.
        for name in _TABLES.values():
            client.delete_table(TableName=name)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _put(dynamodb: Any, table: str, number: int) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": f"ITEM#{number}"}, "sk": {"S": "x"}})


def _keys(dynamodb: Any, table: str) -> set[str]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


def test_every_kind_of_value_comes_back_as_it_was(dynamodb: Any, home: Home) -> None:
    dynamodb.put_item(TableName="jobs-1", Item=_ITEM)
    before = dynamodb.scan(TableName="jobs-1")["Items"]
    snapshot.export(_Aws(), home, _TABLES)
    dynamodb.delete_item(TableName="jobs-1", Key={"pk": _ITEM["pk"], "sk": _ITEM["sk"]})

    assert snapshot.restore(_Aws(), home, _TABLES, persisted_at=0)

    assert dynamodb.scan(TableName="jobs-1")["Items"] == before


def test_what_the_older_state_still_held_is_gone(dynamodb: Any, home: Home) -> None:
    _put(dynamodb, "accounts-1", 1)
    snapshot.export(_Aws(), home, _TABLES)
    _put(dynamodb, "accounts-1", 2)

    snapshot.restore(_Aws(), home, _TABLES, persisted_at=0)

    assert _keys(dynamodb, "accounts-1") == {"ITEM#1"}


def test_more_than_one_batch_is_imported(dynamodb: Any, home: Home) -> None:
    for number in range(60):
        _put(dynamodb, "jobs-1", number)
    snapshot.export(_Aws(), home, _TABLES)
    for number in range(60):
        dynamodb.delete_item(TableName="jobs-1", Key={"pk": {"S": f"ITEM#{number}"}, "sk": {"S": "x"}})

    snapshot.restore(_Aws(), home, _TABLES, persisted_at=0)

    assert len(_keys(dynamodb, "jobs-1")) == 60


def test_a_state_written_later_than_the_snapshot_wins(dynamodb: Any, home: Home) -> None:
    snapshot.export(_Aws(), home, _TABLES)
    _put(dynamodb, "jobs-1", 1)

    assert not snapshot.restore(_Aws(), home, _TABLES, persisted_at=home.snapshot.stat().st_mtime + 1)

    assert _keys(dynamodb, "jobs-1") == {"ITEM#1"}


def test_without_a_snapshot_nothing_is_touched(dynamodb: Any, home: Home) -> None:
    _put(dynamodb, "jobs-1", 1)
    assert not snapshot.restore(_Aws(), home, _TABLES, persisted_at=0)
    assert _keys(dynamodb, "jobs-1") == {"ITEM#1"}


def test_the_snapshot_is_the_owners_alone(dynamodb: Any, home: Home) -> None:
    snapshot.export(_Aws(), home, _TABLES)
    assert os.stat(home.snapshot).st_mode & 0o077 == 0
    assert read_json(home.snapshot) == {"Accounts": [], "Jobs": []}
