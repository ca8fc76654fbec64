"""What died between two steps goes on by itself."""

from datetime import timedelta

import pytest

from riata.domain.requests import CHECK_EVERY, MAX_GENERATIONS, Status
from riata.errors import ConditionFailed, Unavailable
from riata.ports import ExecutionState
from riata.usecases.reconcile import Reconciled
from tests.fakes.world import manifest_of


def sweep(world):
    world.clock.advance(CHECK_EVERY)
    return world.app.reconcile()


def test_a_request_is_not_looked_at_before_it_is_due(world, ada):
    world.submit(ada)
    world.clock.advance(CHECK_EVERY - timedelta(milliseconds=1))
    assert world.app.reconcile() == Reconciled()


def test_after_a_restart_of_the_whole_stack_everything_is_looked_at(world, ada):
    world.submit(ada)
    assert world.app.reconcile(everything=True).checked == 1


def test_a_running_execution_is_left_alone_and_looked_at_again_later(world, ada):
    request = world.submit(ada)
    assert sweep(world) == Reconciled(checked=1)
    assert world.row(request).generation == 1
    assert world.app.reconcile() == Reconciled()
    assert sweep(world) == Reconciled(checked=1)


def test_an_execution_that_was_never_started_is_started_under_its_own_name(world, ada):
    world.executions.is_down = True
    request = world.submit(ada)
    world.executions.is_down = False
    assert sweep(world) == Reconciled(checked=1, restarted=1)
    assert world.executions.states == {f"{request.request_id}-1": ExecutionState.RUNNING}


def test_a_dead_execution_is_followed_by_one_of_the_next_generation(world, ada):
    request = world.submit(ada)
    world.executions.end(request.execution_name())
    assert sweep(world) == Reconciled(checked=1, restarted=1)
    assert world.row(request).generation == 2
    assert world.executions.states[f"{request.request_id}-2"] is ExecutionState.RUNNING


def test_a_worker_keeps_its_claim_when_its_execution_is_followed_by_another(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    world.executions.end(request.execution_name())
    sweep(world)
    attempt.beat(0.5)
    attempt.record(manifest_of(attempt))
    assert world.app.finish(request.request_id, 2).status is Status.COMPLETED


def test_a_recorded_outcome_of_a_dead_execution_is_finished(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    world.executions.end(request.execution_name())
    assert sweep(world) == Reconciled(checked=1, ended=1)
    assert world.row(request).status is Status.COMPLETED


def test_the_last_generation_gives_up_and_the_money_goes_back(world, payer):
    request = world.submit(payer)
    for generation in range(1, MAX_GENERATIONS + 1):
        assert world.row(request).generation == generation
        world.executions.end(world.row(request).execution_name())
        sweep(world)
    ended = world.row(request)
    assert (ended.status, ended.failure.code) == (Status.FAILED, "WORKER_LOST")
    assert world.balance(payer) == 100


def test_an_ended_request_is_never_looked_at_again(world, ada):
    world.completed(ada)
    assert sweep(world) == Reconciled()


def test_an_outage_of_the_state_machine_costs_no_generation(world, ada):
    request = world.submit(ada)
    world.executions.end(request.execution_name())
    world.executions.is_down = True
    for _ in range(2 * MAX_GENERATIONS):
        sweep(world)
    world.executions.is_down = False
    sweep(world)
    assert world.row(request).generation == 2
    assert world.executions.states[f"{request.request_id}-2"] is ExecutionState.RUNNING


def test_a_process_that_dies_after_raising_the_generation_wastes_none(world, ada):
    request = world.submit(ada)
    world.executions.end(request.execution_name())
    world.requests.raise_generation(request, world.clock())
    sweep(world)
    assert world.row(request).generation == 2
    assert world.executions.states[f"{request.request_id}-2"] is ExecutionState.RUNNING


def test_one_request_that_cannot_be_checked_does_not_hold_up_the_others(world, ada, monkeypatch):
    stuck, other = world.submit(ada), world.submit(ada)
    for request in (stuck, other):
        world.executions.end(request.execution_name())
    state = world.executions.state

    def one_fails(request):
        if request.request_id == stuck.request_id:
            raise Unavailable("busy")
        return state(request)

    monkeypatch.setattr(world.executions, "state", one_fails)
    assert sweep(world) == Reconciled(checked=2, restarted=1)
    assert world.row(other).generation == 2


def test_of_two_reconcilers_one_restarts(world, ada, monkeypatch):
    request = world.submit(ada)
    world.executions.end(request.execution_name())

    def raced(_seen, _now, forget_attempt):
        raise ConditionFailed

    monkeypatch.setattr(world.requests, "raise_generation", raced)
    assert sweep(world) == Reconciled(checked=1)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_request_that_ends_during_the_sweep_stays_ended(world, ada, monkeypatch, moment):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    world.executions.end(request.execution_name())
    due = world.requests.due

    def ended_meanwhile(now, limit):
        found = due(now, limit)
        world.app.finish(request.request_id, 1)
        return found

    monkeypatch.setattr(world.requests, "due", ended_meanwhile)
    if moment == "after":
        world.executions.states[request.execution_name()] = ExecutionState.RUNNING
    sweep(world)
    assert world.row(request).status is Status.COMPLETED


def test_after_a_restart_of_the_whole_stack_nobody_waits_for_the_lease_of_a_dead_worker(world, ada):
    request = world.submit(ada)
    lost = world.claim(request)
    world.executions.end(request.execution_name())
    world.app.reconcile(everything=True)
    taken_over = world.claim(world.row(request))
    assert taken_over.attempt_id != lost.attempt_id
    with pytest.raises(ConditionFailed):
        lost.beat(0.5)
