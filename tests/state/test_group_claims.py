"""Workers that take prompts on one file together, and die anywhere, any number of times: nothing is lost, nothing is done twice."""

import contextlib
import itertools
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riata.domain.requests import LEASE, MAX_CRASHES, Failure, Manifest
from riata.errors import Cancelled
from riata_separator.engine import OutputMedia, SeparationResult
from riata_separator.worker import runner
from riata_separator.worker.intake import Intake
from riata_separator.worker.runner import JobRunner
from riata_separator.worker.stopping import StopSignal
from riata_separator.worker.throughput import Throughput
from tests.fakes.world import World, submission_of

CALLS = [
    ("queue", "receive_many"), ("queue", "extend"), ("queue", "wake"), ("queue", "delete"),
    ("requests", "claim"), ("requests", "give_back"), ("requests", "record_outcome"), ("requests", "add_log"),
    ("objects", "download"), ("objects", "upload"), ("objects", "delete_prefix"),
]  # fmt: skip
EVENTS = st.one_of(
    st.tuples(st.just("die"), st.sampled_from(CALLS), st.integers(1, 5), st.booleans()),
    st.tuples(st.just("stop"), st.integers(1, 6)),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
    st.tuples(st.just("work")),
)


class Died(BaseException):
    """The process is gone."""


class Death:
    """Stands before a port; ``what`` happens before or after its nth call of a name."""

    def __init__(self, port: Any, call: str, nth: int, after: bool) -> None:
        self._port, self._call, self._after = port, call, after
        self._left = itertools.count(nth, -1)

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._port, name)
        if name != self._call:
            return member

        def call(*arguments: Any, **named: Any) -> Any:
            is_due = next(self._left) == 1
            if is_due and not self._after:
                raise Died
            result = member(*arguments, **named)
            if is_due:
                raise Died
            return result

        return call


class Office:
    """Four requests, three of them on one file, and one worker after the other."""

    def __init__(self) -> None:
        self.world = World()
        self.caller = self.world.key("ada", credits=100)[1]
        song, other = self.world.uploaded(self.caller), self.world.uploaded(self.caller)
        submissions = [submission_of(file.file_id) for file in (song, song, other, song)]
        self.requests = [self.world.app.submit(self.caller, submission) for submission in submissions]
        for request in self.requests:
            self.world.queue.send(request.request_id)
        self.stop_after = -1

    def work(self, ports: dict[str, Any] | None = None) -> None:
        """A worker takes one message, with what goes along; it may die over it."""
        world, stop = self.world, StopSignal()
        found = {"queue": world.queue, "requests": world.requests, "objects": world.objects, **(ports or {})}
        world.app.requests = found["requests"]
        claim = world.app.claim
        backend: Any = type("Backend", (), {"name": "fake"})()
        intake = Intake(found["queue"], claim, world.files, most=4)
        worker = JobRunner(found["queue"], claim, found["objects"], backend, stop, intake, Throughput(backend))

        def separate(source: Path, orders: Any, *_more: Any, **_named: Any) -> Any:
            for number, order in enumerate(orders, 1):
                if number == self.stop_after:
                    stop.set()
                media = []
                for stem in ("target", "residual"):
                    path = order.destination / f"{stem}.wav"
                    path.write_bytes(b"sound")
                    media.append(OutputMedia(path, "audio/wav", path.name))
                if order.cancelled():
                    yield order, Cancelled("…")
                else:
                    yield order, SeparationResult(12.5, 44_100, 2, *media)

        runner.separate_together, usual = separate, runner.separate_together  # type: ignore[assignment]
        try:
            message = found["queue"].receive(0)
            if message is not None:
                with contextlib.suppress(Died):
                    worker.run(message)
        finally:
            runner.separate_together = usual
            world.app.requests = world.requests

    def wake_up(self) -> None:
        """The state machine finishes what it was woken for."""
        for row in list(self.world.requests.rows.values()):
            if row.outcome is not None and not row.status.is_terminal:
                self.world.app.finish(row.request_id, row.generation)

    def happen(self, event: tuple[Any, ...]) -> None:
        match event:
            case ("die", (port, call), nth, after):
                self.work({port: Death(getattr(self.world, port), call, nth, after)})
            case ("stop", nth):
                self.stop_after = nth
                self.work()
                self.stop_after = -1
            case ("cancel", which):
                row = self.world.row(self.requests[which])
                if row.outcome is None and not row.status.is_terminal:
                    self.world.app.finish(row.request_id, row.generation, Failure("CANCELLED", "…"))
            case _:
                self.work()

    def settle(self) -> None:
        for _ in range(4 * MAX_CRASHES * len(self.requests)):
            self.world.clock.advance(LEASE)
            while self.world.queue.visible:
                self.work()
        self.wake_up()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.lists(EVENTS, max_size=8))
def test_whatever_happens_to_workers_each_request_ends_once_and_by_itself(events: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir, usual = folder, tempfile.tempdir
        try:
            office = Office()
            outcomes: dict[str, Any] = {}
            for event in events:
                office.happen(event)
                for row in office.world.requests.rows.values():
                    if row.outcome is not None:
                        assert outcomes.setdefault(row.request_id, row.outcome) == row.outcome
            office.settle()
        finally:
            tempfile.tempdir = usual
    assert office.world.queue.depth == 0
    deaths = sum(event[0] == "die" for event in events)
    for row in office.world.requests.rows.values():
        assert row.status.is_terminal
        assert row.crashes <= min(deaths, MAX_CRASHES)
        kept = set(office.world.objects.below(f"outputs/{row.request_id}/"))
        if isinstance(row.outcome, Manifest):
            assert {row.outcome.target.key, row.outcome.residual.key} <= kept
            assert row.outcome.target.key.startswith(row.output_prefix(row.attempt_id or ""))
        elif row.outcome is not None:
            assert row.crashes == MAX_CRASHES
        else:
            assert row.failure == Failure("CANCELLED", "…")
    entries = list(office.world.accounts.ledger(office.caller.key_id))
    assert office.world.balance(office.caller) == sum(entry.amount for entry in entries)
    assert len(entries) == 1 + 2 * len(office.requests)
