"""MiniStack as a child process, with a clean environment and its state in RIATA_HOME."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx

from riata.errors import CommandFailed
from riata_local import processes
from riata_local.home import Home
from riata_local.ports import LOOPBACK, Ports

_START_SECONDS = 60
_STOP_SECONDS = 45
# Each concurrent Lambda call is a process of about 80 MB: this bounds them to about 2.5 GB.
_CONCURRENT_CALLS = 32


class MiniStack:
    """One MiniStack process.

    A clean stop (SIGTERM) writes the whole state to ``home.ministack_state``; a kill keeps S3 objects and rolls the
    rest back to the last clean stop, which is why the supervisor restarts it once after each deployment and keeps
    snapshots of the tables (see ``snapshot``).
    """

    def __init__(self, home: Home, ports: Ports) -> None:
        self._home = home
        self._ports = ports
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self._home.logs / "ministack.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def persisted_at(self) -> float:
        """When MiniStack last wrote its tables (seconds since the epoch); 0 when never."""
        try:
            return (self._home.ministack_state / "dynamodb.json").stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            CommandFailed: It ended or did not answer within a minute.
        """
        temporary = self._home.ministack_temporary
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        self._process = processes.spawn(
            [sys.executable, "-m", "ministack"],
            environment=self._environment(),
            log=self.log,
            cwd=self._home.ministack_home,
        )
        deadline = time.monotonic() + _START_SECONDS
        with httpx.Client(timeout=2, trust_env=False) as client:
            while time.monotonic() < deadline and self.alive:
                try:
                    if client.get(f"{self._ports.endpoint}/_ministack/health").is_success:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
        raise CommandFailed(f"MiniStack did not start; its log {self.log} ends:\n{processes.log_tail(self.log)}")

    def stop(self) -> None:
        """Stop it and let it write its state."""
        if self._process is not None:
            processes.stop(self._process, _STOP_SECONDS)
            self._process = None

    def _environment(self) -> dict[str, str]:
        """Functions inherit all of this, so nothing of the user's environment goes in."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self._home.ministack_home),
            "TMPDIR": str(self._home.ministack_temporary),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            # It would sweep containers at start; this stack has none.
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "GATEWAY_PORT": str(self._ports.ministack),
            "BIND_HOST": LOOPBACK,
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._home.ministack_state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._home.ministack_objects),
            "LAMBDA_ACCOUNT_CONCURRENCY": str(_CONCURRENT_CALLS),
        }
