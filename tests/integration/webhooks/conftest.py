"""The tables, queues and key of the webhooks on a simulated AWS, which other tests of the process may share: names are unique."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from riata.adapters.dynamodb.table import Table

REGION = "eu-central-1"
_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes clients of a simulated AWS: ``aws("sqs")``."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield lambda service: boto3.client(service, region_name=REGION)


@pytest.fixture
def jobs(aws: Any) -> Table:
    """The template's Jobs table."""
    resources = yaml_parse((Path(__file__).parents[3] / "template.yaml").read_text())["Resources"]
    properties = resources["JobsTable"]["Properties"]
    table = f"jobs-{uuid.uuid4().hex}"
    aws("dynamodb").create_table(TableName=table, **{name: properties[name] for name in _PROPERTIES})
    return Table(aws("dynamodb"), table)
