"""``python -m tests.bench.runtime``: measure both libraries in turns and write ``tests/bench/runtime.md``."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.engine.cases import ALONE, PROMPTS, WITH_EXPERTS
from tests.bench.engine.recordings import recording
from tests.bench.machine import machine
from tests.bench.runtime.install_size import install_mib
from tests.bench.runtime.report import markdown
from tests.local_stack import ROOT

PAGE = Path(__file__).parents[1] / "runtime.md"
RUNTIMES = ("onnx", "torch")
ASKED = {ALONE: set[str](), WITH_EXPERTS: {"speech", "voice"}}
"""The experts that the first prompt of each system asks."""


@dataclass
class Figures:
    """Of one library in one case; seconds of each round, by the clock and of the processors."""

    system: str
    threads: int
    runtime: str
    audio_seconds: float
    ready: float
    walls: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)
    peak: int = 0

    def row(self) -> dict[str, Any]:
        """Medians, JSON-compatible."""
        wall, processor = statistics.median(self.walls), statistics.median(self.processors)
        return {
            "system": self.system, "threads": self.threads, "runtime": self.runtime, "ready": round(self.ready, 2),
            "pace": self.audio_seconds / wall, "per_processor": self.audio_seconds / processor, "peak_mib": self.peak >> 20,
        }  # fmt: skip


class Engine:
    """A process with a loaded engine, see :mod:`tests.bench.runtime.subject`."""

    def __init__(self, runtime: str, threads: int, source: Path, prompt: str) -> None:
        wishes = {"RIATA_RUNTIME": runtime, "RIATA_RUNTIME_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.runtime.subject", str(source), prompt],
            cwd=ROOT, env={**os.environ, **wishes}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said = self._next()
        self._next()

    def once(self) -> dict[str, float]:
        """One separation."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._next()

    def end(self) -> int:
        """Bytes of the largest memory."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        peak: int = self._next()["peak"]
        return peak

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("The engine ended early; what it said is above.")
        said: dict[str, Any] = json.loads(line)
        return said


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the recording (default: 60)")
    parser.add_argument("--rounds", type=int, default=5, help="the libraries take turns so many times (default: 5)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--out", type=Path, default=PAGE)
    wishes = parser.parse_args(arguments)
    host = machine()
    sizes = {runtime: install_mib(runtime) for runtime in RUNTIMES}
    rows = []
    with tempfile.TemporaryDirectory(prefix="riata-bench-") as folder:
        source = recording(Path(folder) / "recording.wav", wishes.seconds)
        for system in (ALONE, WITH_EXPERTS):
            for threads in wishes.threads:
                rows += [figures.row() for figures in _in_turns(system, threads, source, wishes)]
    page = markdown(host, rows, sizes, wishes.seconds, wishes.rounds)
    wishes.out.write_text(page)
    print(page)


def _in_turns(system: str, threads: int, source: Path, wishes: argparse.Namespace) -> list[Figures]:
    with ExitStack() as stack:
        engines = {
            runtime: stack.enter_context(Engine(runtime, threads, source, PROMPTS[system][0])) for runtime in RUNTIMES
        }
        if any(not ASKED[system] <= set(engine.said["experts"]) for engine in engines.values()):
            raise SystemExit("The experts are not here. Fetch them with: riata models pull voice speech")
        found = [
            Figures(system, threads, runtime, wishes.seconds, engine.said["ready"]) for runtime, engine in engines.items()
        ]
        for _ in range(wishes.rounds):
            for figures, engine in zip(found, engines.values(), strict=True):
                spent = engine.once()
                figures.walls.append(spent["wall"])
                figures.processors.append(spent["processor"])
        for figures, engine in zip(found, engines.values(), strict=True):
            figures.peak = engine.end()
        return found


if __name__ == "__main__":
    main()
