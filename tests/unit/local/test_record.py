"""The supervisor's lock and record."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riata.errors import CommandFailed
from riata_local import processes, record
from riata_local.home import Home
from riata_local.processes import ProcessIdentity


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create()
    return home


def _run(pid: int, **fields: object) -> record.Run:
    return record.Run(pid, record.HEALTHY, "http://127.0.0.1:1", "http://127.0.0.1:2", **fields)  # type: ignore[arg-type]


def test_a_home_that_nobody_holds_runs_nothing(home: Home) -> None:
    _run(os.getpid()).save(home)
    assert record.running(home) is None


def test_a_held_home_tells_what_runs(home: Home) -> None:
    with record.locked(home):
        _run(os.getpid()).save(home)
        found = record.running(home)
    assert found is not None
    assert found.pid == os.getpid()


def test_two_supervisors_cannot_hold_one_home(home: Home) -> None:
    with record.locked(home), pytest.raises(CommandFailed, match="already runs"), record.locked(home):
        pytest.fail("both hold it")


def test_what_a_dead_supervisor_left_is_stopped(home: Home) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        identity = ProcessIdentity.of(child.pid)
        assert identity is not None
        _run(1, children={"edge": {"pid": child.pid, "started": identity.started}}).save(home)

        assert record.stop_leftovers(home) == ["edge"]

        assert not identity.alive


def test_a_process_that_reuses_the_pid_is_left_alone(home: Home) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        _run(1, children={"edge": {"pid": child.pid, "started": time.time() - 3600}}).save(home)

        assert record.stop_leftovers(home) == []

        assert child.poll() is None
        child.kill()


def test_a_child_is_stopped_gently_first(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    listen = "signal.signal(15, lambda *_: (print('given back'), exit(0)))"
    code = f"import signal, time; {listen}; print('up', flush=True); time.sleep(60)"
    child = processes.spawn([sys.executable, "-c", code], environment={}, log=log, cwd=tmp_path)
    while "up" not in log.read_text():
        time.sleep(0.01)

    assert processes.stop(child, 10)
    assert "given back" in processes.log_tail(log)


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = processes.spawn([sys.executable, "-c", code], environment={}, log=log, cwd=tmp_path)
    while "up" not in log.read_text():
        time.sleep(0.01)

    assert not processes.stop(child, 0.2)
    assert child.returncode == -signal.SIGKILL
