"""What the supervisor tells other processes: its lock (is it alive?) and its record (what does it run?)."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from riata.errors import CommandFailed
from riata_local.home import Home, read_json, write_json
from riata_local.processes import ProcessIdentity

STARTING, HEALTHY, RECOVERING, STOPPING, FAILED = "starting", "healthy", "recovering", "stopping", "failed"


@dataclass
class Run:
    """The record of one supervisor, written to ``run.json`` whenever it changes.

    Attributes:
        pid: The supervisor's.
        phase: ``starting``, ``healthy``, ``recovering``, ``stopping`` or ``failed``.
        base_url: The edge's address.
        endpoint: MiniStack's address.
        settings: The ``RIATA_*`` variables of the deployment.
        children: Role → pid and start time, in the order they are to be stopped.
        workers: As ``WorkerPool.describe``.
        error: Why the phase is ``failed``.
    """

    pid: int
    phase: str
    base_url: str
    endpoint: str
    settings: dict[str, str] = field(default_factory=dict)
    children: dict[str, dict[str, float]] = field(default_factory=dict)
    workers: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    def save(self, home: Home) -> None:
        """Write the record if it differs from what the file says."""
        if read_json(home.run) != asdict(self):
            write_json(home.run, asdict(self))


def load(home: Home) -> Run | None:
    """The last record, of a running supervisor or of a dead one."""
    saved = read_json(home.run)
    return Run(**saved) if isinstance(saved, dict) else None


def running(home: Home) -> Run | None:
    """The record of the supervisor that runs now, if one does."""
    return load(home) if is_locked(home) else None


@contextlib.contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the home for this process; the system lets go of it however the process ends.

    Raises:
        CommandFailed: Another supervisor holds it.
    """
    with home.lock.open("a") as file:
        for attempt in range(10):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # is_locked of another process holds it for an instant.
                if attempt == 9:
                    raise CommandFailed(f"A stack already runs in {home.root}: see `riata status`.") from None
                time.sleep(0.05)
        yield


def is_locked(home: Home) -> bool:
    """Whether a supervisor runs in this home."""
    try:
        descriptor = os.open(home.lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def stop_leftovers(home: Home) -> list[str]:
    """Stop what a supervisor that died left running; the roles stopped. To be called when no supervisor runs."""
    run = load(home)
    stopped = []
    for role, child in (run.children if run else {}).items():
        identity = ProcessIdentity(int(child["pid"]), child["started"])
        if identity.alive:
            identity.stop(grace=45 if role == "ministack" else 15)
            stopped.append(role)
    return stopped


def supervisor_log(home: Home) -> Path:
    """Where a detached supervisor writes."""
    return home.logs / "supervisor.log"
