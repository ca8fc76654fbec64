"""One message, from claim to done; and what is left when it does not get that far."""

import threading
from dataclasses import replace

import pytest

from riata.domain.options import OutputFormat
from riata.domain.requests import LEASE, Failure, Manifest, Status
from riata.errors import MediaSilent, Unavailable


class Died(BaseException):
    """The process is gone: nothing catches this."""


def test_a_job_records_its_outputs_wakes_the_execution_and_is_done(shop):
    request, message = shop.order(), shop.message()
    shop.runner.run(message)
    row = shop.world.row(request)
    assert isinstance(row.outcome, Manifest)
    assert (row.outcome.duration, row.outcome.sample_rate, row.outcome.extra) == (12.5, 44_100, {"backend": "fake"})
    assert shop.world.objects.contents[row.outcome.target.key] == b"target"
    assert shop.world.objects.contents[row.outcome.residual.key] == b"residual"
    assert shop.world.queue.woken == [message.task_token]
    assert shop.world.queue.depth == 0


def test_outputs_are_kept_apart_by_attempt(shop):
    request = shop.order()
    shop.runner.run(shop.message())
    attempt = shop.world.row(request).attempt_id
    prefix = f"outputs/{request.request_id}/{attempt}/"
    assert shop.outputs(request) == [f"{prefix}residual.wav", f"{prefix}target.wav"]


def test_a_video_has_its_pictures_beside_its_sounds(shop):
    shop.engine.video = True
    request = shop.order()
    shop.runner.run(shop.message())
    outcome = shop.world.row(request).outcome
    assert shop.world.objects.content_types[outcome.target.video_key] == "video/mp4"
    assert len(shop.outputs(request)) == 4


def test_the_engine_is_given_the_submitted_bytes_and_wishes(shop):
    request = shop.order()
    shop.runner.run(shop.message())
    (call,) = shop.engine.calls
    assert call["source"] == b"audio 12.5"
    assert (call["options"].prompt, call["options"].output_format) == ("the piano", OutputFormat.WAV)
    assert request.duration < call["max_seconds"] <= request.duration * 1.01 + 1


def test_the_copy_of_a_url_goes_as_soon_as_nobody_needs_it(shop):
    uploaded, fetched = shop.order(), shop.order()
    world = shop.world
    row = world.row(fetched)
    world.requests.rows[fetched.request_id] = replace(row, source=replace(row.source, url="https://example.com/a.wav"))
    shop.runner.run(shop.message())
    assert uploaded.source.key in world.objects.contents
    shop.runner.run(shop.message())
    assert fetched.source.key not in world.objects.contents


def test_the_caller_can_follow_the_log(shop):
    request = shop.order()
    shop.runner.run(shop.message())
    lines = [line.message for line in shop.world.requests.logs(request.request_id, 10)]
    assert lines == ["Queued.", "Separation started (backend fake).", "Half of it is done."]


def test_a_typed_failure_is_recorded_and_the_worker_lives(shop):
    def find_silence():
        raise MediaSilent("There is nothing to hear.")

    shop.engine.meanwhile = find_silence
    request, message = shop.order(), shop.message()
    shop.runner.run(message)
    assert shop.world.row(request).outcome == Failure("MEDIA_SILENT", "There is nothing to hear.")
    assert shop.world.queue.woken == [message.task_token]


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda world, key: world.objects.put(key, b"audio 99"), "INPUT_CHANGED"),
        (lambda world, key: world.objects.delete(key), "INPUT_MISSING"),
    ],
)
def test_an_input_that_is_not_the_submitted_one_fails_with_its_code(shop, tamper, code):
    request = shop.order()
    tamper(shop.world, request.source.key)
    shop.runner.run(shop.message())
    assert shop.world.row(request).outcome.code == code
    assert shop.engine.calls == []


def test_nothing_stays_on_the_disk(shop):
    shop.order()
    shop.runner.run(shop.message())
    assert not any(folder.exists() for folder in shop.engine.folders)


def test_told_to_stop_it_gives_the_message_back_at_once(shop):
    shop.engine.meanwhile = shop.stop.set
    request = shop.order()
    shop.runner.run(shop.message())
    row = shop.world.row(request)
    assert (row.outcome, row.lease_until, row.crashes) == (None, None, 0)
    assert shop.world.queue.visible == 1
    assert shop.outputs(request) == []
    assert shop.world.queue.woken == []


def test_what_was_given_back_is_taken_up_by_another_worker_without_a_crash(shop):
    shop.engine.meanwhile = shop.stop.set
    request = shop.order()
    shop.runner.run(shop.message())
    shop.stop, shop.engine.meanwhile = type(shop.stop)(), lambda: None
    shop.runner.run(shop.message())
    row = shop.world.row(request)
    assert isinstance(row.outcome, Manifest)
    assert row.crashes == 0


def test_a_job_that_is_done_when_the_stop_comes_is_recorded(shop, monkeypatch):
    upload = shop.world.objects.upload

    def stopped_during_the_upload(*arguments):
        shop.stop.set()
        upload(*arguments)

    monkeypatch.setattr(shop.world.objects, "upload", stopped_during_the_upload)
    request = shop.order()
    shop.runner.run(shop.message())
    assert isinstance(shop.world.row(request).outcome, Manifest)


def no_heartbeat() -> bool:
    return all(thread.name != "heartbeat" for thread in threading.enumerate())


def taken_over(shop, request):
    """The lease runs out and another worker claims the request."""
    shop.world.clock.advance(LEASE)
    shop.other = shop.world.claim(request)


