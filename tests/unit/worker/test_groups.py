"""Prompts on one file are taken together; each keeps its own claim, its own end, and nobody waits for a message in vain."""

import threading
from dataclasses import replace

import pytest

from riata.domain.media import MAX_DURATION_SECONDS
from riata.domain.requests import LEASE, Failure, Manifest
from riata.errors import MediaSilent, Unavailable
from riata_separator.worker import intake


class Died(BaseException):
    """The process is gone: nothing catches this."""


@pytest.fixture
def song(shop):
    return shop.world.uploaded(shop.caller)


def outcomes(shop, requests):
    return [shop.world.row(request).outcome for request in requests]


def test_prompts_on_one_file_go_through_it_in_one_pass(shop, song):
    requests = [shop.order(song, prompt=prompt) for prompt in ("the piano", "the drums", "the bass")]
    shop.runner.run(shop.message())
    assert shop.engine.passes == [3]
    assert [call["options"].prompt for call in shop.engine.calls] == ["the piano", "the drums", "the bass"]
    assert all(isinstance(outcome, Manifest) for outcome in outcomes(shop, requests))
    assert shop.world.queue.depth == 0
    assert len(shop.world.queue.woken) == 3


def test_each_has_its_own_attempt_outputs_and_log(shop, song):
    requests = [shop.order(song), shop.order(song)]
    shop.runner.run(shop.message())
    rows = [shop.world.row(request) for request in requests]
    assert len({row.attempt_id for row in rows}) == 2
    for row in rows:
        assert row.outcome.target.key == f"outputs/{row.request_id}/{row.attempt_id}/target.wav"
        lines = [line.message for line in shop.world.requests.logs(row.request_id, 10)]
        assert "Separation started (backend fake, together with 1 more on this file)." in lines


def test_the_file_is_downloaded_once(shop, song, monkeypatch):
    downloads, download = [], shop.world.objects.download
    monkeypatch.setattr(shop.world.objects, "download", lambda *a: downloads.append(a) or download(*a))
    shop.order(song), shop.order(song)
    shop.runner.run(shop.message())
    assert len(downloads) == 1


def test_messages_of_other_files_go_back_at_once_and_untouched(shop, song):
    first, other, second = shop.order(song), shop.order(), shop.order(song)
    seen = []
    shop.engine.meanwhile = lambda: seen.append(shop.world.queue.visible)
    shop.runner.run(shop.message())
    assert (shop.engine.passes, seen) == ([2], [1])
    assert shop.world.row(other) == other
    assert all(isinstance(outcome, Manifest) for outcome in outcomes(shop, [first, second]))


def test_the_queue_is_not_searched_for_a_file_with_one_open_request(shop, monkeypatch):
    shop.order(), shop.order()
    message = shop.message()
    monkeypatch.setattr(shop.world.queue, "receive_many", lambda *_: pytest.fail("every delivery counts"))
    shop.runner.run(message)
    assert shop.engine.passes == [1]


def test_no_more_are_taken_than_the_deployment_says(shop, song):
    shop.most = 2
    for _ in range(3):
        shop.order(song)
    shop.runner.run(shop.message())
    assert (shop.engine.passes, shop.world.queue.visible) == ([2], 1)


def test_together_they_write_no_more_than_the_longest_file_would(shop, song):
    requests = [shop.order(song) for _ in range(3)]
    for request in requests:
        shop.world.requests.rows[request.request_id] = replace(shop.world.row(request), duration=MAX_DURATION_SECONDS / 2)
    shop.runner.run(shop.message())
    assert shop.engine.passes == [2]


@pytest.mark.parametrize("different", [{"max_chunk_duration": 30.0}, {"chunk_overlap": 1.0}])
def test_other_wishes_for_chunks_go_another_way(shop, song, different):
    shop.order(song), shop.order(song, **different)
    shop.runner.run(shop.message())
    assert (shop.engine.passes, shop.world.queue.visible) == ([1], 1)


