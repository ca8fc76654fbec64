"""The figures as a table, and the page that they are written to."""

import platform
from pathlib import Path

import psutil

from tests.chaos.run import Figures, Plan

_CPU_INFO = Path("/proc/cpuinfo")


def table(figures: Figures) -> str:
    """Markdown."""
    posts = [post for posts in figures.mail.posts.values() for post in posts]
    taken = sum(was_taken for _event, was_taken in posts)
    rows = {
        "requests": len(figures.statuses),
        **{f"ended {end}": count for end, count in figures.ends.most_common()},
        "workers killed with SIGKILL": figures.killed["worker"],
        "function processes killed with SIGKILL": figures.killed["function"],
        "claims after the first (killed or given back mid-job)": figures.crashes,
        "stops and starts of the whole stack": figures.restarts,
        "events expected": len(figures.statuses),
        "events delivered, distinct `webhook-id`": len(figures.mail.posts),
        "POSTs to the receiver": len(posts),
        "of them answered 500": len(posts) - taken,
        "of them repetitions of an acknowledged event": taken - len(figures.mail.acknowledged()),
        "ledger entries": len(figures.ledger),
        "ledger sum, s": figures.ledger_sum,
        "balance, s": figures.balance,
        "duration, s": round(figures.seconds),
    }
    return "\n".join(["| | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in rows.items())])


def page(figures: Figures, plan: Plan) -> str:
    """``chaos.md``."""
    return (
        f"# Chaos\n\n`make chaos`: one local stack with {plan.workers} workers, a lease of 10 s, seed {plan.seed}, on "
        f"{_machine()}.\nAll of `tests/chaos/verdict.py` held.\n\n{table(figures)}\n"
    )


def _machine() -> str:
    models = [line.partition(":")[2].strip() for line in _lines(_CPU_INFO) if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{model}, {psutil.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
