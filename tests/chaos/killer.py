"""SIGKILL at random: workers, and the processes in which the local cloud runs the functions."""

import random
import threading
from types import TracebackType

import psutil

from tests.local_stack import LocalStack

_FIRST_AFTER, _BETWEEN = 3.0, (1.0, 5.0)
"""Seconds."""


class Killer:
    """Kills inside ``with``, in an order that the seed decides; `paused` is held while there is nothing to be killed.

    Args:
        workers: How many SIGKILLs of workers.
        functions: How many SIGKILLs of functions' processes.
    """

    def __init__(self, stack: LocalStack, seed: int, *, workers: int, functions: int) -> None:
        self._stack = stack
        self._random = random.Random(seed)
        self._victims = ["worker"] * workers + ["function"] * functions
        self._random.shuffle(self._victims)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.paused = threading.Lock()
        self.killed = {"worker": 0, "function": 0}

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether all is killed that was to be."""
        return not self._victims

    def _run(self) -> None:
        wait = _FIRST_AFTER
        while self._victims and not self._ended.wait(wait):
            wait = self._random.uniform(*_BETWEEN)
            with self.paused:
                if self._kill(self._victims[-1]):
                    self.killed[self._victims.pop()] += 1

    def _kill(self, victim: str) -> bool:
        """Kill one, if there is one to kill."""
        try:
            processes = self._workers() if victim == "worker" else self._functions()
            if not processes:
                return False
            self._random.choice(processes).kill()
        except psutil.NoSuchProcess:
            return False
        return True

    def _workers(self) -> list[psutil.Process]:
        """Those that have loaded their model."""
        workers = self._stack.run_record()["workers"]
        return [psutil.Process(worker["pid"]) for worker in workers if worker["state"] == "ready"]

    def _functions(self) -> list[psutil.Process]:
        cloud = self._stack.run_record()["children"]["ministack"]["pid"]
        return psutil.Process(cloud).children()
