"""Riata's own share of a request: submit → COMPLETED minus the separation itself."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from riata.domain.options import SeparationOptions
from riata_client.client import Client
from riata_separator import backends
from riata_separator.engine import separate_file
from tests.local_stack import EXAMPLE, LocalStack

_REQUESTS, _SEPARATIONS = 20, 10
_PROMPT = "isolate the speaker"
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Overhead:
    """Seconds, medians, and the 95th percentile of the whole."""

    requests: int
    whole_p50: float
    whole_p95: float
    separation_p50: float
    overhead_p50: float


def measure(stack: LocalStack) -> Overhead:
    """Requests one after the other, and the same separation in this process, with its model loaded."""
    with stack.client() as client:
        file_id = client.upload(EXAMPLE / "mixture.flac").file_id
        whole = sorted(_request(client, file_id) for _ in range(_REQUESTS))
    separation = statistics.median(_separations())
    p50 = statistics.median(whole)
    return Overhead(
        _REQUESTS, round(p50, 2), round(whole[int(_REQUESTS * 0.95) - 1], 2), round(separation, 2), round(p50 - separation, 2)
    )


def _request(client: Client, file_id: str) -> float:
    began = time.perf_counter()
    request_id = client.submit({"file_id": file_id, "prompt": _PROMPT}).request_id
    while not (status := client.status(request_id)).terminal:
        time.sleep(_POLL_SECONDS)
    assert status.status == "COMPLETED", status
    return time.perf_counter() - began


def _separations() -> list[float]:
    separator = backends.load("riata-small")
    times = []
    for number in range(_SEPARATIONS + 1):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            separate_file(
                EXAMPLE / "mixture.flac", Path(folder), SeparationOptions(prompt=_PROMPT), separator,
                progress=lambda share: None, log=lambda line: None, cancelled=lambda: False,
            )  # fmt: skip
            # The first one warms the model up.
            times += [time.perf_counter() - began] if number else []
    return times
