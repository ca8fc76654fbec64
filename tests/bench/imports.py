"""What a cold start spends on imports: each handler against a handler that only imports boto3."""

import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.local_stack import ROOT

_RUNS = 7
_BARE = "import boto3\n\n\ndef handler(event, context):\n    return {}\n"


@dataclass(frozen=True)
class ImportTime:
    """Median of several fresh interpreters, and its ratio to the bare boto3 handler's."""

    function: str
    milliseconds: float
    ratio: float


def measure() -> list[ImportTime]:
    """One row per function, the slowest first, after the bare handler's."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "handler.py").write_text(_BARE)
        bare = _median(Path(folder))
    handlers = {path.parent.name: _median(path.parent) for path in sorted(ROOT.glob("functions/*/handler.py"))}
    rows = [ImportTime(name, round(time, 1), round(time / bare, 2)) for name, time in handlers.items()]
    return [ImportTime("(bare boto3)", round(bare, 1), 1.0), *sorted(rows, key=lambda row: -row.milliseconds)]


def _median(folder: Path) -> float:
    return statistics.median(_import_time(folder) for _ in range(_RUNS))


def _import_time(folder: Path) -> float:
    """Milliseconds of ``import handler``, as ``python -X importtime`` counts them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import handler"], cwd=folder, capture_output=True, text=True, check=True
    )
    (line,) = (line for line in done.stderr.splitlines() if line.endswith("| handler"))
    return int(line.split("|")[1]) / 1000