def test_a_request_that_a_worker_died_over_goes_alone(shop, song):
    suspect, innocent = shop.order(song), shop.order(song)
    shop.world.claim(suspect)
    shop.world.clock.advance(LEASE)
    shop.runner.run(shop.message())
    assert shop.world.row(suspect).crashes == 1
    assert (shop.engine.passes, shop.world.queue.visible) == ([1], 1)
    shop.runner.run(shop.message())
    assert shop.engine.passes == [1, 1]
    assert isinstance(shop.world.row(innocent).outcome, Manifest)


def test_a_suspect_is_not_taken_along_either(shop, song):
    shop.order(song)
    suspect = shop.order(song)
    shop.world.claim(suspect)
    shop.world.clock.advance(LEASE)
    shop.runner.run(shop.message())
    assert shop.engine.passes == [1]
    assert shop.world.row(suspect).crashes == 0


def test_one_that_another_worker_has_stays_with_it(shop, song):
    mine, other = shop.order(song), shop.order(song)
    attempt = shop.world.claim(other)
    shop.runner.run(shop.message())
    assert shop.engine.passes == [1]
    assert shop.world.row(other).attempt_id == attempt.attempt_id
    assert isinstance(shop.world.row(mine).outcome, Manifest)


def heartbeats() -> int:
    return sum(thread.name == "heartbeat" for thread in threading.enumerate())


def test_a_cancelled_prompt_leaves_the_others_alone(shop, song, until):
    gone, kept = shop.order(song), shop.order(song)

    def cancel():
        shop.world.app.finish(gone.request_id, 1, Failure("CANCELLED", "The request was cancelled."))
        until(lambda: heartbeats() == 1)

    shop.engine.meanwhile = cancel
    shop.runner.run(shop.message())
    assert shop.world.row(gone).failure.code == "CANCELLED"
    assert shop.outputs(gone) == []
    assert isinstance(shop.world.row(kept).outcome, Manifest)
    assert len(shop.outputs(kept)) == 2


def test_a_typed_failure_of_the_file_is_recorded_for_each(shop, song):
    def find_silence():
        raise MediaSilent("There is nothing to hear.")

    shop.engine.meanwhile = find_silence
    requests = [shop.order(song), shop.order(song)]
    shop.runner.run(shop.message())
    assert outcomes(shop, requests) == [Failure("MEDIA_SILENT", "There is nothing to hear.")] * 2


def test_an_input_that_is_gone_fails_each_with_its_code(shop, song):
    requests = [shop.order(song), shop.order(song)]
    shop.world.objects.delete(song.object_key)
    shop.runner.run(shop.message())
    assert [outcome.code for outcome in outcomes(shop, requests)] == ["INPUT_MISSING"] * 2


def test_told_to_stop_it_gives_all_messages_back_at_once(shop, song):
    shop.engine.meanwhile = shop.stop.set
    requests = [shop.order(song) for _ in range(3)]
    shop.runner.run(shop.message())
    for row in map(shop.world.row, requests):
        assert (row.outcome, row.lease_until, row.crashes) == (None, None, 0)
        assert shop.outputs(row) == []
    assert shop.world.queue.visible == 3


