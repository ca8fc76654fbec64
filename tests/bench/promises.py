"""Two promises about other people's trouble: a webhook receiver that hangs, and a caller who cancels."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import soundfile

from tests.inside import ended, ended_beside_a_hanging_receiver, inside
from tests.local_stack import EXAMPLE, LocalStack, eventually
from tests.receiver import Receiver, receiving

_HANGING, _EVENTS, _WARM_UP = 15.0, 100, 20
_CANCELS, _MINUTES = 5, 10
_PROMPT = "isolate the speaker"


@dataclass(frozen=True)
class Promise:
    """A time that was promised, seconds, over ``count`` cases."""

    what: str
    promised: float
    count: int
    p50: float
    p95: float


def measure(stack: LocalStack) -> list[Promise]:
    """On a stack that has just started and may call loopback: its functions are cold at first."""
    with inside(stack) as app, receiving() as quick, receiving() as hanging:
        hanging.delay = _HANGING

        def waits() -> list[float]:
            sent_at = ended_beside_a_hanging_receiver(app, quick.url, hanging.url, _EVENTS)
            eventually(lambda: all(map(quick.of, sent_at)), 120, "events of the quick receiver are missing")
            return [_first(quick, request_id) - at for request_id, at in sent_at.items()]

        cold = waits()
        warm_up = [ended(app, quick.url) for _ in range(_WARM_UP)]
        eventually(lambda: all(map(quick.of, warm_up)), 120, "the functions never got warm")
        warm = waits()
    beside = f"webhook sent → received, beside a receiver that hangs {_HANGING:g} s on {_EVENTS} events"
    return [
        _promise(f"{beside} (cold functions)", 5.0, cold),
        _promise(f"{beside} (warm functions)", 5.0, warm),
        _promise("cancelled in the middle of a separation → the worker has let go", 5.0, _cancels(stack)),
    ]


def _first(receiver: Receiver, request_id: str) -> float:
    return min(one.at for one in receiver.of(request_id))


def _promise(what: str, promised: float, seconds: list[float]) -> Promise:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Promise(what, promised, len(seconds), round(statistics.median(ordered), 2), round(p95, 2))


def _cancels(stack: LocalStack) -> list[float]:
    """The worker says in its log when it has let go of an attempt that is no longer its own."""
    log = stack.home / "logs" / "worker-1.log"
    with stack.client() as client, tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.wav"
        samples, rate = soundfile.read(EXAMPLE / "mixture.flac", dtype="int16", always_2d=True)
        with soundfile.SoundFile(recording, "w", rate, samples.shape[1]) as file:
            while file.frames < _MINUTES * 60 * rate:
                file.write(samples)
        file_id = client.upload(recording).file_id
    headers = {"authorization": f"Bearer {stack.api_key}"}
    seconds = []
    with httpx.Client(base_url=stack.base_url, headers=headers, timeout=60, trust_env=False) as http:
        for _ in range(_CANCELS):
            body = {"input": {"file_id": file_id, "prompt": _PROMPT}}
            request = f"/v1/queue/requests/{http.post('/v1/queue/audio/separate', json=body).json()['request_id']}"
            eventually(lambda at=f"{request}/status": http.get(at).json().get("progress", 0) > 0.03, 120, "it never began")
            seen, began = log.stat().st_size, time.monotonic()
            assert http.put(f"{request}/cancel").json()["error"]["code"] == "CANCELLED"
            eventually(lambda at=seen: "attempt lost" in log.read_text()[at:], 60, "the worker went on")
            seconds.append(time.monotonic() - began)
    return seconds
