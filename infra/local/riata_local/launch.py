"""Start, stop and describe a stack: what the ``riata`` command calls."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from riata.errors import CommandFailed
from riata_local import keys, ports, processes, record
from riata_local.checkout import Checkout
from riata_local.home import Home
from riata_local.supervisor import Supervisor

_UP_SECONDS = 300
_DOWN_SECONDS = 120


@dataclass(frozen=True)
class Options:
    """How a stack is started.

    Attributes:
        port: The edge's port; None takes the recorded one, else 8787; 0 a free one.
        workers: Number of worker processes.
        backend: The separator that they load.
        parameters: Further parameters of the template, by name.
    """

    port: int | None = None
    workers: int = 1
    backend: str = "riata-small"
    parameters: Mapping[str, str] = field(default_factory=dict)

    def arguments(self) -> list[str]:
        """As the command line of ``python -m riata_local``."""
        port = [] if self.port is None else ["--port", str(self.port)]
        parameters = [f"--parameter={name}={value}" for name, value in self.parameters.items()]
        return [*port, "--workers", str(self.workers), "--backend", self.backend, *parameters]


def up(
    home: Home, options: Options, *, report: Callable[[str], None], on_healthy: Callable[[record.Run], None]
) -> None:
    """Run a stack in this process until SIGTERM or Ctrl-C.

    Raises:
        CommandFailed: It cannot be started, or one runs already.
    """
    checkout = Checkout.find()
    home.create()
    with record.locked(home):
        record.stop_leftovers(home)
        chosen = ports.choose(home, options.port)
        supervisor = Supervisor(
            home, checkout, chosen, workers=options.workers, backend=options.backend, parameters=options.parameters,
            report=report,
        )  # fmt: skip
        supervisor.run(on_healthy=lambda: on_healthy(supervisor.record))


def up_detached(home: Home, options: Options) -> record.Run:
    """Start a stack in the background and return when all of it is healthy; at once when it already is.

    Raises:
        CommandFailed: It could not be started.
    """
    home.create()
    if record.is_locked(home):
        return _wait_until_healthy(home, None)
    record.stop_leftovers(home)
    home.run.unlink(missing_ok=True)
    log = record.supervisor_log(home)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - fixed command, no shell
            [sys.executable, "-m", "riata_local", *options.arguments()],
            env={**os.environ, "RIATA_HOME": str(home.root), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return _wait_until_healthy(home, process)


def down(home: Home) -> bool:
    """Stop the stack of this home in order, or what a dead supervisor left of it; whether there was anything.

    Raises:
        CommandFailed: It did not stop.
    """
    run = record.running(home)
    if run is not None:
        os.kill(run.pid, signal.SIGTERM)
        deadline = time.monotonic() + _DOWN_SECONDS
        while record.is_locked(home):
            if time.monotonic() > deadline:
                raise CommandFailed(f"The supervisor (pid {run.pid}) does not stop: end it with kill -9 {run.pid}.")
            time.sleep(0.05)
    leftovers = record.stop_leftovers(home)
    home.run.unlink(missing_ok=True)
    return run is not None or bool(leftovers)


def connection(home: Home, run: record.Run) -> dict[str, str | int]:
    """What a client needs: base URL and key (of either contract), the state folder and the supervisor's pid."""
    key = keys.read_ready_key(home) or ""
    return {
        "base_url": run.base_url, "api_key": key, "license_key": key, "state_dir": str(home.root), "pid": run.pid,
    }  # fmt: skip


def _wait_until_healthy(home: Home, process: "subprocess.Popen[bytes] | None") -> record.Run:
    deadline = time.monotonic() + _UP_SECONDS
    log = record.supervisor_log(home)
    while time.monotonic() < deadline:
        ended = process.poll() is not None if process else not record.is_locked(home)
        run = record.load(home)
        if run and run.phase == record.HEALTHY and not ended and (process is None or run.pid == process.pid):
            return run
        if ended:
            reason = run.error if run and run.error else processes.log_tail(log)
            raise CommandFailed(f"The stack did not start: {reason}\nThe log is {log}.")
        time.sleep(0.05)
    raise CommandFailed(f"The stack is not healthy after {_UP_SECONDS} s. The log is {log}.")
