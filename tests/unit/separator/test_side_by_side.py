import threading

import pytest

from riata_separator.side_by_side import side_by_side


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("parts", [[], [3], [5, 1, 4, 2, 3]])
def test_results_come_in_the_order_of_the_parts(parts, threads):
    assert side_by_side(lambda part: 10 * part, parts, threads) == [10 * part for part in parts]


def test_parts_are_at_work_at_the_same_time():
    met = threading.Barrier(2, timeout=10)
    side_by_side(lambda _: met.wait(), [1, 2], 2)


def test_no_more_threads_work_than_there_may_be():
    working, most, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        threading.Event().wait(0.01)
        with lock:
            working -= 1

    side_by_side(work, range(12), 3)
    assert most <= 3


def test_what_a_part_raises_is_raised():
    def work(part: int) -> int:
        if part == 2:
            raise ValueError("two")
        return part

    with pytest.raises(ValueError, match="two"):
        side_by_side(work, [1, 2, 3], 2)
