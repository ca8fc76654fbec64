"""A short run of what ``make chaos`` does at length."""

from pathlib import Path

import pytest

from tests.chaos.report import table
from tests.chaos.run import Plan, run
from tests.chaos.verdict import judge

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SHORT = Plan(
    requests=6, workers=1, worker_kills=1, function_kills=3, restarts=False, seconds=240, seed=7, songs=(2.0, 3.0)
)


def test_deaths_of_workers_and_functions_cost_no_request_no_event_and_no_second(tmp_path: Path) -> None:
    figures = run(tmp_path, SHORT)

    print(table(figures))
    judge(figures, SHORT.requests)
    assert sum(figures.killed.values()) > 0
