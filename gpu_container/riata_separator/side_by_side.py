"""Work divided among threads, for libraries that leave the interpreter to others while they compute."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Part], Result], parts: Sequence[Part], threads: int) -> list[Result]:
    """What ``work`` makes of each of ``parts``, in their order, on ``threads`` threads at most.

    Raises:
        Exception: what ``work`` raised of the first part with which it failed.
    """
    if min(threads, len(parts)) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(min(threads, len(parts))) as pool:
        return list(pool.map(work, parts))
