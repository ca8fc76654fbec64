"""A function or an execution dies between two steps."""

import pytest

from riata.domain.requests import Status
from tests.recovery.death import Killed
from tests.recovery.service import Service, submission

URL = "https://example.com/song.wav"


@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
def test_a_submit_that_dies_around_the_start_is_started_by_the_reconciler(service: Service, side: str) -> None:
    file = service.upload()
    getattr(service.executions, side)("start")
    with pytest.raises(Killed):
        service.submit(file_id=file.file_id)

    (request,) = service.app.requests.newest("ada", None, 10)

    service.settled(request, Status.COMPLETED)


def test_a_caller_who_repeats_a_submit_that_died_gets_the_same_request(service: Service) -> None:
    file = service.upload()
    wish = submission(file_id=file.file_id, idempotency_key="once", body_hash="body")
    service.executions.kill_before("start")
    with pytest.raises(Killed):
        service.app.submit(service.ada, wish)

    request = service.app.submit(service.ada, wish)

    assert len(service.app.requests.newest("ada", None, 10)) == 1
    service.settled(request, Status.COMPLETED)


@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
@pytest.mark.parametrize("call", ["end", "add_log"])
def test_a_finish_that_dies_ends_the_request_once(service: Service, call: str, side: str) -> None:
    request = service.submit()
    service.machine.run()
    service.work()
    getattr(service.requests, side)(call)

    service.settled(request, Status.COMPLETED)
    assert service.requests.is_spent


def test_an_execution_that_is_gone_after_finish_leaves_the_event_to_the_sweeper(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.work()
    service.notify_dies = 10

    service.settled(request, Status.COMPLETED)
    assert service.notify_dies < 10


def test_executions_that_are_all_lost_are_run_again_and_their_messages_dropped(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.machine.lose()
    service.clock.advance(61)
    service.reconcile({})

    service.work()

    assert service.row(request).status is Status.IN_QUEUE
    assert service.settled(request, Status.COMPLETED).generation == 2


def test_an_outcome_whose_execution_is_lost_is_kept(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.queue.kill_before("wake")
    with pytest.raises(Killed):
        service.work()

    service.machine.lose()

    assert service.settled(request, Status.COMPLETED).generation == 1


@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
@pytest.mark.parametrize("call", ["upload_stream", "open"])
def test_a_fetch_or_probe_that_dies_over_the_bucket_is_done_again(service: Service, call: str, side: str) -> None:
    request = service.submit(url=URL)
    getattr(service.objects, side)(call)

    service.settled(request, Status.COMPLETED)
    assert service.objects.is_spent


@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
@pytest.mark.parametrize("call", ["fetched", "prepare"])
def test_a_fetch_or_probe_whose_answer_is_lost_reserves_once(service: Service, call: str, side: str) -> None:
    request = service.submit(url=URL)
    getattr(service.requests, side)(call)

    service.settled(request, Status.COMPLETED)
    assert service.requests.is_spent


def test_a_probe_beside_a_probe_reserves_the_last_credits_once(service: Service) -> None:
    for _ in range(6):
        service.submit()
    assert service.balance() == 22
    service.submit(url=URL)
    (request, *_others) = service.app.requests.newest("ada", None, 1)
    fetch_only = service.app.fetch_source(request.request_id, 1)
    assert fetch_only
    service.requests.meanwhile_before("prepare", lambda: service.app.prepare_source(request.request_id, 1))

    assert service.app.prepare_source(request.request_id, 1)

    assert service.balance() == 9
    assert not service.row(request).status.is_terminal
