"""``python -m tests.bench.engine``: measure the engine beside demucs and write ``engine.json`` and ``engine.md``."""

import argparse
import json
import tempfile
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from tests.bench.engine.cases import Case, cases
from tests.bench.engine.measure import BASELINE, Figure, measure
from tests.bench.engine.report import markdown
from tests.bench.machine import described, machine

_FOLDER = Path(__file__).parents[1]
_FIGURES = _FOLDER / "engine.json"


def main() -> None:
    """Cases that would go beyond the time are not run, and the page says so; ``--rest`` runs them later, on the same machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short recordings, printed and not written")
    parser.add_argument("--rest", action="store_true", help="only what the last page left out")
    parser.add_argument("--minutes", type=float, default=40.0, help="about how long it may take (default: 40)")
    arguments = parser.parse_args()
    if not (BASELINE / "demucs").is_dir():
        parser.error("demucs is not installed. Run: make bench-engine")
    earlier = json.loads(_FIGURES.read_text()) if arguments.rest else {"machine": machine(), "rows": []}
    if any(earlier["machine"][name] != machine()[name] for name in ("cpu", "cores", "system", "python")):
        parser.error(f"the last page was measured on another machine: {described(earlier['machine'])}")
    figures = {**earlier, "rows": _rows(cases(quick=arguments.quick), arguments.minutes * 60, earlier["rows"])}
    page = markdown(figures)
    if not arguments.quick:
        _FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
        (_FOLDER / "engine.md").write_text(page)
    print(page)


def _rows(wanted: list[Case], seconds: float, earlier: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows, paces, ends = [], dict[tuple[str, str], float](), time.monotonic() + seconds
    measured = {Case(**{field.name: row[field.name] for field in fields(Case)}): row for row in earlier if row["wall"]}
    with tempfile.TemporaryDirectory(prefix="riata-bench-") as folder:
        for case in wanted:
            if case in measured:
                paces[case.system, case.acceleration] = case.audio_seconds / measured[case]["wall"]
                rows.append(measured[case])
                continue
            pace = paces.get((case.system, case.acceleration))
            expected = case.audio_seconds / pace if pace else 0.0
            row: dict[str, Any] = {**asdict(case), "wall": None, "processor": None, "peak_mib": None, "expected": round(expected)}
            if time.monotonic() + expected < ends:
                figure = measure(case, Path(folder))
                paces[case.system, case.acceleration] = figure.pace
                row |= {"wall": round(figure.wall, 2), "processor": round(figure.processor, 2), "peak_mib": figure.peak_mib}
                print(_said(figure), flush=True)
            rows.append(row)
    return rows


def _said(figure: Figure) -> str:
    case = figure.case
    return (
        f"{case.table}: {case.system}, {case.requests} × {case.seconds:g} s, {case.acceleration}: "
        f"{figure.pace:.2f} audio s per s, {figure.peak_mib} MiB"
    )


if __name__ == "__main__":
    main()
