"""Two who mean to end the same request: one does, and the other finds out."""

import pytest

from riata.domain.money import EntryKind, LedgerEntry
from riata.domain.requests import Status
from riata.errors import InsufficientCredits, RequestAlreadyEnded
from tests.recovery.death import Killed
from tests.recovery.service import Service, submission

URL = "https://example.com/song.wav"


def _cancel(service: Service, request_id: str) -> None:
    service.app.cancel(service.ada, request_id)


def test_a_cancel_that_comes_between_outputs_and_outcome_wins(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.requests.meanwhile_before("record_outcome", lambda: _cancel(service, request.request_id))

    service.work()

    service.settled(request, Status.FAILED, "CANCELLED")


def test_an_outcome_that_comes_before_the_cancel_s_write_wins(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.requests.meanwhile_before("end", service.work)

    with pytest.raises(RequestAlreadyEnded):
        _cancel(service, request.request_id)

    service.settled(request, Status.COMPLETED)


def test_a_cancel_that_dies_before_it_stops_the_execution_is_kept(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.executions.kill_before("stop")
    with pytest.raises(Killed):
        _cancel(service, request.request_id)

    service.settled(request, Status.FAILED, "CANCELLED")


def test_a_cancel_while_the_probe_reserves_gives_the_reservation_back(service: Service) -> None:
    request = service.submit(url=URL)
    assert service.app.fetch_source(request.request_id, 1)
    service.requests.meanwhile_before("end", lambda: service.app.prepare_source(request.request_id, 1))

    _cancel(service, request.request_id)

    service.settled(request, Status.FAILED, "CANCELLED")


def test_a_probe_after_a_cancel_reserves_nothing(service: Service) -> None:
    request = service.submit(url=URL)
    assert service.app.fetch_source(request.request_id, 1)
    service.requests.meanwhile_before("prepare", lambda: _cancel(service, request.request_id))

    service.app.prepare_source(request.request_id, 1)

    service.settled(request, Status.FAILED, "CANCELLED")


def test_a_delete_during_processing_ends_the_request_and_leaves_no_media(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.while_separating = lambda: service.app.delete_request(service.ada, request.request_id)

    service.work()

    assert service.outputs(request) == []
    service.settled(request, Status.FAILED, "CANCELLED")


def test_a_worker_that_dies_after_its_request_was_deleted_leaves_no_media(service: Service) -> None:
    request = service.submit()
    service.machine.run()
    service.while_separating = lambda: service.app.delete_request(service.ada, request.request_id)
    service.requests.kill_before("record_outcome")

    with pytest.raises(Killed):
        service.work()

    service.settled(request, Status.FAILED, "CANCELLED")


def test_a_fetch_that_ends_after_its_request_was_deleted_leaves_no_copy(service: Service) -> None:
    request = service.submit(url=URL)
    service.objects.meanwhile_before(
        "upload_stream", lambda: service.app.delete_request(service.ada, request.request_id)
    )

    assert not service.app.fetch_source(request.request_id, 1)

    service.settled(request, Status.FAILED, "CANCELLED")


def test_of_two_submits_with_one_key_and_credits_for_one_both_get_the_first(service: Service) -> None:
    for _ in range(7):
        first_file = service.submit().source.file_id
    assert service.balance() == 9
    service.app.accounts.credit(_credit(service, 4))
    wish = submission(file_id=first_file, idempotency_key="once", body_hash="body")
    answered = []
    service.requests.meanwhile_before("submit", lambda: answered.append(service.app.submit(service.ada, wish)))

    second = service.app.submit(service.ada, wish)

    assert second.request_id == answered[0].request_id
    assert service.balance() == 0
    with pytest.raises(InsufficientCredits):
        service.app.submit(service.ada, submission(file_id=first_file))


def _credit(service: Service, seconds: int) -> LedgerEntry:
    return LedgerEntry(service.ada.key_id, "credit#more", EntryKind.CREDIT, seconds, service.clock())
