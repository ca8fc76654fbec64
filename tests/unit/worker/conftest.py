import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from riata.domain.accounts import Principal
from riata.domain.requests import Request
from riata.errors import Cancelled
from riata.ports import WorkMessage
from riata_separator.engine import OutputMedia, SeparationResult
from riata_separator.worker import heartbeat, job
from riata_separator.worker.stopping import StopSignal
from tests.fakes.world import World


class NamedSeparator:
    """All that a worker asks of a backend."""

    name = "fake"


@dataclass
class FakeEngine:
    """Stands in for `separate_file`: does ``meanwhile`` in the middle of its work, then writes its outputs."""

    meanwhile: Callable[[], None] = lambda: None
    video: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)

    def __call__(self, source, destination, options, separator, *, progress, log, cancelled, max_seconds):
        self.calls.append({"source": source.read_bytes(), "options": options, "max_seconds": max_seconds})
        self.folders.append(source.parent)
        progress(0.5)
        log("Half of it is done.")
        self.meanwhile()
        if cancelled():
            raise Cancelled("The request was cancelled.")
        outputs = [self._write(destination, stem) for stem in ("target", "residual")]
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

    @property
    def runner(self) -> job.JobRunner:
        return job.JobRunner(self.world.queue, self.world.app.claim, self.world.objects, NamedSeparator(), self.stop)

    def order(self) -> Request:
        """A request whose message is in the queue."""
        request = self.world.submit(self.caller)
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
    monkeypatch.setattr(job, "separate_file", engine)
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
