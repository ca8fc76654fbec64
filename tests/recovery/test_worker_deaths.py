"""A worker dies: the message comes back, another attempt claims the row, and only the fence decides whose outputs count."""

import pytest

from riata.domain.requests import MAX_CRASHES, Status
from tests.recovery.death import Killed
from tests.recovery.service import Service


def _worker_dies(service: Service) -> None:
    with pytest.raises(Killed):
        service.work()


@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
@pytest.mark.parametrize(
    ("port", "call"),
    [
        ("requests", "claim"),
        ("objects", "download"),
        ("objects", "upload"),
        ("requests", "record_outcome"),
        ("queue", "wake"),
        ("queue", "delete"),
    ],
)
def test_a_worker_that_dies_costs_nothing_but_time(service: Service, port: str, call: str, side: str) -> None:
    request = service.submit()
    service.machine.run()
    getattr(getattr(service, port), side)(call)

    _worker_dies(service)

    service.settled(request, Status.COMPLETED)


def test_outputs_of_an_attempt_that_died_before_its_outcome_are_not_the_result(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.requests.kill_before("record_outcome")
    _worker_dies(service)
    lost = service.row(request).attempt_id
    assert len(service.outputs(request)) == 2

    ended = service.settled(request, Status.COMPLETED)

    assert lost is not None
    assert ended.attempt_id != lost
    assert lost not in ended.outcome.target.key  # type: ignore[union-attr]


def test_a_recorded_outcome_is_only_told_again(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.requests.kill_after("record_outcome")
    _worker_dies(service)
    attempt = service.row(request).attempt_id

    ended = service.settled(request, Status.COMPLETED)

    assert (ended.attempt_id, ended.crashes) == (attempt, 0)


def test_a_request_that_kills_every_worker_fails_once_and_costs_nothing(service: Service) -> None:
    request = service.submit()
    deaths = 0

    def die() -> None:
        nonlocal deaths
        deaths += 1
        raise Killed

    service.while_separating = die

    service.settled(request, Status.FAILED, "MODEL_FAILED")
    assert deaths == MAX_CRASHES


def test_a_worker_that_was_believed_dead_leaves_no_outputs_behind(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    inner = service.while_separating

    def stall() -> None:
        """The first worker sleeps past its lease; another takes over and finishes."""
        service.while_separating = inner
        service.clock.advance(91)
        service.work()

    service.while_separating = stall
    service.work()

    ended = service.settled(request, Status.COMPLETED)
    assert ended.crashes == 1


def test_an_object_that_is_swapped_after_probing_is_refused(service: Service) -> None:
    file = service.upload()
    request = service.submit(file_id=file.file_id)
    service.stored.put(file.object_key, b"audio 7200", "audio/wav")

    service.settled(request, Status.FAILED, "INPUT_CHANGED")
