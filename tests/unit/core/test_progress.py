"""What a caller sees of a request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from riata.domain.requests import Failure, LogLine
from riata.errors import NotFound, RequestFailed, RequestNotCompleted, ResultExpired
from tests.fakes.world import BASE_URL, manifest_of


def token_of(url: str) -> str:
    return url.removeprefix(f"{BASE_URL}/v1/media/")


def test_the_position_in_the_queue_counts_those_before(world, ada, bob):
    first = world.submit(ada)
    world.clock.advance(1)
    second = world.submit(bob)
    assert world.app.read_status(ada, first.request_id, False).queue_position == 1
    assert world.app.read_status(bob, second.request_id, False).queue_position == 2
    world.claim(first)
    assert world.app.read_status(bob, second.request_id, False).queue_position == 1
    assert world.app.read_status(ada, first.request_id, False).queue_position is None


def test_logs_are_shown_when_asked_for_and_only_the_newest_two_hundred(world, ada):
    request = world.submit(ada)
    for number in range(250):
        world.clock.advance(1)
        world.requests.add_log(request.request_id, LogLine(world.clock(), f"line {number}"), request.delete_after)
    assert world.app.read_status(ada, request.request_id, False).logs is None
    logs = world.app.read_status(ada, request.request_id, True).logs
    assert [logs[0].message, logs[-1].message, len(logs)] == ["line 50", "line 249", 200]


def test_somebody_elses_request_does_not_exist(world, ada, bob):
    request = world.completed(ada)
    with pytest.raises(NotFound):
        world.app.read_status(bob, request.request_id, False)
    with pytest.raises(NotFound):
        world.app.read_result(bob, request.request_id)


def test_a_result_before_completion_is_a_conflict(world, ada):
    request = world.submit(ada)
    for step in (lambda: None, lambda: world.claim(request)):
        step()
        with pytest.raises(RequestNotCompleted) as refused:
            world.app.read_result(ada, request.request_id)
        assert (refused.value.status, refused.value.code) == (409, "REQUEST_NOT_COMPLETED")


def test_a_recorded_outcome_is_no_result_until_the_request_has_ended(world, ada):
    request = world.submit(ada)
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    with pytest.raises(RequestNotCompleted):
        world.app.read_result(ada, request.request_id)


def test_the_result_of_a_failed_request_is_its_own_error(world, ada):
    request = world.submit(ada)
    world.app.finish(request.request_id, 1, Failure("MEDIA_SILENT", "There is nothing to hear."))
    with pytest.raises(RequestFailed) as refused:
        world.app.read_result(ada, request.request_id)
    assert (refused.value.status, refused.value.code, refused.value.message) == (
        409, "MEDIA_SILENT", "There is nothing to hear.",
    )  # fmt: skip


def test_each_output_has_a_url_that_leads_to_its_object(world, ada):
    request = world.completed(ada)
    result = world.app.read_result(ada, request.request_id)
    assert set(result.urls) == {"target", "residual"}
    for name, url in result.urls.items():
        location = world.app.open_media(token_of(url))
        assert getattr(result.manifest, name).key in location
        assert f"name={name}.wav" in location
        assert "type=audio/wav" in location


def test_video_outputs_have_urls_of_their_own(world, ada):
    request = world.completed(ada, video=True)
    result = world.app.read_result(ada, request.request_id)
    assert set(result.urls) == {"target", "residual", "target_video", "residual_video"}
    location = world.app.open_media(token_of(result.urls["residual_video"]))
    assert result.manifest.residual.video_key in location
    assert "name=residual.mp4&type=video/mp4" in location


def test_a_media_url_lives_as_long_as_the_output_and_no_longer(world, ada):
    request = world.completed(ada)
    url = world.app.read_result(ada, request.request_id).urls["target"]
    world.clock.advance(timedelta(hours=72) - timedelta(seconds=10))
    assert "expires=10" in world.app.open_media(token_of(url))
    world.clock.advance(10)
    with pytest.raises(ResultExpired) as gone:
        world.app.open_media(token_of(url))
    assert gone.value.status == 410
    with pytest.raises(ResultExpired):
        world.app.read_result(ada, request.request_id)


def test_a_presigned_url_is_short_lived_and_fresh_each_time(world, ada):
    url = world.app.read_result(ada, world.completed(ada).request_id).urls["target"]
    assert "expires=3600" in world.app.open_media(token_of(url))


@pytest.mark.parametrize("token", ["", "x", "a.b", "é.ü"])
def test_a_token_that_is_not_ours_is_not_found(world, token):
    with pytest.raises(NotFound):
        world.app.open_media(token)


def test_the_media_of_a_request_that_is_gone_has_expired(world, ada):
    request = world.completed(ada)
    url = world.app.read_result(ada, request.request_id).urls["target"]
    del world.requests.rows[request.request_id]
    with pytest.raises(ResultExpired):
        world.app.open_media(token_of(url))


def test_urls_carry_the_address_the_request_was_submitted_to(world, ada):
    request = world.completed(ada)
    moved = replace(request, base_url="https://old.riata.test")
    world.requests.rows[request.request_id] = moved
    urls = world.app.read_result(ada, request.request_id).urls
    assert urls["target"].startswith("https://old.riata.test/v1/media/")
