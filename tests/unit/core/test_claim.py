"""A worker's side: one live lease, one outcome, whatever is delivered twice or dies."""

import pytest

from riata.domain.requests import LEASE, Failure, Status
from riata.errors import ConditionFailed
from riata.usecases.work import Claimed, Refusal
from tests.fakes.world import manifest_of

FAILURE = Failure("MEDIA_SILENT", "There is nothing to hear.")


def claim(world, request, generation=1):
    return world.app.claim(request.request_id, generation)


def crash(world):
    """The worker dies without a word: its lease runs out."""
    world.clock.advance(LEASE)


def losing_answers(world, monkeypatch, name):
    """The write is done and its answer lost; the client's own retry then finds the condition false."""
    write = getattr(world.requests, name)

    def lost(*arguments):
        write(*arguments)
        return write(*arguments)

    monkeypatch.setattr(world.requests, name, lost)


def test_a_claim_puts_the_request_in_progress_with_a_lease(world, ada):
    request = world.submit(ada)
    world.clock.advance(5)
    claimed = claim(world, request)
    assert isinstance(claimed, Claimed)
    stored = world.row(request)
    assert (stored.status, stored.attempt_id) == (Status.IN_PROGRESS, claimed.attempt_id)
    assert stored.lease_until == world.clock() + LEASE
    assert stored.started_at == world.clock()


def test_a_redelivered_message_of_a_running_request_is_left_for_later(world, ada):
    request = world.submit(ada)
    first = world.claim(request)
    assert claim(world, request) is Refusal.BUSY
    assert world.row(request).attempt_id == first.attempt_id


@pytest.mark.parametrize("generation", [0, 2])
def test_a_message_of_another_generation_is_stale(world, ada, generation):
    assert claim(world, world.submit(ada), generation) is Refusal.STALE


def test_a_message_of_an_ended_or_unknown_request_is_stale(world, ada):
    assert claim(world, world.completed(ada)) is Refusal.STALE
    assert world.app.claim("req_unknown", 1) is Refusal.STALE


def test_a_claim_that_finds_an_outcome_only_wakes(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    assert claim(world, request) is Refusal.RECORDED


def test_after_a_crash_another_attempt_takes_over_and_the_crash_is_counted(world, ada):
    request = world.submit(ada)
    dead = world.claim(request)
    crash(world)
    alive = world.claim(request)
    assert alive.attempt_id != dead.attempt_id
    assert world.row(request).crashes == 1


def test_beats_keep_the_lease_and_show_progress(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    for share in (0.1, 0.5, 0.123_456):
        world.clock.advance(LEASE * 0.9)
        attempt.beat(share)
    assert claim(world, request) is Refusal.BUSY
    assert world.row(request).progress == 0.1235


def test_the_started_time_is_that_of_the_first_attempt(world, ada):
    request = world.submit(ada)
    world.claim(request)
    started = world.row(request).started_at
    crash(world)
    world.claim(request)
    assert world.row(request).started_at == started


@pytest.mark.parametrize("write", [lambda a: a.beat(0.5), lambda a: a.record(FAILURE), lambda a: a.record(manifest_of(a))])
def test_an_attempt_that_was_taken_over_can_write_nothing_more(world, ada, write):
    request = world.submit(ada)
    old = world.claim(request)
    crash(world)
    world.claim(request)
    before = world.row(request)
    with pytest.raises(ConditionFailed):
        write(old)
    assert world.row(request) == before


def test_an_attempt_may_finish_late_when_nobody_took_over(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    crash(world)
    attempt.record(manifest_of(attempt))
    assert world.row(request).outcome == manifest_of(attempt)


def test_an_attempt_of_an_ended_request_notices_at_its_next_beat(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    world.app.finish(request.request_id, 1, Failure("TIMED_OUT", "…"))
    with pytest.raises(ConditionFailed):
        attempt.beat(0.5)


def test_the_first_outcome_stays(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.record(FAILURE)
    with pytest.raises(ConditionFailed):
        attempt.record(manifest_of(attempt))
    assert world.row(request).outcome == FAILURE


def test_given_back_it_is_free_at_once_and_no_crash(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.give_back()
    world.claim(request)
    assert world.row(request).crashes == 0


def test_giving_back_what_was_taken_over_does_nothing(world, ada):
    request = world.submit(ada)
    old = world.claim(request)
    crash(world)
    world.claim(request)
    before = world.row(request)
    old.give_back()
    assert world.row(request) == before


def test_the_third_crash_is_the_requests_fault(world, ada):
    request = world.submit(ada)
    for _ in range(3):
        world.claim(request)
        crash(world)
    assert claim(world, request) is Refusal.RECORDED
    stored = world.row(request)
    assert stored.outcome == Failure("MODEL_FAILED", "3 workers died over this request. Try a shorter or another file.")
    ended = world.app.finish(request.request_id, 1)
    assert (ended.status, ended.failure.code) == (Status.FAILED, "MODEL_FAILED")


def test_a_claim_whose_answer_got_lost_is_still_a_claim(world, ada, monkeypatch):
    request = world.submit(ada)
    losing_answers(world, monkeypatch, "claim")
    claimed = claim(world, request)
    assert isinstance(claimed, Claimed)
    assert world.row(request).attempt_id == claimed.attempt_id


def test_the_third_crash_is_recorded_even_when_the_answers_get_lost(world, ada, monkeypatch):
    request = world.submit(ada)
    for _ in range(3):
        world.claim(request)
        crash(world)
    losing_answers(world, monkeypatch, "claim")
    losing_answers(world, monkeypatch, "record_outcome")
    assert claim(world, request) is Refusal.RECORDED
    assert world.row(request).outcome.code == "MODEL_FAILED"


@pytest.mark.parametrize("outcome_of", [manifest_of, lambda _: FAILURE])
def test_an_outcome_whose_answer_got_lost_is_recorded(world, ada, monkeypatch, outcome_of):
    request = world.submit(ada)
    attempt = world.claim(request)
    losing_answers(world, monkeypatch, "record_outcome")
    attempt.record(outcome_of(attempt))
    assert world.row(request).outcome == outcome_of(attempt)


def test_of_two_workers_that_claim_at_once_one_gets_it(world, ada, monkeypatch):
    request = world.submit(ada)
    write, winners = world.requests.claim, []

    def raced(seen, attempt_id, *rest):
        with monkeypatch.context() as patch:
            patch.setattr(world.requests, "claim", write)
            winners.append(world.claim(request))
        return write(seen, attempt_id, *rest)

    monkeypatch.setattr(world.requests, "claim", raced)
    assert claim(world, request) is Refusal.BUSY
    assert world.row(request).attempt_id == winners[0].attempt_id
