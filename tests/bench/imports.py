"""What a cold start spends on imports: each handler against a handler that only imports boto3."""

import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.local_stack import ROOT

_RUNS = 7
_BARE_NAME = "(bare boto3)"
_IMPORT = "import time; began = time.process_time(); import handler; print(time.process_time() - began)"
_BARE = "import boto3\n\n\ndef handler(event, context):\n    return {}\n"


@dataclass(frozen=True)
class ImportTime:
    """Medians of fresh interpreters: by the clock as ``-X importtime`` counts, and of the processor's time, which other work on
    the machine hardly touches; ``ratio`` is the latter's to the bare boto3 handler's.
    """

    function: str
    milliseconds: float
    cpu_milliseconds: float
    ratio: float


def measure() -> list[ImportTime]:
    """One row per function, the slowest first, after the bare handler's."""
    handlers = {path.parent.name: path.parent for path in sorted(ROOT.glob("functions/*/handler.py"))}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in (_BARE_NAME, *handlers)}
    with tempfile.TemporaryDirectory() as bare:
        (Path(bare) / "handler.py").write_text(_BARE)
        # In rounds, so that other work on the machine meets all of them alike.
        for _ in range(_RUNS):
            for name, folder in ((_BARE_NAME, Path(bare)), *handlers.items()):
                times[name].append(_import_time(folder))
    medians = {name: tuple(statistics.median(part) for part in zip(*measured, strict=True)) for name, measured in times.items()}
    bare_cpu = medians[_BARE_NAME][1]
    first, *rows = (
        ImportTime(name, round(wall, 1), round(cpu, 1), round(cpu / bare_cpu, 2)) for name, (wall, cpu) in medians.items()
    )
    return [first, *sorted(rows, key=lambda row: -row.ratio)]


def _import_time(folder: Path) -> tuple[float, float]:
    """Milliseconds of ``import handler``, by the clock and of the processor."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", _IMPORT], cwd=folder, capture_output=True, text=True, check=True
    )
    (line,) = (line for line in done.stderr.splitlines() if line.endswith("| handler"))
    return int(line.split("|")[1]) / 1000, float(done.stdout) * 1000
