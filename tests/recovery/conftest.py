"""Tables of the template on moto, new ones for each test."""

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from riata.adapters import aws
from tests.contract.deployment import REGION, template
from tests.recovery.service import Service

_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Any]:
    """A simulated AWS, for one module, so that others start their own: its DynamoDB client."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.delenv("AWS_PROFILE", raising=False)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        aws.client.cache_clear()
        yield boto3.client("dynamodb", region_name=REGION)
        aws.client.cache_clear()


@pytest.fixture
def tables(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """New tables, and the environment that names them."""
    number = next(_numbers)
    for role in ("Accounts", "Jobs"):
        properties = template()["Resources"][f"{role}Table"]["Properties"]
        name = f"{role}{number}"
        cloud.create_table(TableName=name, **{k: properties[k] for k in _PROPERTIES if k in properties})
        monkeypatch.setenv(f"RIATA_{role.upper()}_TABLE", name)


@pytest.fixture
def service(tables: None, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service whose processes can die."""
    return Service(monkeypatch)
