import csv
import os
import signal
import subprocess
import sys

import pytest
import torch
from safetensors import safe_open
from training import train
from training.batches import SceneBatches, stream
from training.train import DivergedError, Plan, Trainer, run

TINY = Plan(steps=8, size=2, seconds=1.0, half=False, widths=(4, 4, 4, 4), recurrent=8, learning_rate=1e-3)


@pytest.fixture(autouse=True)
def _quiet_signals(monkeypatch):
    monkeypatch.setattr(train.signal, "signal", lambda *_: None)


def _advance(trainer: Trainer, last: int) -> None:
    for batch in stream(SceneBatches(TINY.stages(), TINY.seed), trainer.step, last, workers=0):
        trainer.advance(batch)


def test_a_resumed_run_equals_an_uninterrupted_one(packed, tmp_path):
    straight, first = Trainer(TINY), Trainer(TINY)
    _advance(straight, 4)
    _advance(first, 2)
    first.save(tmp_path / "checkpoint.pt")
    resumed = Trainer.load(tmp_path / "checkpoint.pt")
    _advance(resumed, 4)
    for name, value in straight.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
        assert torch.equal(straight.averaged[name], resumed.averaged[name]), name


def test_training_changes_the_weights_and_their_average_lags_behind(packed):
    trainer = Trainer(TINY)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    _advance(trainer, 3)
    moved = sum(float((value - before[name]).abs().sum()) for name, value in trainer.network.state_dict().items())
    lag = sum(float((value - before[name]).abs().sum()) for name, value in trainer.averaged.items())
    assert moved > lag > 0


def test_a_step_without_a_finite_gradient_changes_nothing(packed):
    trainer, data = Trainer(TINY), SceneBatches(TINY.stages(), TINY.seed)
    batch = data[0]
    batch.stems[0, 100] = float("nan")
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.advance(batch)
    assert trainer.skipped == 1
    assert all(torch.equal(value, before[name]) for name, value in trainer.network.state_dict().items())


def test_a_run_that_never_has_a_finite_gradient_stops(packed, monkeypatch):
    monkeypatch.setattr(train, "MOST_SKIPPED", 2)
    trainer, batch = Trainer(TINY), SceneBatches(TINY.stages(), TINY.seed)[0]
    batch.stems[:] = float("nan")
    trainer.advance(batch)
    with pytest.raises(DivergedError):
        trainer.advance(batch)


def test_the_rate_warms_up_stays_and_ends_near_zero():
    plan = Plan()
    assert plan.rate(0) < 0.01 * plan.learning_rate
    assert plan.rate(1000) == plan.rate(60_000) == plan.learning_rate
    assert plan.rate(79_999) < 0.01 * plan.learning_rate


def test_the_last_tenth_hears_crops_of_twice_the_length():
    short, long = Plan().stages()
    assert (long.first, long.seconds, long.size) == (72_000, 2 * short.seconds, short.size // 2)


def test_a_run_leaves_a_curve_and_half_precision_weights_and_goes_on(packed, monkeypatch):
    monkeypatch.setattr(train, "CURVE_EVERY", 2)
    run(TINY, "tiny", minutes=0, workers=0)
    directory = packed / "runs" / "tiny"
    assert Trainer.load(directory / "checkpoint.pt").step == 1
    finished = run(TINY, "tiny", workers=0)
    assert finished.step == TINY.steps
    with (directory / "curve.csv").open(newline="") as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == [2, 4, 6, 8]
    with safe_open(directory / "averaged.safetensors", "pt") as weights:
        assert weights.metadata()["step"] == "8"
        assert {weights.get_slice(name).get_dtype() for name in weights.keys()} == {"F16"}  # noqa: SIM118


_LONG_RUN = """
import torch
from training.train import Plan, run
torch.set_num_threads(1)
plan = Plan(steps=10**6, size=2, seconds=1.0, half=False, widths=(4, 4, 4, 4), recurrent=8)
run(plan, "stopped", minutes=5, workers=1)
"""


def test_a_run_whose_whole_process_group_is_stopped_saves_first(packed):
    """As `kill` of a group, a service manager or a closing terminal does it."""
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", _LONG_RUN], start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"step 50")
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert Trainer.load(packed / "runs" / "stopped" / "checkpoint.pt").step >= 50
