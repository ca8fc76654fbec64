"""The terminal transaction: at most once, by what was recorded, with the money in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from riata.domain.money import EntryKind
from riata.domain.requests import Failure, Status
from riata.errors import ConditionFailed, Unavailable
from tests.fakes.world import manifest_of

DEATH = Failure("WORKER_LOST", "The separation was interrupted.")
SILENT = Failure("MEDIA_SILENT", "There is nothing to hear.")


def entries(world, principal):
    return [(e.kind, e.amount) for e in world.accounts.ledger(principal.key_id) if "#credit" not in e.entry_id]


def test_a_recorded_manifest_completes_the_request(world, ada):
    ended = world.completed(ada)
    assert (ended.status, ended.failure, ended.ended_at) == (Status.COMPLETED, None, world.clock())


def test_a_recorded_failure_fails_it_with_its_own_code(world, ada):
    request = world.submit(ada)
    world.claim(request).record(SILENT)
    ended = world.app.finish(request.request_id, 1)
    assert (ended.status, ended.failure) == (Status.FAILED, SILENT)


def test_without_an_outcome_and_without_a_death_the_request_goes_on(world, ada):
    request = world.submit(ada)
    assert world.app.finish(request.request_id, 1) is None
    assert world.row(request).status is Status.IN_QUEUE


def test_a_death_that_nobody_could_report_fails_the_request(world, ada):
    request = world.submit(ada)
    assert world.app.finish(request.request_id, 1, DEATH).failure == DEATH


def test_an_outcome_that_was_recorded_after_all_wins_over_the_death(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    assert world.app.finish(request.request_id, 1, DEATH).status is Status.COMPLETED


def test_the_death_of_an_old_generation_says_nothing(world, ada):
    request = world.submit(ada)
    world.requests.raise_generation(request, world.clock())
    assert world.app.finish(request.request_id, 1, DEATH) is None
    assert not world.row(request).status.is_terminal


def test_an_outcome_counts_whatever_generation_asks(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    world.requests.raise_generation(world.row(request), world.clock())
    attempt.record(manifest_of(attempt))
    assert world.app.finish(request.request_id, 1).status is Status.COMPLETED


def test_finishing_again_changes_nothing(world, payer):
    ended = world.completed(payer)
    ledger, balance = entries(world, payer), world.balance(payer)
    world.clock.advance(timedelta(hours=1))
    assert world.app.finish(ended.request_id, 1, DEATH) == ended
    assert (entries(world, payer), world.balance(payer)) == (ledger, balance)


def test_an_unknown_request_ends_quietly(world):
    assert world.app.finish("req_unknown", 1, DEATH) is None


def test_a_completed_request_is_settled_by_what_was_decoded(world, payer):
    world.completed(payer, duration=9.2)
    assert entries(world, payer) == [(EntryKind.RESERVE, -13), (EntryKind.SETTLE, 3)]
    assert world.balance(payer) == 90


def test_a_failed_request_gives_its_whole_reservation_back(world, payer):
    request = world.submit(payer)
    ended = world.app.finish(request.request_id, 1, DEATH)
    assert ended.billed == 0
    assert world.balance(payer) == 100


def test_the_end_lets_go_of_the_file(world, ada):
    ended = world.completed(ada)
    assert world.files.rows[ended.source.file_id].open_requests == 0


def test_a_request_whose_file_row_is_gone_ends_all_the_same(world, ada):
    request = world.submit(ada)
    world.files.rows.clear()
    assert world.app.finish(request.request_id, 1, DEATH).status is Status.FAILED


def test_an_outcome_recorded_while_the_death_is_being_written_wins(world, ada, monkeypatch):
    request = world.submit(ada)
    attempt = world.claim(request)
    end, seen = world.requests.end, []

    def late_outcome(ending):
        if not seen:
            seen.append(ending)
            attempt.record(manifest_of(attempt))
        end(ending)

    monkeypatch.setattr(world.requests, "end", late_outcome)
    assert world.app.finish(request.request_id, 1, DEATH).status is Status.COMPLETED
    assert seen[0].outcome == DEATH


def test_a_row_that_keeps_changing_is_for_the_caller_to_try_again(world, ada, monkeypatch):
    request = world.submit(ada)

    def never(_ending):
        raise ConditionFailed

    monkeypatch.setattr(world.requests, "end", never)
    with pytest.raises(Unavailable):
        world.app.finish(request.request_id, 1, DEATH)


def test_the_end_is_told_in_the_log(world, ada):
    request = world.submit(ada)
    world.app.finish(request.request_id, 1, DEATH)
    assert [line.message for line in world.requests.logs(request.request_id, 10)] == ["Queued.", f"Failed: {DEATH.message}"]


def test_a_queued_request_cannot_complete(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    world.requests.rows[request.request_id] = replace(world.row(request), status=Status.IN_QUEUE)
    attempt.record(manifest_of(attempt))
    with pytest.raises(Unavailable):
        world.app.finish(request.request_id, 1)
