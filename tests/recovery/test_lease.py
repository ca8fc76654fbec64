"""How long a worker holds a request without a sign of life is one parameter of the deployment."""

import time
from datetime import timedelta

import pytest

from riata.ports import WorkMessage
from riata.usecases.work import Attempt, Claimed
from riata_local import environment
from riata_separator.worker import heartbeat
from tests.contract.deployment import template
from tests.recovery.service import Service


class _Visibility:
    """Remembers for how long messages were hidden."""

    def __init__(self) -> None:
        self.extended: list[int] = []

    def extend(self, _message: WorkMessage, seconds: int) -> None:
        self.extended.append(seconds)


def test_the_queue_and_the_workers_take_it_from_the_same_parameter() -> None:
    deployed = template()

    assert deployed["Resources"]["SeparationQueue"]["Properties"]["VisibilityTimeout"] == {"Ref": "LeaseSeconds"}
    assert deployed["Outputs"]["LeaseSeconds"]["Value"] == {"Ref": "LeaseSeconds"}
    assert environment.settings({"LeaseSeconds": "12"}, "", "")["RIATA_LEASE_SECONDS"] == "12"


def test_a_claim_holds_as_long_as_the_deployment_says(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIATA_LEASE_SECONDS", "12")
    request = service.submit()

    claimed = service.app.claim(request.request_id, 1)

    assert isinstance(claimed, Claimed)
    assert claimed.request.lease_until == service.clock() + timedelta(seconds=12)


def test_the_worker_hides_its_message_for_as_long_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    request = service.submit()
    claimed = service.app.claim(request.request_id, 1)
    assert isinstance(claimed, Claimed)
    attempt = Attempt(service.app.requests, service.clock, claimed.request, claimed.attempt_id, timedelta(seconds=1))
    queue, message = _Visibility(), WorkMessage(request.request_id, 1, "token", "receipt")

    with heartbeat.Heartbeat(attempt, queue, message):  # type: ignore[arg-type]
        deadline = time.monotonic() + 10
        while not queue.extended and time.monotonic() < deadline:
            time.sleep(0.05)

    assert queue.extended[0] == 1
