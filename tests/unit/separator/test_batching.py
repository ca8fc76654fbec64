"""What several threads ask of one model is computed together, one call at a time, in what memory there is."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from riata.errors import ModelFailed
from riata_separator.backends.batching import Batcher


class Doubler:
    """A model that remembers its batches; ``room`` is how many items fit its memory."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.batches: list[list[int]] = []
        self.running = 0
        self.hold = threading.Event()
        self.hold.set()

    def __call__(self, items: list[int]) -> list[int]:
        self.running += 1
        assert self.running == 1, "two calls at once"
        self.batches.append(items)
        self.hold.wait(10)
        self.running -= 1
        if len(items) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return [2 * item for item in items]


def held(model: Doubler, batcher: Batcher, submissions: list[list[int]]) -> list[list[int]]:
    """The results of submissions that all come while the model is busy with the first of them."""
    model.hold.clear()
    with ThreadPoolExecutor(len(submissions)) as threads:
        first = threads.submit(batcher, submissions[0])
        while not model.batches:
            pass
        others = [threads.submit(batcher, items) for items in submissions[1:]]
        while len(batcher._waiting) < sum(map(len, submissions[1:])):
            pass
        model.hold.set()
        return [first.result(10), *(other.result(10) for other in others)]


def test_a_request_alone_has_its_items_computed_in_order_and_in_batches():
    model = Doubler()
    assert Batcher(model, 4)(range(10)) == [2 * i for i in range(10)]
    assert [len(batch) for batch in model.batches] == [4, 4, 2]


def test_items_of_requests_that_wait_together_share_a_call():
    model = Doubler()
    results = held(model, Batcher(model, 8), [[1], [2, 3], [4, 5, 6]])
    assert results == [[2], [4, 6], [8, 10, 12]]
    assert [sorted(batch) for batch in model.batches] == [[1], [2, 3, 4, 5, 6]]


def test_items_that_do_not_go_together_are_computed_apart():
    model = Doubler()
    results = held(model, Batcher(model, 8, key=lambda item: item % 2), [[0], [2, 3], [4, 5]])
    assert results == [[0], [4, 6], [8, 10]]
    assert sorted(sorted(batch) for batch in model.batches) == [[0], [2, 4], [3, 5]]


def test_items_have_sizes_and_one_that_is_too_large_goes_alone():
    model = Doubler()
    assert Batcher(model, 4, size=lambda item: item)([1, 2, 3, 9, 2, 2]) == [2, 4, 6, 18, 4, 4]
    assert model.batches == [[1, 2], [3], [9], [2, 2]]


def test_out_of_memory_makes_the_batches_smaller_for_good(capsys):
    model = Doubler(room=3)
    batcher = Batcher(model, 16)
    assert batcher(range(16)) == [2 * i for i in range(16)]
    assert [len(batch) for batch in model.batches[:4]] == [16, 8, 4, 2]
    assert batcher.most == 2
    assert batcher([7, 8, 9]) == [14, 16, 18]
    assert '"batch_from_now_on": 2' in capsys.readouterr().out


def test_memory_for_not_even_one_item_is_a_failure_of_the_request():
    with pytest.raises(ModelFailed, match="memory"):
        Batcher(Doubler(room=0), 4)([1, 2])


def test_what_the_model_raises_reaches_every_request_of_the_call_and_the_next_call_works():
    calls = []

    def model(items: list[int]) -> list[int]:
        calls.append(items)
        started.wait(10)
        if 13 in items:
            raise ZeroDivisionError
        return items

    started, batcher = threading.Event(), Batcher(model, 8)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher, [1])
        while not calls:
            pass
        unlucky = [threads.submit(batcher, items) for items in ([13], [14])]
        while len(batcher._waiting) < 2:
            pass
        started.set()
        assert first.result(10) == [1]
        for other in unlucky:
            with pytest.raises(ZeroDivisionError):
                other.result(10)
    assert batcher([5]) == [5]


def test_the_work_is_counted():
    batcher = Batcher(Doubler(), 4)
    batcher(range(6))
    done = batcher.workload()
    assert (done.calls, done.items, done.room) == (2, 6, 8)
    assert done.seconds > 0


def test_many_threads_get_each_their_own_results():
    batcher = Batcher(Doubler(), 5)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: batcher([n, n + 1, n + 2]), range(200)))
    assert found == [[2 * n, 2 * n + 2, 2 * n + 4] for n in range(200)]
