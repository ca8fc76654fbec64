import pytest

from riata.domain.accounts import Principal
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ada(world: World) -> Principal:
    """A caller without metering."""
    return world.key("ada")[1]


@pytest.fixture
def bob(world: World) -> Principal:
    """Somebody else."""
    return world.key("bob")[1]


@pytest.fixture
def payer(world: World) -> Principal:
    """A caller with 100 audio seconds."""
    return world.key("payer", credits=100)[1]
