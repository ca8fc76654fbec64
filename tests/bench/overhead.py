"""Riata's own share of a request: submit → COMPLETED minus the separation itself."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import soundfile

from tests.local_stack import EXAMPLE, LocalStack

_REQUESTS = 20
_SECONDS = 2.0
_PROMPT = "isolate the speaker"
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Part:
    """One part of a request's time, seconds."""

    part: str
    p50: float
    p95: float


@dataclass(frozen=True)
class Overhead:
    """``seconds`` is the length of the recording."""

    requests: int
    seconds: float
    parts: list[Part]


def measure(stack: LocalStack) -> Overhead:
    """Requests one after the other; the last part is what Riata adds to the separation."""
    with stack.client() as client, tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.wav"
        samples, rate = soundfile.read(EXAMPLE / "mixture.flac", dtype="int16")
        soundfile.write(recording, samples[: int(_SECONDS * rate)], rate)
        file_id = client.upload(recording).file_id
    with httpx.Client(
        base_url=stack.base_url, headers={"authorization": f"Bearer {stack.api_key}"}, timeout=60, trust_env=False
    ) as http:
        # The first one warms functions and model up.
        rows = [_request(http, file_id) for _ in range(_REQUESTS + 1)][1:]
    names = ("submit → COMPLETED", "submit → separation starts", "separation", "separation ends → COMPLETED")
    parts = [_part(name, list(times)) for name, times in zip(names, zip(*rows, strict=True), strict=True)]
    return Overhead(_REQUESTS, _SECONDS, [*parts, _part("**Riata's own share**", [before + after for _, before, _, after in rows])])


def _part(name: str, times: list[float]) -> Part:
    return Part(name, round(statistics.median(times), 2), round(sorted(times)[int(len(times) * 0.95) - 1], 2))


def _request(http: httpx.Client, file_id: str) -> tuple[float, float, float, float]:
    """Whole, before, during and after the separation; the log's times are this machine's, as the caller's are."""
    began = time.time()
    submitted = http.post("/v1/queue/audio/separate", json={"input": {"file_id": file_id, "prompt": _PROMPT}}).json()
    url = f"/v1/queue/requests/{submitted['request_id']}/status?logs=true"
    while (status := http.get(url).json())["status"] not in ("COMPLETED", "FAILED"):
        time.sleep(_POLL_SECONDS)
    assert status["status"] == "COMPLETED", status
    _, first, *_, last, completed = (datetime.fromisoformat(line["timestamp"]).timestamp() for line in status["logs"])
    return completed - began, first - began, last - first, completed - last
