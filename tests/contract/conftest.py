from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from riata.adapters import aws
from tests.contract import deployment, people
from tests.contract.people import Caller


@pytest.fixture(scope="module")
def cloud() -> Iterator[None]:
    """The deployment's resources on a simulated AWS, and its functions' environment."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in deployment.create_resources().items():
            patch.setenv(name, value)
        _forget_clients()
        yield
        _forget_clients()


def _forget_clients() -> None:
    aws.client.cache_clear()
    aws.s3_client.cache_clear()
    deployment.function.cache_clear()
    people.a_token.cache_clear()


@pytest.fixture(scope="module")
def caller(cloud: None) -> Caller:
    """A key with every scope that is not metered."""
    return people.new_caller()


@pytest.fixture(scope="module")
def stranger(cloud: None) -> Caller:
    """Another tenant."""
    return people.new_caller("another band")


@pytest.fixture
def aws_fails(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Makes every call to AWS raise from now on."""
    people.a_token()

    def fail_with(error: Exception) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr(BaseClient, "_make_api_call", fail)

    return fail_with
