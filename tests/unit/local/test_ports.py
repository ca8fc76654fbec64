"""The pinned ports."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from riata.errors import CommandFailed
from riata_local import ports
from riata_local.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_the_ports_of_the_first_start_are_kept(home: Home) -> None:
    first = ports.choose(home, 0)
    assert ports.choose(home, None) == first
    assert ports.choose(home, 0) == first


def test_another_edge_port_leaves_the_queue_urls_alone(home: Home) -> None:
    first = ports.choose(home, 0)
    second = ports.choose(home, ports.free_port())
    assert second.edge != first.edge
    assert second.ministack == first.ministack


def test_a_taken_port_names_its_holder_and_the_way_out(home: Home, taken: int) -> None:
    with pytest.raises(CommandFailed, match=rf"Port {taken} is taken by .*pid {os.getpid()}.*--port"):
        ports.choose(home, taken)


def test_a_taken_queue_port_is_named_too(home: Home, taken: int) -> None:
    home.ports.write_text(f'{{"edge": {ports.free_port()}, "ministack": {taken}}}')
    with pytest.raises(CommandFailed, match=f"Port {taken} .*ports.json"):
        ports.choose(home, None)


def test_a_broken_record_counts_as_none(home: Home) -> None:
    home.ports.write_text('{"edge": 8787}')
    assert ports.recorded(home) is None
