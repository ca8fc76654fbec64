import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from riata.domain.accounts import Principal
from riata.domain.files import File
from riata.domain.requests import Request
from riata.errors import Cancelled, SeparationFailed
from riata.ports import WorkMessage
from riata_separator.engine import OutputMedia, SeparationResult
from riata_separator.worker import heartbeat, runner
from riata_separator.worker.intake import Intake
from riata_separator.worker.stopping import StopSignal
from riata_separator.worker.throughput import Throughput
from tests.fakes.world import World, submission_of


class NamedSeparator:
    """All that a worker asks of a backend."""

    name = "fake"


@dataclass
class FakeEngine:
    """Stands in for `separate_together`: does ``meanwhile`` in the middle of its work, then writes its outputs.

    ``passes`` says how many orders each pass had.
    """

    meanwhile: Callable[[], None] = lambda: None
    video: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    passes: list[int] = field(default_factory=list)

    def __call__(self, source, orders, separator, *, max_seconds, threaded):
        self.passes.append(len(orders))
        self.folders.append(source.parent)
        for order in orders:
            self.calls.append({"source": source.read_bytes(), "options": order.options, "max_seconds": max_seconds})
            order.progress(0.5)
            order.log("Half of it is done.")
        failure = None
        try:
            self.meanwhile()
        except SeparationFailed as raised:
            failure = raised
        for order in orders:
            yield order, failure or self._outcome(order, separator)

    def _outcome(self, order, separator):
        if order.cancelled():
            return Cancelled("The request was cancelled.")
        outputs = [self._write(order.destination, stem) for stem in ("target", "residual")]
        return SeparationResult(12.5, 44_100, 2, *outputs, {"backend": separator.name})

    def _write(self, destination: Path, stem: str) -> OutputMedia:
        path, video = destination / f"{stem}.wav", destination / f"{stem}.mp4"
        path.write_bytes(stem.encode())
        if self.video:
            video.write_bytes(b"picture")
        return OutputMedia(path, "audio/wav", path.name, video if self.video else None)


@dataclass
class Shop:
    """One worker and the world it works in."""

    world: World
    engine: FakeEngine
    stop: StopSignal
    caller: Principal
    most: int = 4

    @property
    def runner(self) -> runner.JobRunner:
        world, separator = self.world, NamedSeparator()
        intake = Intake(world.queue, world.app.claim, world.files, self.most)
        return runner.JobRunner(
            world.queue, world.app.claim, world.objects, separator, self.stop, intake, Throughput(separator)
        )

    def order(self, file: File | None = None, **options: Any) -> Request:
        """A request whose message is in the queue."""
        file = file or self.world.uploaded(self.caller)
        submission = submission_of(file.file_id)
        wishes = replace(submission.options, **options)
        request = self.world.app.submit(self.caller, replace(submission, options=wishes))
        self.world.queue.send(request.request_id, request.generation)
        return request

    def message(self) -> WorkMessage:
        message = self.world.queue.receive(0)
        assert message is not None
        return message

    def outputs(self, request: Request) -> list[str]:
        return self.world.objects.below(f"outputs/{request.request_id}/")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    world, engine = World(), FakeEngine()
    monkeypatch.setattr(runner, "separate_together", engine)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.002)
    return Shop(world, engine, StopSignal(), world.key("ada")[1])


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for what another thread does."""

    def wait(condition: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(2000):
            if condition():
                return
            pause.wait(0.002)
        raise AssertionError("it never happened")

    return wait
