"""Stopping, crashing and starting again: nothing is lost."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
import soundfile

from tests.local_stack import EXAMPLE, LocalStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_REPEATS = 3


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack that may be stopped and killed."""
    stack = LocalStack(tmp_path_factory.mktemp("own-home"))
    stack.up("--port", "0")
    yield stack
    stack.down()


@pytest.fixture(scope="module")
def long_mixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example three times over: long enough to be stopped in the middle."""
    samples, rate = soundfile.read(EXAMPLE / "mixture.flac", dtype="int16")
    path = tmp_path_factory.mktemp("mixture") / "long.wav"
    soundfile.write(path, np.tile(samples, (_REPEATS, 1)), rate)
    return path


def _submit(stack: LocalStack, file: Path) -> str:
    with stack.client() as client:
        created = client.upload(file)
        wishes = {"file_id": created.file_id, "prompt": "isolate the speaker", "max_chunk_duration": 5, "chunk_overlap": 1}
        return client.submit(wishes).request_id


def _in_progress(stack: LocalStack, request_id: str) -> bool:
    with stack.client() as client:
        status = client.status(request_id)
    assert not status.terminal, status
    return status.status == "IN_PROGRESS"


def _completes(stack: LocalStack, request_id: str, duration: float) -> None:
    with stack.client() as client:
        status = client.follow(request_id, lambda status: None)
        assert status.status == "COMPLETED", status
        assert client.result(request_id).duration == pytest.approx(duration, abs=0.5)


def test_down_in_the_middle_of_work_loses_nothing(own: LocalStack, long_mixture: Path) -> None:
    running, waiting = _submit(own, long_mixture), _submit(own, EXAMPLE / "mixture.flac")
    eventually(lambda: _in_progress(own, running), message="the worker never took the request")

    own.down()
    assert own.riata("status", check=False).returncode == 3
    before, after = own.connection, own.up()

    assert {k: v for k, v in after.items() if k != "pid"} == {k: v for k, v in before.items() if k != "pid"}
    _completes(own, running, _REPEATS * 8.6)
    _completes(own, waiting, 8.6)


def test_a_killed_supervisor_leaves_nothing_running_and_loses_nothing(own: LocalStack, long_mixture: Path) -> None:
    request_id = _submit(own, long_mixture)
    eventually(lambda: _in_progress(own, request_id), message="the worker never took the request")
    children = [child["pid"] for child in own.run_record()["children"].values()]

    os.kill(own.connection["pid"], signal.SIGKILL)

    eventually(lambda: not any(psutil.pid_exists(pid) for pid in children), message="children outlived the supervisor")
    findings = json.loads(own.riata("doctor", "--json", check=False).stdout)
    assert [f["remedy"] for f in findings if f["check"] == "supervisor"] == [
        "`riata down` cleans up; `riata up` also recovers the state."
    ]
    own.up()
    _completes(own, request_id, _REPEATS * 8.6)


def test_a_power_cut_costs_at_most_what_the_last_minute_wrote(own: LocalStack) -> None:
    old = json.loads(own.riata("keys", "create", "--tenant", "old", "--json").stdout)
    written = (own.home / "snapshot.json").stat().st_mtime
    eventually(lambda: (own.home / "snapshot.json").stat().st_mtime > written, 70, "no snapshot within a minute")
    record = own.run_record()

    for pid in (record["children"]["ministack"]["pid"], record["pid"]):
        os.kill(pid, signal.SIGKILL)
    own.up()

    answer = httpx.get(f"{own.base_url}/v1/models", headers={"authorization": f"Bearer {old['api_key']}"})
    assert answer.status_code == 200, answer.text


def test_a_crashed_worker_is_started_again(own: LocalStack) -> None:
    worker = own.run_record()["workers"][0]["pid"]

    os.kill(worker, signal.SIGKILL)

    eventually(lambda: own.run_record()["workers"][0]["restarts"] == 1)
    eventually(lambda: own.run_record()["workers"][0]["state"] == "ready")


def test_a_second_up_says_that_the_stack_runs_already(own: LocalStack) -> None:
    again = own.riata("up", "--detach", "--json")

    assert json.loads(again.stdout) == own.connection
    assert "already runs" in again.stderr


def test_two_stacks_run_side_by_side_and_share_nothing(own: LocalStack, stack: LocalStack) -> None:
    assert own.base_url != stack.base_url

    answers = [
        httpx.get(f"{base.base_url}/v1/models", headers={"authorization": f"Bearer {key.api_key}"}).status_code
        for base, key in ((own, own), (stack, stack), (own, stack), (stack, own))
    ]

    assert answers == [200, 200, 401, 401]