def test_a_job_that_was_taken_over_stops_and_leaves_nothing_behind(shop, until):
    request, message = shop.order(), shop.message()
    runner = shop.runner

    def lose():
        taken_over(shop, request)
        until(no_heartbeat)

    shop.engine.meanwhile = lose
    runner.run(message)
    row = shop.world.row(request)
    assert (row.attempt_id, row.outcome) == (shop.other.attempt_id, None)
    assert shop.outputs(request) == []
    assert shop.world.queue.woken == []


def test_a_job_that_was_taken_over_after_its_upload_removes_its_outputs(shop, monkeypatch):
    request = shop.order()
    record = shop.world.requests.record_outcome

    def too_late(*arguments):
        taken_over(shop, request)
        record(*arguments)

    monkeypatch.setattr(shop.world.requests, "record_outcome", too_late)
    shop.runner.run(shop.message())
    assert shop.world.row(request).outcome is None
    assert shop.outputs(request) == []


def test_the_loser_of_a_claim_leaves_the_message_to_the_winner(shop, monkeypatch):
    """Were it deleted, and the winner died, nobody would ever hear of the request again."""
    request = shop.order()
    message = shop.message()
    record = shop.world.requests.record_outcome

    def too_late(*arguments):
        taken_over(shop, request)
        record(*arguments)

    monkeypatch.setattr(shop.world.requests, "record_outcome", too_late)
    shop.runner.run(message)
    assert shop.world.queue.depth == 1


def test_a_cancelled_request_is_dropped(shop, until):
    request = shop.order()

    def cancel():
        shop.world.app.finish(request.request_id, 1, Failure("CANCELLED", "The request was cancelled."))
        until(no_heartbeat)

    shop.engine.meanwhile = cancel
    shop.runner.run(shop.message())
    assert shop.outputs(request) == []
    shop.world.clock.advance(LEASE)
    shop.runner.run(shop.message())
    assert shop.world.queue.depth == 0
    assert shop.world.row(request).failure.code == "CANCELLED"


def test_a_message_whose_outcome_is_recorded_only_wakes(shop):
    request = shop.order()
    attempt = shop.world.claim(request)
    attempt.record(Failure("MEDIA_SILENT", "…"))
    message = shop.message()
    shop.runner.run(message)
    assert shop.engine.calls == []
    assert shop.world.queue.woken == [message.task_token]
    assert shop.world.queue.depth == 0


def test_a_recorded_message_that_nobody_waits_for_any_more_is_done(shop):
    request = shop.order()
    shop.world.claim(request).record(Failure("MEDIA_SILENT", "…"))
    shop.world.queue.waiting.clear()
    shop.runner.run(shop.message())
    assert shop.world.queue.depth == 0


def test_a_message_of_an_ended_request_is_deleted(shop):
    request = shop.order()
    shop.world.app.finish(request.request_id, 1, Failure("TIMED_OUT", "…"))
    shop.runner.run(shop.message())
    assert (shop.world.queue.depth, shop.engine.calls) == (0, [])


def test_a_message_of_a_request_that_another_worker_has_comes_again_later(shop):
    request = shop.order()
    shop.world.claim(request)
    shop.runner.run(shop.message())
    assert (shop.world.queue.depth, shop.world.queue.visible, shop.engine.calls) == (1, 0, [])


@pytest.mark.parametrize("where", ["separate", "upload", "record"])
def test_a_worker_that_dies_before_the_outcome_leaves_the_message_and_a_lease_that_runs_out(shop, monkeypatch, where):
    def die(*_):
        raise Died

    if where == "separate":
        shop.engine.meanwhile = die
    else:
        target = shop.world.objects if where == "upload" else shop.world.requests
        monkeypatch.setattr(target, "upload" if where == "upload" else "record_outcome", die)
    request = shop.order()
    with pytest.raises(Died):
        shop.runner.run(shop.message())
    monkeypatch.undo()
    row = shop.world.row(request)
    assert (row.status, row.outcome) == (Status.IN_PROGRESS, None)
    assert row.lease_until > shop.world.clock()
    shop.world.clock.advance(LEASE)
    assert shop.world.queue.visible == 1
    shop.world.claim(request)
    assert shop.world.row(request).crashes == 1


def test_a_worker_that_dies_after_the_outcome_leaves_a_message_that_only_wakes(shop, monkeypatch):
    def die(_message):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(shop.world.queue, "wake", die)
        request = shop.order()
        with pytest.raises(Died):
            shop.runner.run(shop.message())
    shop.world.clock.advance(LEASE)
    message = shop.message()
    shop.runner.run(message)
    assert len(shop.engine.calls) == 1
    assert shop.world.queue.woken == [message.task_token]
    assert isinstance(shop.world.row(request).outcome, Manifest)


@pytest.mark.parametrize("where", ["download", "upload"])
def test_an_outage_is_not_the_requests_fault(shop, monkeypatch, where):
    def is_down(*_):
        raise Unavailable("A dependency is busy. Try again.")

    request = shop.order()
    with monkeypatch.context() as patch:
        patch.setattr(shop.world.objects, where, is_down)
        with pytest.raises(Unavailable):
            shop.runner.run(shop.message())
    assert shop.world.row(request).lease_until is None
    shop.world.clock.advance(LEASE)
    shop.runner.run(shop.message())
    row = shop.world.row(request)
    assert isinstance(row.outcome, Manifest)
    assert row.crashes == 0
