"""Receive, until stopped, idle, or after one message."""

import os
import signal
import threading

import pytest

from riata.domain.requests import LEASE
from riata.errors import Unavailable
from riata_separator.worker.loop import BACK_OFF_SECONDS, work
from riata_separator.worker.stopping import StopSignal


def test_once_ends_after_one_message(shop):
    shop.order()
    shop.order()
    assert work(shop.world.queue, shop.runner, shop.stop, once=True) == 1
    assert shop.world.queue.depth == 1


def test_a_worker_without_work_for_long_enough_ends(shop):
    shop.order()
    assert work(shop.world.queue, shop.runner, shop.stop, idle_exit_seconds=0.0) == 1
    assert shop.world.queue.depth == 0


def test_a_worker_that_is_stopped_takes_no_further_message(shop):
    shop.order()
    shop.order()
    shop.engine.meanwhile = shop.stop.set
    work(shop.world.queue, shop.runner, shop.stop)
    assert len(shop.engine.calls) == 1
    assert shop.world.queue.visible == 2


def test_an_outage_is_waited_for(shop, monkeypatch):
    receive, waits = shop.world.queue.receive, []

    def down_twice(seconds):
        if len(waits) < 2:
            raise Unavailable("busy")
        return receive(seconds)

    monkeypatch.setattr(shop.world.queue, "receive", down_twice)
    shop.order()
    assert work(shop.world.queue, shop.runner, shop.stop, once=True, sleep=waits.append) == 1
    assert waits == [BACK_OFF_SECONDS, BACK_OFF_SECONDS]


def test_several_jobs_run_side_by_side_and_no_message_is_taken_before_its_turn(shop):
    together = threading.Barrier(2)
    waiting = []

    def meet():
        waiting.append(shop.world.queue.visible)
        together.wait(10)

    shop.engine.meanwhile = meet
    requests = [shop.order() for _ in range(4)]
    assert work(shop.world.queue, shop.runner, shop.stop, concurrency=2, idle_exit_seconds=0.0) == 4
    assert all(shop.world.row(request).outcome for request in requests)
    assert max(waiting) <= 3
    assert waiting[1] == 2


def test_a_stop_gives_back_what_all_jobs_have(shop):
    together = threading.Barrier(3)

    def stop_amid():
        if together.wait(10) == 0:
            shop.stop.set()
        together.wait(10)

    shop.engine.meanwhile = stop_amid
    for _ in range(4):
        shop.order()
    assert work(shop.world.queue, shop.runner, shop.stop, concurrency=3) == 3
    assert shop.world.queue.visible == 4


def test_a_message_that_comes_with_the_stop_goes_back_unread(shop, monkeypatch):
    receive = shop.world.queue.receive

    def stopped_meanwhile(seconds):
        shop.stop.set()
        return receive(seconds)

    monkeypatch.setattr(shop.world.queue, "receive", stopped_meanwhile)
    shop.order()
    assert work(shop.world.queue, shop.runner, shop.stop) == 0
    assert (shop.world.queue.visible, shop.engine.calls) == (1, [])


def test_an_outage_during_a_job_is_waited_for_and_the_message_comes_again(shop, monkeypatch):
    download, waits = shop.world.objects.download, []

    def down_once(*arguments):
        if not waits:
            raise Unavailable("busy")
        download(*arguments)

    def sleep(seconds):
        waits.append(seconds)
        shop.world.clock.advance(LEASE)

    monkeypatch.setattr(shop.world.objects, "download", down_once)
    request = shop.order()
    assert work(shop.world.queue, shop.runner, shop.stop, once=True, sleep=sleep) == 1
    assert waits == [BACK_OFF_SECONDS]
    assert shop.world.row(request).crashes == 0


def test_a_job_that_breaks_ends_the_worker_and_the_others_are_given_back(shop):
    """The model may be in any state: another process takes over, and only the guilty one counts a crash."""
    together = threading.Barrier(2)
    broke = threading.Event()

    def one_breaks():
        if together.wait(10) == 0:
            broke.set()
            raise ZeroDivisionError
        broke.wait(10)
        while not shop.stop.is_set:
            pass

    shop.engine.meanwhile = one_breaks
    requests = [shop.order(), shop.order()]
    with pytest.raises(ZeroDivisionError):
        work(shop.world.queue, shop.runner, shop.stop, concurrency=2)
    leases = [shop.world.row(request).lease_until for request in requests]
    assert leases.count(None) == 1
    assert shop.world.queue.visible == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_signals_of_batch_and_of_riata_down_ask_for_the_stop(number):
    handlers = {known: signal.getsignal(known) for known in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop = StopSignal().listen()
        assert not stop.is_set
        os.kill(os.getpid(), number)
        assert stop.is_set
    finally:
        for known, handler in handlers.items():
            signal.signal(known, handler)
