"""A whole Riata in one process that survives its own deaths: the real use cases, functions, worker and DynamoDB adapters.

The tables are moto's, made from ``template.yaml``; the state machine is the deployed definition; clock, bucket, queues and the
outside world are the in-memory fakes.
"""

import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from riata.adapters.delivery_queue import ticket_of
from riata.bootstrap import App
from riata.domain.accounts import ALL_SCOPES, Principal
from riata.domain.deliveries import DeliveryStatus
from riata.domain.files import File
from riata.domain.money import EntryKind
from riata.domain.options import SeparationOptions
from riata.domain.requests import Manifest, Request, Status
from riata.domain.urls import UrlField
from riata.ports import RemoteMedia, WorkMessage
from riata.usecases.dispose import LATECOMERS
from riata.usecases.submit import Submission
from riata_separator.engine import Order, OutputMedia, SeparationResult
from riata_separator.worker import runner
from riata_separator.worker.intake import Intake
from riata_separator.worker.runner import JobRunner
from riata_separator.worker.stopping import StopSignal
from riata_separator.worker.throughput import Throughput
from tests.fakes.clock import ManualClock
from tests.fakes.objects import FakeObjects
from tests.fakes.probe import FakeProbe
from tests.fakes.queue import FakeWorkQueue
from tests.fakes.webhooks import FakeDeliveryQueue, FakeReceiver, FakeSecretBox
from tests.recovery.death import Killed, Mortal
from tests.recovery.state_machine import StateMachine

ROOT = Path(__file__).parents[2]
SECONDS, CREDITS = 12.5, 100
SONG = b"audio 12.5"
ROUNDS = 60
"""Of half a minute each: longer than any recovery takes."""

QUIET_ROUNDS = 4
"""Longer than anything waits before it is looked at again."""


class Queue(FakeWorkQueue):
    """The separation queue; a wake-up reaches the state machine."""

    machine: StateMachine

    def put(self, body: Mapping[str, Any]) -> None:
        """The state machine's message."""
        self.send(body["request_id"], body["generation"])
        self._stored[-1].message = WorkMessage(body["request_id"], body["generation"], body["task_token"], "")

    def wake(self, message: WorkMessage) -> bool:
        return self.machine.wake(message.task_token)


class Internet(FakeReceiver):
    """One receiver of webhooks, and one host whose every URL has the song."""

    def probe(self, url: str, field: UrlField, max_bytes: int) -> RemoteMedia:
        return RemoteMedia(len(SONG), "audio/wav", url)

    @contextmanager
    def open(self, url: str, field: UrlField, **_limits: Any) -> Iterator["Internet"]:
        yield self

    def chunks(self) -> Iterator[bytes]:
        yield SONG


