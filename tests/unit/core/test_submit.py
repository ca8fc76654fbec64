"""Submitting: everything that is wrong is said before anything is written; what is written goes on by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from riata.domain.files import FileStatus
from riata.domain.requests import CHECK_EVERY, Status
from riata.errors import FileExpired, FileNotUploaded, InsufficientCredits, InvalidRequest
from riata.ports import ExecutionState
from tests.fakes.world import submission_of


def submit(world, principal, file_id):
    return world.app.submit(principal, submission_of(file_id))


def test_a_request_is_queued_with_the_bytes_pinned_and_its_execution_started(world, ada):
    file = world.uploaded(ada)
    request = submit(world, ada, file.file_id)
    stored = world.row(request)
    assert stored.status is Status.IN_QUEUE
    assert stored.source.etag == world.objects.head(file.object_key).etag
    assert stored.options == submission_of("").options
    assert world.executions.states == {f"{request.request_id}-1": ExecutionState.RUNNING}


def test_submitting_right_after_the_upload_needs_no_event(world, ada):
    file = world.uploaded(ada)
    submit(world, ada, file.file_id)
    assert world.files.rows[file.file_id].status_at(world.clock()) is FileStatus.UPLOADED


def test_a_file_in_use_is_held_by_each_of_its_requests(world, ada):
    file = world.uploaded(ada)
    submit(world, ada, file.file_id)
    submit(world, ada, file.file_id)
    assert world.files.rows[file.file_id].open_requests == 2


def test_an_unknown_file_is_a_bad_request_that_names_the_parameter(world, ada):
    with pytest.raises(InvalidRequest) as refused:
        submit(world, ada, "file_unknown")
    assert (refused.value.status, refused.value.param) == (400, "input.file_id")


def test_somebody_elses_file_is_as_unknown_as_any(world, ada, bob):
    file = world.uploaded(ada)
    with pytest.raises(InvalidRequest) as foreign:
        submit(world, bob, file.file_id)
    with pytest.raises(InvalidRequest) as unknown:
        submit(world, bob, "file_unknown")
    assert foreign.value.message.replace(file.file_id, "file_unknown") == unknown.value.message


def test_a_deleted_file_is_unknown(world, ada):
    file = world.uploaded(ada)
    world.files.rows[file.file_id] = replace(file, deleted_at=world.clock())
    with pytest.raises(InvalidRequest):
        submit(world, ada, file.file_id)


def test_a_file_that_is_not_uploaded_is_a_conflict(world, ada):
    with pytest.raises(FileNotUploaded) as refused:
        submit(world, ada, world.pending(ada).file_id)
    assert (refused.value.status, refused.value.code) == (409, "FILE_NOT_UPLOADED")


@pytest.mark.parametrize(("uploaded", "hours"), [(False, 1), (True, 24)])
def test_an_expired_file_is_gone(world, ada, uploaded, hours):
    file = world.uploaded(ada) if uploaded else world.pending(ada)
    world.app.read_file(ada, file.file_id)
    world.clock.advance(timedelta(hours=hours))
    with pytest.raises(FileExpired) as refused:
        submit(world, ada, file.file_id)
    assert (refused.value.status, refused.value.code) == (410, "FILE_EXPIRED")


def test_what_is_not_audio_or_video_is_a_bad_request_that_says_why(world, ada):
    file = world.uploaded(ada, b"just text")
    with pytest.raises(InvalidRequest, match="not audio or video") as refused:
        submit(world, ada, file.file_id)
    assert refused.value.param == "input.file_id"


def test_a_file_whose_object_vanished_is_a_bad_request(world, ada):
    file = world.app.read_file(ada, world.uploaded(ada).file_id)
    world.objects.delete(file.object_key)
    with pytest.raises(InvalidRequest, match="gone"):
        submit(world, ada, file.file_id)


def test_a_metered_request_reserves_its_begun_seconds(world, payer):
    request = world.submit(payer)
    assert request.reserved == 13
    assert world.balance(payer) == 87
    assert [e.entry_id for e in world.accounts.ledger(payer.key_id)][-1] == f"{request.request_id}#reserve"


def test_credits_may_be_used_up_to_the_last_second(world):
    principal = world.key(credits=13)[1]
    world.submit(principal)
    assert world.balance(principal) == 0


def test_a_request_beyond_the_balance_is_refused_and_leaves_no_trace(world):
    principal = world.key(credits=12)[1]
    file = world.uploaded(principal)
    with pytest.raises(InsufficientCredits) as refused:
        submit(world, principal, file.file_id)
    assert (refused.value.status, refused.value.code) == (402, "INSUFFICIENT_CREDITS")
    assert world.balance(principal) == 12
    assert world.requests.rows == {}
    assert world.executions.states == {}


def test_a_key_without_metering_reserves_nothing(world, ada):
    assert world.submit(ada).reserved is None
    assert list(world.accounts.ledger(ada.key_id)) == []


def test_a_file_replaced_while_it_is_being_submitted_is_refused(world, ada, monkeypatch):
    file = world.uploaded(ada)
    submit_row = world.requests.submit

    def replaced_first(request, entry, *more):
        world.files.rows[file.file_id] = replace(world.files.rows[file.file_id], etag='"another"')
        submit_row(request, entry, *more)

    monkeypatch.setattr(world.requests, "submit", replaced_first)
    with pytest.raises(InvalidRequest):
        submit(world, ada, file.file_id)
    assert world.requests.rows == {}


def test_a_request_whose_execution_could_not_be_started_is_queued_all_the_same(world, payer):
    """An error here would make the caller submit, and pay, again."""
    file = world.uploaded(payer)
    world.executions.is_down = True
    request = submit(world, payer, file.file_id)
    assert world.row(request).status is Status.IN_QUEUE
    assert world.executions.states == {}


def test_a_process_that_dies_before_the_execution_starts_loses_nothing(world, ada, monkeypatch):
    class Died(BaseException):
        pass

    def die(_request):
        raise Died

    file = world.uploaded(ada)
    with monkeypatch.context() as patch:
        patch.setattr(world.executions, "start", die)
        with pytest.raises(Died):
            submit(world, ada, file.file_id)
    world.clock.advance(CHECK_EVERY)
    world.app.reconcile()
    (request,) = world.requests.rows.values()
    assert world.executions.states == {f"{request.request_id}-1": ExecutionState.RUNNING}
