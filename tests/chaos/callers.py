"""Callers who do not give up: every call is repeated until the service has answered it."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from riata.errors import ServiceCallFailed
from riata_client.client import Client
from riata_client.models import Status
from tests.chaos.outside import SECRET

Answer = TypeVar("Answer")

_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Wish:
    """One request to make; with ``cancel_after`` seconds it is cancelled."""

    number: int
    api_key: str
    file: Path | None
    audio_url: str | None
    cancel_after: float | None


@dataclass(frozen=True)
class Callers:
    """What they call, whom to tell, and when they give up after all (a monotonic time)."""

    base_url: str
    webhook_url: str
    deadline: float

    def submit_all(self, wishes: list[Wish]) -> dict[str, Wish]:
        """Every wish's request id, four callers at a time."""
        with ThreadPoolExecutor(4) as threads:
            return dict(zip(threads.map(self._submit, wishes), wishes, strict=True))

    def wait(self, request_ids: dict[str, Wish]) -> dict[str, Status]:
        """The terminal status of every request."""
        ended: dict[str, Status] = {}
        while len(ended) < len(request_ids):
            for request_id, wish in request_ids.items():
                if request_id not in ended:
                    status = self._call(wish.api_key, lambda client, i=request_id: client.status(i))
                    if status.terminal:
                        ended[request_id] = status
            if time.monotonic() > self.deadline:
                raise AssertionError(f"not ended in time: {sorted(request_ids.keys() - ended)}")
            time.sleep(_PAUSE_SECONDS)
        return ended

    def _submit(self, wish: Wish) -> str:
        input_ = {"prompt": "the piano", "max_chunk_duration": 5, "chunk_overlap": 1}
        if wish.file is not None:
            path = wish.file
            input_["file_id"] = self._call(wish.api_key, lambda client: client.upload(path)).file_id
        else:
            input_["audio_url"] = wish.audio_url or ""
        told = {"webhookUrl": self.webhook_url, "webhookSecret": SECRET, "metadata": {"number": wish.number}}
        key = f"wish-{wish.number}"
        submitted = self._call(wish.api_key, lambda client: client.submit(input_, idempotency_key=key, **told))
        if wish.cancel_after is not None:
            time.sleep(wish.cancel_after)
            self._call(wish.api_key, lambda client: _cancel(client, submitted.request_id))
        return submitted.request_id

    def _call(self, api_key: str, call: Callable[[Client], Answer]) -> Answer:
        with Client(self.base_url, api_key) as client:
            while True:
                try:
                    return call(client)
                except ServiceCallFailed as failure:
                    is_final = 400 <= failure.status < 500 and failure.status != 429
                    if is_final or time.monotonic() > self.deadline:
                        raise
                time.sleep(_PAUSE_SECONDS * random.uniform(0.5, 1.5))


def _cancel(client: Client, request_id: str) -> None:
    try:
        client._call("PUT", f"/v1/queue/requests/{request_id}/cancel")
    except ServiceCallFailed as failure:
        if failure.status != 409:
            raise
