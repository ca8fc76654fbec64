"""From the submit that names a webhook to what status, result and deliveries show of it."""

import pytest

from riata.api.native import views
from riata.domain.accounts import Principal
from riata.domain.deliveries import DeliveryStatus, Ticket
from riata.domain.requests import Request
from riata.domain.urls import UrlField
from riata.domain.webhook_secret import signing_key
from riata.errors import DeliveryUnderWay, InvalidRequest, InvalidWebhookUrl, NotFound
from riata.usecases.progress import Snapshot
from tests.fakes.world import World, manifest_of, submission_of

URL = "https://hooks.example.com/riata"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ada(world: World) -> Principal:
    return world.key("ada")[1]


def submitted(world: World, caller: Principal, secret: str | None = None, **changes: str) -> Request:
    file = world.uploaded(caller)
    return world.app.submit(caller, submission_of(file.file_id, webhook_url=URL, webhook_secret=secret, **changes))


def completed(world: World, request: Request) -> None:
    attempt = world.claim(request)
    attempt.record(manifest_of(attempt))
    world.app.finish(request.request_id, request.generation)


def test_a_generated_secret_is_in_the_answer_and_stored_only_sealed(world: World, ada: Principal) -> None:
    request = submitted(world, ada)

    secret = world.app.reveal_secret(request)

    assert secret is not None
    assert len(signing_key(secret)) == 32
    assert views.queued(request, secret)["webhook"] == {"url": URL, "signing_secret": secret}
    assert request.webhook is not None
    assert request.webhook.sealed_secret != secret


def test_the_callers_own_secret_is_never_shown(world: World, ada: Principal) -> None:
    request = submitted(world, ada, "sixteen letters…")

    assert world.app.reveal_secret(request) is None
    assert views.queued(request, None)["webhook"] == {"url": URL}


def test_a_repeated_submit_gives_the_same_secret_again(world: World, ada: Principal) -> None:
    file = world.uploaded(ada)
    submission = submission_of(file.file_id, webhook_url=URL, idempotency_key="once")

    secrets = {world.app.reveal_secret(world.app.submit(ada, submission)) for _ in range(2)}

    assert len(secrets) == 1


def test_a_webhook_url_that_is_not_public_is_refused_before_anything_is_queued(
    world: World, ada: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str, field: UrlField) -> None:
        raise field.refusal("its address is not public")

    monkeypatch.setattr(world.receiver, "check", refuse)

    with pytest.raises(InvalidWebhookUrl) as refused:
        submitted(world, ada)

    assert refused.value.param == "webhookUrl"
    assert world.requests.rows == {}


def test_a_secret_that_claims_to_be_base64_and_is_not_is_refused(world: World, ada: Principal) -> None:
    with pytest.raises(InvalidRequest) as refused:
        submitted(world, ada, "whsec_this is not base64")

    assert refused.value.param == "webhookSecret"
    assert "base64" in refused.value.message


def test_status_shows_a_pending_delivery_until_the_request_ends(world: World, ada: Principal) -> None:
    request = submitted(world, ada)

    shown = views.status_view(world.app.read_status(ada, request.request_id, False))

    assert shown["webhook"] == {"delivery_status": "pending", "attempts": 0, "delivered_at": None, "last_error": None}


def test_status_and_result_show_how_far_the_delivery_is(world: World, ada: Principal) -> None:
    request = submitted(world, ada)
    completed(world, request)
    seen = world.deliveries.rows[request.request_id]
    world.deliveries.rows[request.request_id] = seen.begun(world.clock()).acknowledged(world.clock())

    status = views.status_view(world.app.read_status(ada, request.request_id, False))
    result = views.result_view(world.app.read_result(ada, request.request_id))

    assert status["webhook"] == result["webhook"]
    assert (status["webhook"]["delivery_status"], status["webhook"]["attempts"]) == ("delivered", 1)
    assert status["webhook"]["delivered_at"] == "2026-04-25T08:00:00.000Z"


def test_a_request_without_a_webhook_shows_none(world: World, ada: Principal) -> None:
    request = world.submit(ada)

    assert "webhook" not in views.queued(request)
    assert "webhook" not in views.status_view(world.app.read_status(ada, request.request_id, False))


def test_an_ended_request_of_a_list_says_nothing_rather_than_something_old(world: World, ada: Principal) -> None:
    request = submitted(world, ada)
    completed(world, request)

    assert "webhook" not in views.status_view(Snapshot(world.row(request), None, None))


def test_there_is_no_delivery_before_the_end_and_one_after(world: World, ada: Principal) -> None:
    request = submitted(world, ada)
    assert world.app.read_deliveries(ada, request.request_id) is None

    completed(world, request)

    found = world.app.read_deliveries(ada, request.request_id)
    assert found is not None
    assert (found[0].url, found[0].status, found[1]) == (URL, DeliveryStatus.PENDING, [])


def test_cancelling_hurries_the_event(world: World, ada: Principal) -> None:
    request = submitted(world, ada)

    world.app.cancel(ada, request.request_id)

    assert world.delivery_queue.take_visible() == [Ticket(request.request_id)]
    assert world.deliveries.rows[request.request_id].next_attempt_at == world.clock()


def test_a_replay_makes_a_delivery_due_at_once_with_its_own_id(world: World, ada: Principal) -> None:
    request = submitted(world, ada)
    completed(world, request)
    seen = world.deliveries.rows[request.request_id]
    failed = seen.begun(world.clock()).refused("no", None)
    world.deliveries.rows[request.request_id] = failed
    world.clock.advance(60)

    replayed = world.app.replay_delivery(ada, request.request_id, seen.delivery_id)

    assert (replayed.delivery_id, replayed.status, replayed.attempts_in_round) == (seen.delivery_id, DeliveryStatus.PENDING, 0)
    assert world.delivery_queue.take_visible() == [Ticket(request.request_id, world.clock())]


def test_a_delivery_cannot_be_replayed_while_it_is_being_sent_but_when_its_sender_is_dead(world: World, ada: Principal) -> None:
    request = submitted(world, ada)
    completed(world, request)
    sending = world.deliveries.rows[request.request_id].begun(world.clock())
    world.deliveries.rows[request.request_id] = sending

    with pytest.raises(DeliveryUnderWay):
        world.app.replay_delivery(ada, request.request_id, sending.delivery_id)
    world.clock.advance(60)
    assert world.app.replay_delivery(ada, request.request_id, sending.delivery_id).next_attempt_at == world.clock()


def test_deliveries_of_others_and_unknown_ones_do_not_exist(world: World, ada: Principal) -> None:
    request = submitted(world, ada)
    completed(world, request)
    _, bob = world.key("bob")

    with pytest.raises(NotFound):
        world.app.read_deliveries(bob, request.request_id)
    with pytest.raises(NotFound):
        world.app.replay_delivery(bob, request.request_id, world.deliveries.rows[request.request_id].delivery_id)
    with pytest.raises(NotFound):
        world.app.replay_delivery(ada, request.request_id, "msg_other")
