"""Run one case in a process of its own and watch its memory."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tests.bench.engine.cases import Case
from tests.local_stack import ROOT

BASELINE = ROOT / ".venv" / "bench"
"""Where the Makefile installs demucs; last on the path, so that both sides use the same torch."""

_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Figure:
    """Seconds by the clock and of the processors, and the largest memory in MiB: interpreter, model, engine and decoder."""

    case: Case
    wall: float
    processor: float
    peak_mib: int

    @property
    def pace(self) -> float:
        """Audio seconds per second."""
        return self.case.audio_seconds / self.wall


def measure(case: Case, folder: Path) -> Figure:
    """Run ``case`` with its recordings and outputs in ``folder``."""
    command = [sys.executable, "-m", "tests.bench.engine.subjects", json.dumps(asdict(case)), str(folder)]
    path = os.pathsep.join(p for p in (os.environ.get("PYTHONPATH"), str(BASELINE)) if p)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    watch = _Watch(process.pid)
    with process:
        said = process.stdout.read() if process.stdout else ""
    peak = watch.stop()
    if process.returncode:
        raise SystemExit(f"{case} failed with exit status {process.returncode}.")
    figures = json.loads(said.splitlines()[-1])
    return Figure(case, figures["wall"], figures["processor"], max(peak, figures["peak"]) >> 20)


class _Watch:
    """Samples the resident memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._process, self._ended, self._peak = psutil.Process(pid), threading.Event(), 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The largest sum, bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self._peak = max(self._peak, sum(map(_resident, family)))
            time.sleep(_SAMPLE_SECONDS)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