class Service:
    """The running service. Each `Mortal` port can be told to kill whoever calls it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.clock = ManualClock()
        app = self.app = App(clock=self.clock)
        self.requests = app.requests = Mortal(app.requests)
        self.stored = FakeObjects()
        self.objects = app.objects = Mortal(self.stored)
        queue = Queue(self.clock)
        self.queue = app.work_queue = Mortal(queue)
        self.tickets = FakeDeliveryQueue(self.clock)
        app.delivery_queue, app.secret_box, app.media_probe = self.tickets, FakeSecretBox(), FakeProbe()
        self.internet = app.fetch = Internet(self.clock)
        app.secret = b"a secret of tests"
        functions = {name: self._function(name) for name in ("fetch", "probe", "finish", "reconcile", "deadletter")}
        self.finish_again = functions["finish"]
        self.reconcile = functions["reconcile"]
        self.machine = queue.machine = StateMachine({
            "dynamodb:getItem": self._load,
            "FetchFunction": lambda parameters: functions["fetch"](parameters["Payload"]),
            "ProbeFunction": lambda parameters: functions["probe"](parameters["Payload"]),
            "FinishFunction": lambda parameters: functions["finish"](parameters["Payload"]),
            "SeparationQueueUrl": lambda parameters: queue.put(parameters["MessageBody"]),
            "WebhookQueueUrl": lambda parameters: self._notify(parameters["MessageBody"]),
        })  # fmt: skip
        self.executions = app.executions = Mortal(self.machine)
        self.notify_dies = 0
        nothing: Any = _Nothing()
        intake = Intake(app.work_queue, app.claim, app.files, most=4)
        self.runner = JobRunner(
            app.work_queue, app.claim, app.objects, nothing, StopSignal(), intake, Throughput(nothing)
        )
        patch.setattr(runner, "separate_together", self._separate)
        self.while_separating: Callable[[], object] = lambda: None
        self.at_work = set[str]()
        _text, key = app.manage_keys.create_key("ada", ALL_SCOPES, CREDITS)
        self.ada = Principal(key.key_id, key.tenant, key.scopes, key.metered)

    # What callers do.

    def upload(self) -> File:
        """A file whose bytes have arrived."""
        file, _url = self.app.create_file(self.ada, "song.wav", "audio/wav", len(SONG))
        self.stored.put(file.object_key, SONG, "audio/wav")
        return file

    def submit(self, *, url: str | None = None, **more: Any) -> Request:
        """A request for the piano in a song, with a webhook."""
        source = {"audio_url": url} if url else {"file_id": more.pop("file_id", None) or self.upload().file_id}
        return self.app.submit(self.ada, submission(**source, **more))

    # What time brings.

    def work(self) -> None:
        """A worker takes one message, if there is one; it may die over it."""
        message = self.queue.receive(0)
        if message is not None:
            self.runner.run(message)

    def reach_the_worker(self, request: Request) -> None:
        """The state machine goes on until the request's message is in the queue."""
        self.machine.run()

    def recover(self) -> None:
        """Time goes by, half a minute at a time, until nothing has happened for a while: what runs by itself runs, and a dead
        process is replaced.
        """
        quiet = 0
        for _ in range(ROUNDS):
            self.clock.advance(30)
            found = False
            for run in (lambda: any(self.reconcile({}).values()), self.machine.run, self.work, self._deliver):
                try:
                    found = bool(run()) or found
                except Killed:
                    found = True
            quiet = 0 if found or self.queue.depth or self.tickets.tickets else quiet + 1
            if quiet == QUIET_ROUNDS:
                return
        raise AssertionError("something still goes on")

    # What must hold in the end.

    def row(self, request: Request) -> Request:
        """The request as it is stored now."""
        row = self.app.requests.get(request.request_id)
        assert row is not None
        return row

    def balance(self) -> int:
        """What is left of Ada's credits."""
        key = self.app.accounts.get_key(self.ada.key_id)
        assert key is not None
        return key.balance

    def outputs(self, request: Request) -> list[str]:
        """Every output object of every attempt."""
        return self.stored.below(f"outputs/{request.request_id}/")

    def settled(self, request: Request, status: Status, code: str | None = None) -> Request:
        """Recover, then check everything that must hold; returns the ended request."""
        self.recover()
        ended = self.row(request)
        assert (ended.status, ended.failure.code if ended.failure else None) == (status, code)
        self._is_final(ended)
        self._is_billed_once(ended)
        self._is_told_once(ended)
        self._leaves_nothing(ended)
        return ended

    def _is_final(self, ended: Request) -> None:
        for error in ("", "States.Timeout", "States.TaskFailed"):
            self.finish_again({"request_id": ended.request_id, "generation": ended.generation, "error": error})
        self.recover()
        assert self.row(ended) == ended
        assert self.queue.depth == 0

    def _is_billed_once(self, ended: Request) -> None:
        entries = list(self.app.accounts.ledger(self.ada.key_id))
        assert sum(entry.amount for entry in entries) == self.balance()
        kinds = sorted(entry.kind for entry in entries if entry.entry_id.startswith(ended.request_id))
        paid = 13 if ended.status is Status.COMPLETED else 0
        assert ended.billed == paid
        assert self.balance() == CREDITS - paid
        last = EntryKind.SETTLE if paid else EntryKind.RELEASE
        assert kinds == ([] if ended.reserved is None else sorted([EntryKind.RESERVE, last]))

    def _is_told_once(self, ended: Request) -> None:
        delivery = self.app.deliveries.get(ended.request_id)
        assert delivery is not None
        assert delivery.status is DeliveryStatus.DELIVERED
        assert {posted.headers["webhook-id"] for posted in self.internet.posted} == {delivery.delivery_id}
        events = {json.loads(posted.body)["type"] for posted in self.internet.posted}
        assert events == {f"audio.separate.{ended.status.lower()}"}

    def _leaves_nothing(self, ended: Request) -> None:
        if isinstance(ended.outcome, Manifest):
            assert {ended.outcome.target.key, ended.outcome.residual.key} <= set(self.outputs(ended))
        last = ended.delete_after if ended.deleted_at is None else ended.deleted_at + LATECOMERS
        self.clock.now = max(self.clock.now, last + timedelta(seconds=1))
        self.recover()
        assert self.outputs(ended) == []
        assert self.stored.below("fetched/") == []

    # The inside.

    def _load(self, parameters: Mapping[str, Any]) -> Any:
        known = ("ConsistentRead", "ProjectionExpression", "Key")
        client = self.app._table("").client
        return client.get_item(
            TableName=self.app.settings.jobs_table, **{name: parameters[name] for name in known}
        )

    def _notify(self, body: Mapping[str, Any]) -> None:
        if self.notify_dies:
            self.notify_dies -= 1
            raise Killed
        self.tickets.send([ticket_of(json.dumps(body))])

    def _deliver(self) -> None:
        for ticket in self.tickets.take_visible():
            self.app.send_delivery(ticket)

    def _function(self, name: str) -> Callable[[Mapping[str, Any]], Any]:
        module = _module(name)
        module.app = self.app  # type: ignore[attr-defined]
        return lambda event: module.handler(event, None)

    def _separate(
        self, source: Path, orders: Sequence[Order], *_more: Any, **_hooks: Any
    ) -> Iterator[tuple[Order, SeparationResult]]:
        assert source.read_bytes() == SONG
        self.at_work = {order.destination.name for order in orders}
        self.while_separating()
        for order in orders:
            media = []
            for stem in ("target", "residual"):
                path = order.destination / f"{stem}.wav"
                path.write_bytes(stem.encode())
                media.append(OutputMedia(path, "audio/wav", path.name))
            yield order, SeparationResult(SECONDS, 44_100, 2, *media)


class _Nothing:
    """The separator that `Service` puts its own engine in place of."""

    name = "fake"


def submission(**values: Any) -> Submission:
    """What a caller submits who wants the piano, and to be told."""
    return Submission(
        SeparationOptions(prompt="the piano"), "https://api.riata.test", webhook_url="https://hooks.example.com/", **values
    )


def _module(name: str) -> ModuleType:
    path = ROOT / "functions" / name / "handler.py"
    spec = importlib.util.spec_from_file_location(f"recovering_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
