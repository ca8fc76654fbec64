"""``python -m tests.bench``: measure the API and write ``api.json`` and ``api.md``."""

import json
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path

import psutil

from tests.bench import endpoints, imports, overhead, report
from tests.local_stack import LocalStack

_FOLDER = Path(__file__).parent


def main() -> None:
    """Import times need no stack; the rest runs on one of its own."""
    print("import times …")
    figures = {"machine": _machine(), "imports": [asdict(row) for row in imports.measure()]}
    with tempfile.TemporaryDirectory(prefix="riata-bench-") as folder:
        stack = LocalStack(Path(folder))
        stack.up("--port", "0")
        try:
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
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(),
        "load": round(psutil.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
