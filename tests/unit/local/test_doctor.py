"""The doctor: each finding says what is wrong and how to mend it."""

import os
import shutil
import socket
import sys
import time
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from riata_local import ports, record
from riata_local.doctor import Finding, Level, examine, machine, stack
from riata_local.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def _only(findings: list[Finding], level: Level) -> Finding:
    (finding,) = findings
    assert finding.level is level, finding
    assert finding.remedy or level is Level.OK
    return finding


def test_nothing_is_wrong_before_the_first_start(tmp_path: Path) -> None:
    bad = [f for f in examine(Home(tmp_path / "new")) if f.level is Level.PROBLEM and f.check != "port"]
    assert bad == []
    assert not (tmp_path / "new").exists()


def test_an_old_python_is_found(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    Version = namedtuple("Version", "major minor micro")
    monkeypatch.setattr(sys, "version_info", Version(3, 10, 4))
    assert "3.10.4 is too old" in _only(machine.python_version(home), Level.PROBLEM).message


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setitem(machine._NEEDED, "no_such_module", "no-such-package")
    finding = _only(machine.packages(home), Level.PROBLEM)
    assert finding.message == "Not installed: no-such-package."
    assert "make up" in finding.remedy


def test_a_checkout_without_a_template_is_found(monkeypatch: pytest.MonkeyPatch, home: Home, tmp_path: Path) -> None:
    monkeypatch.setenv("RIATA_CHECKOUT", str(tmp_path))
    assert "template.yaml" in _only(machine.checkout(home), Level.PROBLEM).message


def test_a_home_that_is_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "RIATA_HOME" in _only(machine.home_writable(Home(tmp_path / "file")), Level.PROBLEM).remedy


@pytest.mark.parametrize(
    ("free", "level"), [(100 << 20, Level.PROBLEM), (1 << 30, Level.WARNING), (50 << 30, Level.OK)]
)
def test_a_full_disk_is_found(monkeypatch: pytest.MonkeyPatch, home: Home, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    _only(machine.disk_space(home), level)


def test_little_memory_is_a_warning(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=500 << 20))
    _only(machine.memory(home), Level.WARNING)


def test_a_clock_behind_what_the_stack_wrote_is_found(home: Home) -> None:
    home.snapshot.write_text("{}")
    os.utime(home.snapshot, (time.time() + 3600,) * 2)
    assert "clock says" in _only(machine.clock(home), Level.PROBLEM).message


def test_a_taken_port_names_its_holder(home: Home) -> None:
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        home.ports.write_text(f'{{"edge": {port}, "ministack": {ports.free_port()}}}')
        findings = stack.ports_free(home)
    assert [finding.level for finding in findings] == [Level.PROBLEM, Level.OK]
    assert f"pid {os.getpid()}" in findings[0].message
    assert "--port" in findings[0].remedy


def _run(pid: int, phase: str = record.HEALTHY, **fields: object) -> record.Run:
    return record.Run(pid, phase, "http://127.0.0.1:1", "http://127.0.0.1:2", **fields)  # type: ignore[arg-type]


def test_a_supervisor_that_died_is_found(home: Home) -> None:
    _run(4_000_000).save(home)
    assert "riata down" in _only(stack.leftovers(home), Level.PROBLEM).remedy


def test_a_failed_start_tells_its_reason(home: Home) -> None:
    _run(4_000_000, record.FAILED, error="The template was refused").save(home)
    finding = _only(stack.leftovers(home), Level.PROBLEM)
    assert "The template was refused" in finding.message
    assert "supervisor.log" in finding.remedy


def test_a_running_stack_that_does_not_answer_is_found(home: Home) -> None:
    workers = [{"index": 1, "state": "crashed", "restarts": 4, "pid": None}]
    with record.locked(home):
        _run(os.getpid(), workers=workers).save(home)
        findings = stack.health(home)
    assert [(f.check, f.level) for f in findings] == [
        ("API", Level.PROBLEM), ("MiniStack", Level.PROBLEM), ("worker 1", Level.PROBLEM),
    ]  # fmt: skip
    assert all(finding.remedy for finding in findings)
