"""The stack that tests marked ``stack`` share."""

from collections.abc import Iterator

import pytest

from tests.local_stack import LocalStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A whole local stack in a folder of its own on free ports; tests must leave it running."""
    running = LocalStack(tmp_path_factory.mktemp("riata-home"))
    running.up("--port", "0")
    yield running
    running.down()
