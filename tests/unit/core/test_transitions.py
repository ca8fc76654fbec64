"""The transition table is the contract's state diagram."""

import pytest

from riata.domain.requests import TRANSITIONS, Status, sources_of


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_nothing_leads_out_of_a_terminal_status(status):
    assert status.is_terminal
    assert TRANSITIONS[status] == frozenset()


@pytest.mark.parametrize("status", [Status.IN_QUEUE, Status.IN_PROGRESS])
def test_an_open_status_is_not_terminal(status):
    assert not status.is_terminal


def test_a_request_completes_only_after_a_worker_had_it():
    assert sources_of(Status.COMPLETED) == (Status.IN_PROGRESS,)


def test_a_request_may_fail_queued_or_running():
    assert set(sources_of(Status.FAILED)) == {Status.IN_QUEUE, Status.IN_PROGRESS}


def test_nothing_goes_back_into_the_queue():
    assert sources_of(Status.IN_QUEUE) == ()
