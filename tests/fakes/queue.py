"""`riata.ports.WorkQueue` in memory, with visibility by the test's clock."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from riata.ports import Clock, WorkMessage

VISIBILITY = timedelta(seconds=90)


@dataclass
class _Stored:
    message: WorkMessage
    visible_at: datetime


class FakeWorkQueue:
    """Messages in order; `waiting` are the task tokens that an execution waits for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stored: list[_Stored] = []
        self._receipts = 0
        self._lock = threading.Lock()
        self.waiting: set[str] = set()
        self.woken: list[str] = []

    def send(self, request_id: str, generation: int = 1) -> str:
        """What the state machine's Separate step does; returns the task token."""
        token = f"token-{request_id}-{generation}"
        self._stored.append(_Stored(WorkMessage(request_id, generation, token, ""), self._clock()))
        self.waiting.add(token)
        return token

    def receive(self, wait_seconds: int) -> WorkMessage | None:
        return next(iter(self.receive_many(1, wait_seconds)), None)

    def receive_many(self, most: int, wait_seconds: int) -> Sequence[WorkMessage]:
        with self._lock:
            visible = [stored for stored in self._stored if stored.visible_at <= self._clock()]
            return [self._delivered(stored) for stored in visible[:most]]

    def extend(self, message: WorkMessage, seconds: int) -> None:
        for stored in self._stored:
            if stored.message.receipt == message.receipt:
                stored.visible_at = self._clock() + timedelta(seconds=seconds)

    def delete(self, message: WorkMessage) -> None:
        with self._lock:
            self._stored = [stored for stored in self._stored if stored.message.receipt != message.receipt]

    def wake(self, message: WorkMessage) -> bool:
        if message.task_token not in self.waiting:
            return False
        self.waiting.remove(message.task_token)
        self.woken.append(message.task_token)
        return True

    def _delivered(self, stored: _Stored) -> WorkMessage:
        self._receipts += 1
        stored.message = replace(stored.message, receipt=f"receipt-{self._receipts}")
        stored.visible_at = self._clock() + VISIBILITY
        return stored.message

    @property
    def depth(self) -> int:
        """Messages, hidden ones too."""
        return len(self._stored)

    @property
    def visible(self) -> int:
        """Messages that a worker would be given now."""
        return sum(stored.visible_at <= self._clock() for stored in self._stored)
