"""Ending a request early, and making media go at once."""

from datetime import timedelta

import pytest

from riata.domain.requests import Status
from riata.errors import ConditionFailed, FileInUse, NotFound, RequestAlreadyEnded
from riata.ports import ExecutionState
from tests.fakes.world import manifest_of


@pytest.mark.parametrize("is_running", [False, True])
def test_a_cancelled_request_has_failed_its_money_is_back_and_its_execution_stopped(world, payer, is_running):
    request = world.submit(payer)
    if is_running:
        world.claim(request)
    cancelled = world.app.cancel(payer, request.request_id)
    assert (cancelled.status, cancelled.failure.code) == (Status.FAILED, "CANCELLED")
    assert world.balance(payer) == 100
    assert world.executions.states[request.execution_name()] is ExecutionState.ENDED


def test_the_worker_of_a_cancelled_request_is_told_at_its_next_beat(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    world.app.cancel(ada, request.request_id)
    with pytest.raises(ConditionFailed):
        attempt.beat(0.5)


@pytest.mark.parametrize("twice", [True, False])
def test_what_has_ended_cannot_be_cancelled(world, ada, twice):
    request = world.submit(ada) if twice else world.completed(ada)
    if twice:
        world.app.cancel(ada, request.request_id)
    before = world.row(request)
    with pytest.raises(RequestAlreadyEnded) as refused:
        world.app.cancel(ada, request.request_id)
    assert refused.value.status == 409
    assert world.row(request) == before


def test_a_recorded_outcome_wins_over_a_cancel(world, payer):
    request = world.submit(payer)
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    with pytest.raises(RequestAlreadyEnded):
        world.app.cancel(payer, request.request_id)
    assert world.row(request).status is Status.COMPLETED


def test_an_outcome_recorded_while_the_cancel_is_being_written_wins(world, ada, monkeypatch):
    request = world.submit(ada)
    attempt = world.claim(request)
    end, seen = world.requests.end, []

    def late_outcome(ending):
        if not seen:
            seen.append(ending)
            attempt.record(manifest_of(attempt))
        end(ending)

    monkeypatch.setattr(world.requests, "end", late_outcome)
    with pytest.raises(RequestAlreadyEnded):
        world.app.cancel(ada, request.request_id)
    assert world.row(request).status is Status.COMPLETED


def test_a_cancel_that_is_written_is_answered_even_when_the_execution_cannot_be_stopped(world, payer):
    """Asked again it would be 409, and nobody could tell that it had worked."""
    request = world.submit(payer)
    world.executions.is_down = True
    assert world.app.cancel(payer, request.request_id).failure.code == "CANCELLED"


def test_somebody_elses_request_cannot_be_cancelled_or_deleted(world, ada, bob):
    request = world.submit(ada)
    with pytest.raises(NotFound):
        world.app.cancel(bob, request.request_id)
    with pytest.raises(NotFound):
        world.app.delete_request(bob, request.request_id)
    assert world.row(request).status is Status.IN_QUEUE


def test_a_deleted_request_is_gone_with_its_outputs(world, ada):
    request = world.completed(ada)
    world.objects.put(f"outputs/{request.request_id}/att_1/target.wav", b"sound")
    world.app.delete_request(ada, request.request_id)
    assert world.objects.below("outputs/") == []
    for read in (world.app.read_result, lambda *a: world.app.read_status(*a, False), world.app.delete_request):
        with pytest.raises(NotFound):
            read(ada, request.request_id)


def test_deleting_an_open_request_cancels_it_first(world, payer):
    request = world.submit(payer)
    world.app.delete_request(payer, request.request_id)
    assert world.row(request).failure.code == "CANCELLED"
    assert world.balance(payer) == 100


def test_a_deleted_file_is_gone_with_its_bytes(world, ada):
    file = world.app.read_file(ada, world.uploaded(ada).file_id)
    world.app.delete_file(ada, file.file_id)
    assert world.objects.head(file.object_key) is None
    with pytest.raises(NotFound):
        world.app.read_file(ada, file.file_id)
    with pytest.raises(NotFound):
        world.app.delete_file(ada, file.file_id)


def test_a_file_in_use_cannot_be_deleted_until_its_requests_have_ended(world, ada):
    request = world.submit(ada)
    with pytest.raises(FileInUse) as refused:
        world.app.delete_file(ada, request.source.file_id)
    assert refused.value.status == 409
    world.app.cancel(ada, request.request_id)
    world.app.delete_file(ada, request.source.file_id)


def test_somebody_elses_file_cannot_be_deleted(world, ada, bob):
    file = world.uploaded(ada)
    with pytest.raises(NotFound):
        world.app.delete_file(bob, file.file_id)
    assert world.objects.head(file.object_key)


def test_media_goes_by_itself_at_the_end_of_its_retention(world, ada):
    request = world.completed(ada)
    output = f"outputs/{request.request_id}/att_1/target.wav"
    world.objects.put(output, b"sound")
    world.clock.advance(timedelta(hours=24))
    world.app.dispose()
    assert world.objects.below("") == [output]
    world.clock.advance(timedelta(hours=48))
    world.app.dispose()
    assert world.objects.below("") == []
    assert world.app.dispose() == 0


def test_the_file_of_an_open_request_outlives_its_retention(world, ada):
    request = world.submit(ada)
    world.clock.advance(timedelta(hours=24))
    world.app.dispose()
    assert world.objects.head(request.source.key)
    world.app.cancel(ada, request.request_id)
    world.app.dispose()
    assert world.objects.head(request.source.key) is None


def test_a_process_that_dies_between_tombstone_and_disposal_leaves_work_for_the_sweeper(world, ada):
    file = world.app.read_file(ada, world.uploaded(ada).file_id)
    world.files.mark_deleted(file.file_id, world.clock())
    world.app.dispose()
    assert world.objects.head(file.object_key) is None