def test_what_was_given_back_together_is_taken_together_again(shop, song):
    shop.engine.meanwhile = shop.stop.set
    requests = [shop.order(song), shop.order(song)]
    shop.runner.run(shop.message())
    shop.stop, shop.engine.meanwhile = type(shop.stop)(), lambda: None
    shop.runner.run(shop.message())
    assert shop.engine.passes == [2, 2]
    assert all(isinstance(outcome, Manifest) for outcome in outcomes(shop, requests))


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("port", ["upload", "record_outcome", "wake"])
def test_a_worker_that_dies_amid_a_group_loses_none_of_it(shop, song, monkeypatch, port, nth):
    requests, calls = [shop.order(song) for _ in range(3)], []
    owner = {"upload": shop.world.objects, "record_outcome": shop.world.requests, "wake": shop.world.queue}[port]
    method = getattr(owner, port)

    def die_at_last(*arguments):
        calls.append(arguments)
        if len(calls) == nth:
            raise Died
        return method(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, port, die_at_last)
        with pytest.raises(Died):
            shop.runner.run(shop.message())
    done_before = [outcome for outcome in outcomes(shop, requests) if outcome is not None]
    for _ in range(6):
        shop.world.clock.advance(LEASE)
        while shop.world.queue.visible:
            shop.runner.run(shop.message())
    assert shop.world.queue.depth == 0
    assert all(isinstance(outcome, Manifest) for outcome in outcomes(shop, requests))
    assert [outcome for outcome in outcomes(shop, requests) if outcome in done_before] == done_before
    assert len(shop.world.queue.woken) == 3


@pytest.mark.parametrize("where", ["download", "upload"])
def test_an_outage_is_nobodys_fault(shop, song, monkeypatch, where):
    def is_down(*_):
        raise Unavailable("A dependency is busy. Try again.")

    requests = [shop.order(song), shop.order(song)]
    with monkeypatch.context() as patch:
        patch.setattr(shop.world.objects, where, is_down)
        with pytest.raises(Unavailable):
            shop.runner.run(shop.message())
    assert [shop.world.row(request).lease_until for request in requests] == [None, None]
    shop.world.clock.advance(LEASE)
    shop.runner.run(shop.message())
    for row in map(shop.world.row, requests):
        assert isinstance(row.outcome, Manifest)
        assert row.crashes == 0


def test_an_outage_that_hits_one_does_not_undo_the_others(shop, song, monkeypatch):
    requests, upload, failed = [shop.order(song), shop.order(song)], shop.world.objects.upload, []

    def down_once(*arguments):
        if not failed:
            failed.append(arguments)
            raise Unavailable("A dependency is busy. Try again.")
        upload(*arguments)

    monkeypatch.setattr(shop.world.objects, "upload", down_once)
    with pytest.raises(Unavailable):
        shop.runner.run(shop.message())
    first, second = (shop.world.row(request) for request in requests)
    assert (first.outcome, first.lease_until) == (None, None)
    assert isinstance(second.outcome, Manifest)


def test_an_outage_while_looking_for_companions_costs_only_the_company(shop, song, monkeypatch):
    requests = [shop.order(song), shop.order(song)]
    message = shop.message()

    def is_down(*_):
        raise Unavailable("busy")

    monkeypatch.setattr(shop.world.queue, "receive_many", is_down)
    shop.runner.run(message)
    assert isinstance(outcomes(shop, requests)[0], Manifest)


def test_it_looks_on_for_as_long_as_it_finds_companions(shop, song, monkeypatch):
    shop.most = 40
    asked, receive_many = [], shop.world.queue.receive_many
    monkeypatch.setattr(shop.world.queue, "receive_many", lambda most, wait: asked.append((most, wait)) or receive_many(most, wait))
    for _ in range(10):
        shop.order(song)
    message = shop.message()
    asked.clear()
    shop.runner.run(message)
    assert shop.engine.passes == [10]
    assert asked == [(intake.LOOKED_AT, intake.LOOK_SECONDS)] * 3


def test_one_look_in_vain_is_the_last(shop, song, monkeypatch):
    first, *_others = shop.order(song), *(shop.order() for _ in range(intake.LOOKED_AT)), shop.order(song)
    message, deliveries = shop.message(), shop.world.queue._receipts
    shop.runner.run(message)
    assert isinstance(shop.world.row(first).outcome, Manifest)
    assert shop.world.queue._receipts == deliveries + intake.LOOKED_AT
    assert shop.world.queue.visible == intake.LOOKED_AT + 1
