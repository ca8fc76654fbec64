"""Cells and lines of the committed Markdown tables."""

from collections.abc import Sequence

import numpy as np

from training.scores import interval


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(["| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows)])


def mean(values: Sequence[float]) -> str:
    """Mean and 95 % bootstrap interval with one decimal; nothing for no values."""
    if not values:
        return ""
    found = interval(list(values))
    return f"{found.mean:.1f} [{found.low:.1f}, {found.high:.1f}]"


def share(told: Sequence[bool]) -> str:
    """Per cent of what is true; nothing for no values."""
    return f"{100 * np.mean(told):.0f} %" if len(told) else ""
