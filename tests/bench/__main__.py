"""``python -m tests.bench``: measure the API and write ``api.json`` and ``api.md``."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench import endpoints, imports, overhead, promises, report
from tests.bench.machine import machine
from tests.local_stack import LocalStack

_FOLDER = Path(__file__).parent


def main() -> None:
    """Import times need no stack; the rest runs on one of its own."""
    print("import times …")
    figures = {"machine": machine(), "imports": [asdict(row) for row in imports.measure()]}
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


if __name__ == "__main__":
    main()
