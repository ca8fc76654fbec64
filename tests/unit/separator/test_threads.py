"""Decoding ahead of the model and encoding behind it."""

import threading

import pytest

from riata_separator.threads import Behind, ahead


def test_what_comes_ahead_comes_in_order_and_whole():
    assert list(ahead(range(7))) == list(range(7))


def test_the_next_item_is_made_while_this_one_is_used():
    made = [threading.Event() for _ in range(3)]

    def source():
        for event in made:
            event.set()
            yield event

    items = ahead(source())
    next(items)
    assert made[1].wait(5)
    assert not made[2].is_set()
    items.close()


def test_what_goes_wrong_ahead_is_raised_where_the_item_is_wanted():
    def source():
        yield 1
        raise ZeroDivisionError

    items = ahead(source())
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)


@pytest.mark.parametrize("threaded", [True, False])
def test_what_is_left_behind_is_done_in_order(threaded):
    done: list[int] = []
    with Behind(threaded=threaded) as behind:
        for number in range(5):
            behind(lambda n=number: done.append(n))
        behind.settle()
    assert done == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("threaded", [True, False])
def test_what_goes_wrong_behind_is_not_lost(threaded):
    def work() -> None:
        with Behind(threaded=threaded) as behind:
            behind(lambda: 1 // 0)
            behind.settle()

    with pytest.raises(ZeroDivisionError):
        work()


def test_at_most_one_piece_of_work_is_behind():
    gate, done = threading.Event(), []
    with Behind(threaded=True) as behind:
        behind(gate.wait)
        second = threading.Thread(target=lambda: behind(lambda: done.append(2)))
        second.start()
        second.join(0.05)
        assert second.is_alive()
        gate.set()
        second.join(5)
    assert done == [2]
