"""The internet that the fetch tests share."""

from collections.abc import Iterator

import pytest
import trustme

from tests.unit.fetch.internet import Internet


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """The certificate authority that the clients under test trust."""
    return trustme.CA()


@pytest.fixture
def internet(authority: trustme.CA) -> Iterator[Internet]:
    """An empty internet."""
    made = Internet(authority)
    yield made
    made.close()
