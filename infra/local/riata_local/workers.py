"""The local stand-in for the worker fleet: N worker processes, restarted with backoff when they crash."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riata_local import processes

READY_FILE_VARIABLE = "RIATA_WORKER_READY_FILE"
_COMMAND = (sys.executable, "-m", "riata_separator.worker")
_GIVE_BACK_SECONDS = 30
_FIRST_BACKOFF, _LONGEST_BACKOFF = 1.0, 60.0
# A worker that ran this long before it crashed starts again with the first backoff.
_STABLE_SECONDS = 60.0


@dataclass
class Worker:
    """One worker process and its history."""

    index: int
    environment: Mapping[str, str]
    log: Path
    ready_file: Path
    cwd: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    backoff: float = _FIRST_BACKOFF
    next_start: float = field(default=0.0)

    @property
    def state(self) -> str:
        """``ready`` (model loaded), ``loading`` or ``crashed`` (waiting to be started again)."""
        if self.process is None or self.process.poll() is not None:
            return "crashed"
        return "ready" if self.ready_file.exists() else "loading"

    def start(self) -> None:
        self.ready_file.unlink(missing_ok=True)
        self.process = processes.spawn(
            _COMMAND,
            environment={**self.environment, READY_FILE_VARIABLE: str(self.ready_file)},
            log=self.log,
            cwd=self.cwd,
        )
        self.started = time.monotonic()

    def tend(self) -> None:
        """Start the process again when it ended; the wait doubles with every crash."""
        if self.process is not None and self.process.poll() is None:
            return
        now = time.monotonic()
        if self.process is not None:
            self.backoff = _FIRST_BACKOFF if now - self.started > _STABLE_SECONDS else self.backoff
            self.next_start, self.process = now + self.backoff, None
            self.backoff = min(self.backoff * 2, _LONGEST_BACKOFF)
            self.restarts += 1
        if now >= self.next_start:
            self.start()


class WorkerPool:
    """All workers of the stack."""

    def __init__(self, count: int, environment: Mapping[str, str], logs: Path, cwd: Path) -> None:
        self._workers = [
            Worker(index, environment, logs / f"worker-{index}.log", logs / f"worker-{index}.ready", cwd)
            for index in range(1, count + 1)
        ]

    def start(self) -> None:
        for worker in self._workers:
            worker.start()

    def tend(self) -> None:
        """To be called often: starts crashed workers again."""
        for worker in self._workers:
            worker.tend()

    @property
    def all_ready(self) -> bool:
        return all(worker.state == "ready" for worker in self._workers)

    @property
    def given_up(self) -> Worker | None:
        """A worker that crashed three times before it was ever ready."""
        return next((w for w in self._workers if w.restarts >= 3 and w.state != "ready"), None)

    def describe(self) -> list[dict[str, Any]]:
        """One entry per worker: index, pid, state, restarts."""
        return [
            {
                "index": worker.index,
                "pid": worker.process.pid if worker.process else None,
                "state": worker.state,
                "restarts": worker.restarts,
            }
            for worker in self._workers
        ]

    def stop(self) -> None:
        """SIGTERM to all, so that each gives its message back, and SIGKILL to those that do not end."""
        running = [w.process for w in self._workers if w.process and w.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _GIVE_BACK_SECONDS
        for process in running:
            processes.stop(process, max(0.1, deadline - time.monotonic()))
        for worker in self._workers:
            worker.process = None
            worker.ready_file.unlink(missing_ok=True)
