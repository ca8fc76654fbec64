"""The same key and body: the same answer, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from riata.errors import IdempotencyConflict
from riata.ports import ExecutionState
from tests.fakes.world import submission_of


@pytest.fixture
def submit(world, payer):
    file = world.uploaded(payer)

    def call(body_hash="hash", key="again", principal=payer):
        return world.app.submit(principal, submission_of(file.file_id, idempotency_key=key, body_hash=body_hash))

    return call


def test_a_repeated_submit_is_answered_with_the_first_request_and_paid_once(world, payer, submit):
    first = submit()
    world.clock.advance(timedelta(hours=23))
    assert submit().request_id == first.request_id
    assert len(world.requests.rows) == 1
    assert world.balance(payer) == 87


def test_the_same_key_with_another_body_is_a_conflict(submit):
    submit()
    with pytest.raises(IdempotencyConflict) as refused:
        submit(body_hash="another")
    assert refused.value.status == 409


def test_another_key_and_none_make_requests_of_their_own(world, submit):
    submit()
    submit(key="another")
    submit(key=None)
    submit(key=None)
    assert len(world.requests.rows) == 4


def test_after_a_day_a_key_is_new_again(world, submit):
    first = submit()
    world.clock.advance(timedelta(hours=24, seconds=2))
    for file_id, file in world.files.rows.items():
        world.files.rows[file_id] = replace(file, delete_after=world.clock() + timedelta(hours=1))
    assert submit().request_id != first.request_id


def test_of_two_first_uses_at_once_one_makes_the_request(world, payer, submit, monkeypatch):
    write = world.requests.submit

    def raced(*arguments):
        monkeypatch.setattr(world.requests, "submit", write)
        submit()
        return write(*arguments)

    monkeypatch.setattr(world.requests, "submit", raced)
    assert submit().request_id == next(iter(world.requests.rows))
    assert world.balance(payer) == 87


def test_a_repeat_starts_what_a_crash_left_unstarted(world, submit):
    world.executions.is_down = True
    first = submit()
    assert submit().request_id == first.request_id
    world.executions.is_down = False
    submit()
    assert world.executions.states == {f"{first.request_id}-1": ExecutionState.RUNNING}
