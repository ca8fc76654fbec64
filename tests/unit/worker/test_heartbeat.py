"""What keeps a claim alive, and notices that it was lost."""

from dataclasses import replace

import pytest

from riata.domain.requests import LEASE
from riata.errors import Unavailable
from riata.usecases.work import Attempt
from riata_separator.worker import heartbeat
from riata_separator.worker.heartbeat import Heartbeat


@pytest.fixture
def attempt(shop) -> Attempt:
    shop.request = shop.order()
    shop.held = shop.message()
    return shop.world.claim(shop.request)


def test_each_beat_prolongs_the_lease_and_shows_the_progress(shop, attempt, until):
    with Heartbeat(attempt, shop.world.queue, shop.held) as beating:
        shop.world.clock.advance(LEASE / 2)
        beating.progress(0.25)
        until(lambda: shop.world.row(shop.request).progress == 0.25)
        assert shop.world.row(shop.request).lease_until == shop.world.clock() + LEASE
        assert not beating.lost


def test_the_message_stays_hidden_for_as_long_as_the_job_runs(shop, attempt, until, monkeypatch):
    monkeypatch.setattr(heartbeat, "EXTENSIONS_PER_LEASE", 1e9)
    extended = []
    monkeypatch.setattr(shop.world.queue, "extend", lambda message, seconds: extended.append((message, seconds)))
    with Heartbeat(attempt, shop.world.queue, shop.held):
        until(lambda: len(extended) >= 2)
    assert set(extended) == {(shop.held, LEASE.total_seconds())}


def test_a_claim_that_another_worker_took_is_noticed(shop, attempt, until):
    with Heartbeat(attempt, shop.world.queue, shop.held) as beating:
        row = shop.world.row(shop.request)
        shop.world.requests.rows[shop.request.request_id] = replace(row, attempt_id="att_another")
        until(lambda: beating.lost)


def test_a_missed_beat_is_no_lost_claim(shop, attempt, until, monkeypatch):
    renew, missed = shop.world.requests.renew, []

    def sometimes(*arguments):
        if len(missed) < 3:
            missed.append(arguments)
            raise Unavailable("busy")
        renew(*arguments)

    monkeypatch.setattr(shop.world.requests, "renew", sometimes)
    with Heartbeat(attempt, shop.world.queue, shop.held) as beating:
        beating.progress(0.75)
        until(lambda: shop.world.row(shop.request).progress == 0.75)
        assert not beating.lost


def test_the_beat_ends_with_the_job(shop, attempt, until):
    with pytest.raises(ZeroDivisionError), Heartbeat(attempt, shop.world.queue, shop.held) as beating:
        raise ZeroDivisionError
    assert not beating._thread.is_alive()
