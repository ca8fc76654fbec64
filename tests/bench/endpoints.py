"""Warm latency of each endpoint through the edge."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tests.local_stack import EXAMPLE, LocalStack

_WARM_UP, _CALLS = 5, 60
_PER_SECOND = 15
"""Calls are spread so that the key's rate limit lets them all through."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds, sequential calls over one connection."""

    endpoint: str
    p50: float
    p95: float


def measure(stack: LocalStack) -> list[Latency]:
    """One row per endpoint of the contract."""
    with stack.client() as client:
        file_id = client.upload(EXAMPLE / "mixture.flac").file_id
        done = client.submit({"file_id": file_id, "prompt": "isolate the speaker"}).request_id
        client.follow(done, lambda status: None)
    headers = {"authorization": f"Bearer {stack.api_key}"}
    new_file = {"file_name": "a.wav", "content_type": "audio/wav", "file_size": 1000, "purpose": "audio.separate.input"}
    # Refused after everything but the last write, so that no work piles up behind the calls.
    refused = {"input": {"file_id": "file_01jabc", "prompt": "isolate the speaker"}}
    with httpx.Client(base_url=stack.base_url, headers=headers, timeout=60, trust_env=False) as http:
        calls: dict[str, Callable[[], httpx.Response]] = {
            "GET /v1/openapi.json": lambda: http.get("/v1/openapi.json"),
            "GET /v1/models": lambda: http.get("/v1/models"),
            "POST /v1/files": lambda: http.post("/v1/files", json=new_file),
            "GET /v1/files/{file_id}": lambda: http.get(f"/v1/files/{file_id}"),
            "POST /v1/queue/audio/separate (unknown file)": lambda: http.post("/v1/queue/audio/separate", json=refused),
            "GET /v1/queue/requests/{request_id}/status": lambda: http.get(f"/v1/queue/requests/{done}/status"),
            "GET /v1/queue/requests/{request_id}/status/stream": lambda: http.get(f"/v1/queue/requests/{done}/status/stream"),
            "GET /v1/queue/requests/{request_id}/result": lambda: http.get(f"/v1/queue/requests/{done}/result"),
        }
        return [_latency(endpoint, call) for endpoint, call in calls.items()]


def _latency(endpoint: str, call: Callable[[], httpx.Response]) -> Latency:
    for _ in range(_WARM_UP):
        _timed(call)
    times = sorted(_timed(call) for _ in range(_CALLS))
    return Latency(endpoint, round(statistics.median(times), 1), round(times[int(_CALLS * 0.95) - 1], 1))


def _timed(call: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - began
    assert answer.status_code in (200, 201, 400), answer.text
    time.sleep(max(0.0, 1 / _PER_SECOND - seconds))
    return seconds * 1000
