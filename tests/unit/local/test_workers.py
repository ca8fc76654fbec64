"""The worker pool."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from riata_local import workers
from riata_local.workers import WorkerPool

_GOOD = "import os, pathlib, time; pathlib.Path(os.environ['RIATA_WORKER_READY_FILE']).write_text('m'); time.sleep(60)"
_BAD = "raise SystemExit(1)"


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], WorkerPool]:
    """Makes pools whose workers run the given code."""

    def make(code: str, count: int) -> WorkerPool:
        monkeypatch.setattr(workers, "_COMMAND", (sys.executable, "-c", code))
        monkeypatch.setattr(workers, "_FIRST_BACKOFF", 0.01)
        return WorkerPool(count, {}, tmp_path, tmp_path)

    return make


def _tend_until(pool: WorkerPool, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, pool.describe()
        pool.tend()
        time.sleep(0.02)


def test_workers_are_ready_once_their_models_are_loaded(pool: Callable[[str, int], WorkerPool], tmp_path: Path) -> None:
    loaded = tmp_path / "loaded"
    two = pool(f"import pathlib, time\nwhile not pathlib.Path({str(loaded)!r}).exists(): time.sleep(0.01)\n{_GOOD}", 2)
    two.start()
    assert not two.all_ready
    loaded.touch()
    _tend_until(two, lambda: two.all_ready)
    assert [worker["state"] for worker in two.describe()] == ["ready", "ready"]
    two.stop()
    assert [worker["pid"] for worker in two.describe()] == [None, None]


def test_a_crashed_worker_is_started_again(pool: Callable[[str, int], WorkerPool]) -> None:
    one = pool(_GOOD, 1)
    one.start()
    _tend_until(one, lambda: one.all_ready)
    worker = one._workers[0]
    assert worker.process
    worker.process.kill()
    _tend_until(one, lambda: worker.restarts == 1 and one.all_ready)
    one.stop()


def test_a_worker_that_never_gets_ready_is_given_up(pool: Callable[[str, int], WorkerPool]) -> None:
    one = pool(_BAD, 1)
    one.start()
    _tend_until(one, lambda: one.given_up)
    one.stop()


def test_the_wait_before_a_restart_doubles(pool: Callable[[str, int], WorkerPool]) -> None:
    one = pool(_BAD, 1)
    one.start()
    worker = one._workers[0]
    first = worker.backoff
    _tend_until(one, lambda: worker.restarts == 2)
    assert worker.backoff == 4 * first
    one.stop()
