"""The two pinned ports of a stack: the edge's, and MiniStack's, which queue URLs embed."""

import socket
from dataclasses import dataclass

import psutil

from riata.errors import CommandFailed
from riata_local.home import Home, read_json, write_json

LOOPBACK = "127.0.0.1"
DEFAULT_EDGE_PORT = 8787


@dataclass(frozen=True)
class Ports:
    """Where the edge and MiniStack listen, on loopback only."""

    edge: int
    ministack: int

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.edge}"

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.ministack}"


def recorded(home: Home) -> Ports | None:
    """The ports that this home was last started with."""
    saved = read_json(home.ports)
    if not isinstance(saved, dict) or not {"edge", "ministack"} <= saved.keys():
        return None
    return Ports(int(saved["edge"]), int(saved["ministack"]))


def choose(home: Home, requested: int | None) -> Ports:
    """Decide the ports of this start and pin them.

    Args:
        home: The stack's folder.
        requested: The edge port asked for; None takes the recorded one, else 8787; 0 takes the recorded one, else a
            free one.

    Raises:
        CommandFailed: A port is held by another process.
    """
    before = recorded(home)
    if requested:
        edge = requested
    elif before:
        edge = before.edge
    else:
        edge = DEFAULT_EDGE_PORT if requested is None else free_port()
    ministack = before.ministack if before else _ministack_port(edge)
    for port, remedy in ((edge, "choose another with `riata up --port N`"), (ministack, f"or delete {home.ports}")):
        if not is_free(port):
            holder = describe_holder(port) or "another process"
            raise CommandFailed(f"Port {port} is taken by {holder}: stop it, {remedy}.")
    ports = Ports(edge, ministack)
    write_json(home.ports, {"edge": edge, "ministack": ministack})
    return ports


def _ministack_port(edge: int) -> int:
    return edge + 1 if edge < 65535 and is_free(edge + 1) else free_port()


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections linger in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nobody listens on, chosen by the system."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def describe_holder(port: int) -> str | None:
    """Name and pid of the process that listens on the port, as far as this user may see it."""
    try:
        listening = [
            connection
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        ]
        if not listening or listening[0].pid is None:
            return None
        return f"{psutil.Process(listening[0].pid).name()} (pid {listening[0].pid})"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return None
