"""One model, many requests: what their threads ask for together is computed together, one call at a time.

There is no thread of its own: whoever waits computes, for itself and for the others. A request that is alone therefore calls the
model directly, and nothing has to be started or stopped.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from riata.errors import ModelFailed
from riata.log import log

from ..compute import free_memory, memory_errors
from ..separator import Workload

Item = TypeVar("Item")
Result = TypeVar("Result")


def _alike(_item: object) -> Hashable:
    return None


def _one(_item: object) -> int:
    return 1


class Batcher(Generic[Item, Result]):
    """Calls ``model`` with lists of items that together are no larger than ``most``, whoever submitted them; first come, first
    served. An item that is larger than that by itself is computed alone.

    Args:
        model: maps items to as many results; it is never called by two threads at once, and has finished when it returns.
        most: size of a call. One that runs out of memory is repeated in halves, and ``most`` stays at what was possible.
        key: only items with equal keys are computed together, e.g. those of the same shape or the same solver steps.
        size: of an item, in the unit of ``most``.
    """

    def __init__(
        self,
        model: Callable[[list[Item]], Sequence[Result]],
        most: int,
        *,
        key: Callable[[Item], Hashable] = _alike,
        size: Callable[[Item], int] = _one,
    ) -> None:
        self.most = most
        self._model, self._key, self._size = model, key, size
        self._waiting: deque[tuple[Item, Future[Result]]] = deque()
        self._changed = threading.Condition()
        self._is_busy = False
        self._calls, self._items, self._room, self._seconds = 0, 0, 0, 0.0

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """The results of ``items``, in their order; blocks until all are there.

        Raises:
            ModelFailed: even a single item needs more memory than there is. What else the model raises is raised here too, for
                every request whose items were in the call.
        """
        mine = [(item, Future[Result]()) for item in items]
        with self._changed:
            self._waiting.extend(mine)
        while not all(future.done() for _, future in mine):
            batch = self._turn(mine)
            if batch:
                try:
                    self._compute(batch)
                finally:
                    with self._changed:
                        self._is_busy = False
                        self._changed.notify_all()
        return [future.result() for _, future in mine]

    def workload(self) -> Workload:
        """What was computed so far."""
        with self._changed:
            return Workload(self._calls, self._items, self._room, self._seconds)

    def _turn(self, mine: list[tuple[Item, Future[Result]]]) -> list[tuple[Item, Future[Result]]]:
        """The next batch, once no other thread computes; nothing when the others have computed everything of ``mine``."""
        with self._changed:
            while self._is_busy and not all(future.done() for _, future in mine):
                self._changed.wait()
            if all(future.done() for _, future in mine):
                return []
            self._is_busy = True
            key = self._key(self._waiting[0][0])
            batch = self._fitting([entry for entry in self._waiting if self._key(entry[0]) == key])
            taken = {id(future) for _, future in batch}
            self._waiting = deque(entry for entry in self._waiting if id(entry[1]) not in taken)
            return batch

    def _fitting(self, entries: list[tuple[Item, Future[Result]]]) -> list[tuple[Item, Future[Result]]]:
        """The first of ``entries`` that fit one call."""
        sizes = itertools.accumulate(self._size(item) for item, _ in entries)
        return entries[: max(1, sum(size <= self.most for size in sizes))]

    def _compute(self, batch: list[tuple[Item, Future[Result]]]) -> None:
        done = 0
        while done < len(batch):
            part = self._fitting(batch[done:])
            try:
                results = self._called([item for item, _ in part])
            except memory_errors() as error:
                if len(part) == 1:
                    self._fail(batch[done:], _too_large(error))
                    return
                self.most = max(1, sum(self._size(item) for item, _ in part) // 2)
            except BaseException as error:  # noqa: BLE001  every request of the call is told, on its own thread
                self._fail(batch[done:], error)
                return
            else:
                for (_, future), result in zip(part, results, strict=True):
                    future.set_result(result)
                done += len(part)
                continue
            # Outside the handler, whose traceback still holds the tensors that did not fit.
            log("out of memory", level="warning", batch=len(part), batch_from_now_on=self.most)
            free_memory()

    def _called(self, items: list[Item]) -> Sequence[Result]:
        began = time.perf_counter()
        results = self._model(items)
        with self._changed:
            size = sum(map(self._size, items))
            self._calls, self._items, self._room = self._calls + 1, self._items + size, self._room + max(size, self.most)
            self._seconds += time.perf_counter() - began
        return results

    @staticmethod
    def _fail(batch: list[tuple[Item, Future[Result]]], error: BaseException) -> None:
        for _, future in batch:
            future.set_exception(error)


def _too_large(error: BaseException) -> ModelFailed:
    failure = ModelFailed("The model ran out of memory. Try again later, or with a shorter max_chunk_duration.")
    failure.__cause__ = error.with_traceback(None)
    return failure
