"""``python -m tests.bench``: measure the API and write ``api.json`` and ``api.md``."""

import json
import os
import platform
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench import endpoints, imports, overhead, promises, report
from tests.local_stack import LocalStack

_FOLDER = Path(__file__).parent


def main() -> None:
    """Import times need no stack; the rest runs on one of its own."""
    print("import times …")
    figures = {"machine": _machine(), "imports": [asdict(row) for row in imports.measure()]}
    with tempfile.TemporaryDirectory(prefix="riata-bench-") as folder:
        stack = LocalStack(Path(folder))
        stack.up("--port", "0", "--allow-private-urls")
        try:
            print("promises …")
            figures["promises"] = [asdict(row) for row in promises.measure(stack)]
            print("endpoints …")
            figures["endpoints"] = [asdict(row) for row in endpoints.measure(stack)]
            print("overhead …")
            figures["overhead"] = asdict(overhead.measure(stack))
        finally:
            stack.down()
    (_FOLDER / "api.json").write_text(json.dumps(figures, indent=2) + "\n")
    (_FOLDER / "api.md").write_text(report.markdown(figures))
    print(report.markdown(figures))


def _machine() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(),
        "load": round(psutil.getloadavg()[0], 1),
        "nice": os.nice(0),
    }


def _cpu() -> str:
    """The processor's name, as the system tells it."""
    try:
        names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
