"""Receive, until stopped, idle, or after one message."""

import os
import signal

import pytest

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
