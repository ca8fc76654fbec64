"""A worker dies over several prompts on one file: each of them comes to its own end, is paid once and told once."""

import pytest

from riata.domain.deliveries import DeliveryStatus
from riata.domain.requests import Manifest, Request, Status
from tests.recovery.death import Killed, Mortal
from tests.recovery.service import CREDITS, Service

STEMS, PRICE = 3, 13


def _three_stems(service: Service) -> list[Request]:
    """Requests on one file whose messages wait in the queue."""
    file = service.upload()
    requests = [service.submit(file_id=file.file_id) for _ in range(STEMS)]
    service.machine.run()
    return requests


def _at_the_nth(port: Mortal, call: str, side: str, nth: int) -> None:
    """Die at the nth call."""

    def again() -> None:
        _at_the_nth(port, call, side, nth - 1)

    if nth == 1:
        getattr(port, side)(call)
    else:
        port.meanwhile_before(call, again)


def _settled(service: Service, requests: list[Request]) -> None:
    service.recover()
    rows = [service.row(request) for request in requests]
    assert [row.status for row in rows] == [Status.COMPLETED] * STEMS
    assert service.balance() == CREDITS - STEMS * PRICE
    assert service.queue.depth == 0
    for row in rows:
        assert isinstance(row.outcome, Manifest)
        assert row.outcome.target.key.startswith(row.output_prefix(row.attempt_id or ""))
        assert {row.outcome.target.key, row.outcome.residual.key} <= set(service.outputs(row))
        delivery = service.app.deliveries.get(row.request_id)
        assert delivery is not None
        assert delivery.status is DeliveryStatus.DELIVERED
    assert len({posted.headers["webhook-id"] for posted in service.internet.posted}) == STEMS


def test_all_stems_of_a_file_are_made_in_one_pass(service: Service) -> None:
    requests = _three_stems(service)
    passes = []
    service.while_separating = lambda: passes.append(1)

    service.work()

    assert passes == [1]
    _settled(service, requests)


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
@pytest.mark.parametrize(
    ("port", "call"),
    [
        ("requests", "claim"),
        ("requests", "record_outcome"),
        ("objects", "upload"),
        ("queue", "wake"),
        ("queue", "delete"),
    ],
)
def test_a_worker_that_dies_amid_a_group_costs_nothing_but_time(
    service: Service, port: str, call: str, side: str, nth: int
) -> None:
    requests = _three_stems(service)
    _at_the_nth(getattr(service, port), call, side, nth)

    with pytest.raises(Killed):
        service.work()

    _settled(service, requests)


@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
@pytest.mark.parametrize("call", ["receive_many", "extend"])
def test_a_worker_that_dies_while_it_looks_for_company_costs_nothing_but_time(
    service: Service, call: str, side: str
) -> None:
    requests = _three_stems(service)
    stranger = service.submit()
    service.machine.run()
    getattr(service.queue, side)(call)

    with pytest.raises(Killed):
        service.work()

    service.recover()
    rows = [service.row(request) for request in [*requests, stranger]]
    assert [row.status for row in rows] == [Status.COMPLETED] * (STEMS + 1)
    assert service.balance() == CREDITS - (STEMS + 1) * PRICE


def test_one_that_is_cancelled_meanwhile_costs_nothing_and_the_others_are_made(service: Service) -> None:
    gone, *kept = _three_stems(service)
    service.while_separating = lambda: service.app.cancel(service.ada, gone.request_id)

    service.work()

    service.recover()
    assert [service.row(request).status for request in kept] == [Status.COMPLETED] * 2
    assert service.row(gone).status is Status.FAILED
    assert service.outputs(gone) == []
    assert service.balance() == CREDITS - 2 * PRICE


def test_a_prompt_that_kills_its_workers_takes_no_other_down_with_it(service: Service) -> None:
    """They die together once; from then on each goes alone."""
    requests = _three_stems(service)
    deaths = []

    def die_over_the_deadly_one() -> None:
        if requests[1].request_id in service.at_work:
            deaths.append(len(service.at_work))
            raise Killed

    service.while_separating = die_over_the_deadly_one

    service.recover()

    assert [service.row(request).status for request in requests] == [Status.COMPLETED, Status.FAILED, Status.COMPLETED]
    assert service.row(requests[1]).failure.code == "MODEL_FAILED"  # type: ignore[union-attr]
    assert deaths == [3, 1, 1]
    assert service.balance() == CREDITS - 2 * PRICE
