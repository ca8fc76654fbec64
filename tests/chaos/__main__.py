"""``python -m tests.chaos``: the long run; prints its table and writes ``chaos.md``."""

import tempfile
from pathlib import Path

from tests.chaos.report import page, table
from tests.chaos.run import Plan, run
from tests.chaos.verdict import judge

LONG = Plan(
    requests=36, workers=2, worker_kills=8, function_kills=16, restarts=True, seconds=900, seed=20260425,
    songs=(2.0, 3.0, 4.0, 15.0),
)  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="riata-chaos-") as folder:
        figures = run(Path(folder), LONG)
    print(table(figures))
    judge(figures, LONG.requests)
    (Path(__file__).parent / "chaos.md").write_text(page(figures, LONG))


if __name__ == "__main__":
    main()
