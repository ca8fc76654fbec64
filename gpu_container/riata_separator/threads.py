"""Doing the next thing, or the last, beside the present one: so that a model need not wait for decoder and encoder."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


def ahead(source: Iterable[T]) -> Iterator[T]:
    """``source``, of which the next item is made by another thread while this one is used."""
    items = iter(source)
    with ThreadPoolExecutor(1, "ahead") as thread:
        following = thread.submit(_next, items)
        while item := following.result():
            following = thread.submit(_next, items)
            yield item[0]


def _next(items: Iterator[T]) -> tuple[T] | None:
    for item in items:
        return (item,)
    return None


class Behind:
    """Runs what it is given in order, inside ``with``: on a thread of its own, one piece of work at most behind, or at once."""

    def __init__(self, *, threaded: bool) -> None:
        self._thread = ThreadPoolExecutor(1, "behind") if threaded else None
        self._last: Future[None] | None = None

    def __call__(self, work: Callable[[], None]) -> None:
        """Run ``work`` once the work before is done; what that raised is raised here."""
        if self._thread is None:
            work()
        else:
            self.settle()
            self._last = self._thread.submit(work)

    def settle(self) -> None:
        """Wait until everything is done; raises what it raised."""
        if self._last is not None:
            last, self._last = self._last, None
            last.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._thread is not None:
            self._thread.shutdown()
