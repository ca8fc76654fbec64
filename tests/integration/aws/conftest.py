from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from riata.adapters.dynamodb.accounts import DynamoAccounts
from riata.adapters.dynamodb.deliveries import DynamoDeliveries
from riata.adapters.dynamodb.files import DynamoFiles
from riata.adapters.dynamodb.rate import DynamoRateLimiter
from riata.adapters.dynamodb.requests import DynamoRequests
from riata.adapters.dynamodb.table import Table
from riata.delivery_ports import Deliveries
from riata.domain.rate_limit import RateLimit
from riata.ports import Accounts, Files, RateLimiter, Requests
from tests.contract.deployment import REGION, template
from tests.fakes.accounts import FakeAccounts
from tests.fakes.files import FakeFiles
from tests.fakes.rate import FakeRateLimiter
from tests.fakes.requests import FakeRequests
from tests.fakes.webhooks import FakeDeliveries

_TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
_numbers = count()


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    """Makes clients of a simulated AWS: ``aws("sqs")``."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        yield cache(lambda service: boto3.client(service, region_name=REGION))


@dataclass(frozen=True)
class Stores:
    """The ports that keep state, all on fakes or all on DynamoDB."""

    accounts: Accounts
    files: Files
    requests: Requests
    deliveries: Deliveries
    rate_limiter: RateLimiter


LIMIT = RateLimit(per_second=2, burst=3)


@pytest.fixture(params=["fakes", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Each test runs against both, so that the fakes that the other tests trust are honest."""
    if request.param == "fakes":
        accounts, files, deliveries = FakeAccounts(), FakeFiles(), FakeDeliveries()
        return Stores(accounts, files, FakeRequests(accounts, files, deliveries), deliveries, FakeRateLimiter(LIMIT))
    client = request.getfixturevalue("aws")("dynamodb")
    accounts_table, jobs = _new_table(client, "AccountsTable"), _new_table(client, "JobsTable")
    return Stores(
        DynamoAccounts(accounts_table), DynamoFiles(jobs), DynamoRequests(jobs, lambda: accounts_table), DynamoDeliveries(jobs),
        DynamoRateLimiter(accounts_table, LIMIT),
    )  # fmt: skip


def _new_table(client: Any, resource: str) -> Table:
    """An empty table as the template describes it."""
    properties = template()["Resources"][resource]["Properties"]
    name = f"{resource}-{next(_numbers)}"
    client.create_table(TableName=name, **{key: properties[key] for key in _TABLE_PROPERTIES if key in properties})
    return Table(client, name)
