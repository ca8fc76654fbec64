import csv
import os
import signal
import subprocess
import sys

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from training import train
from training.batches import stream
from training.team import Team, together
from training.train import PLANS, DivergedError, Plan, Trainer, run
from training.workspace import root

TINY = Plan("class-network", steps=8, size=2, seconds=1.0, half=False, widths=(4, 4, 4, 4), recurrent=8, learning_rate=1e-3)

SMALL = Plan("class-separator", steps=8, size=2, seconds=1.0, half=False, widths=(4, 4, 4), recurrent=8, learning_rate=1e-3)


@pytest.fixture(autouse=True)
def _quiet_signals(monkeypatch):
    monkeypatch.setattr(train.signal, "signal", lambda *_: None)


def _advance(trainer: Trainer, last: int) -> None:
    for batches in stream(trainer.plan.batches(trainer.team), trainer.step, last, workers=0):
        trainer.advance(batches)


def _four_steps_together(team: Team) -> None:
    """What every process of a team does; the first leaves its weights."""
    trainer = Trainer(SMALL, team=team)
    _advance(trainer, 4)
    if team.rank == 0:
        trainer.save(root() / "together.pt")


def test_two_processes_train_as_one_does(packed):
    alone = Trainer(SMALL)
    _advance(alone, 4)
    together(2, _four_steps_together)
    both = Trainer.load(root() / "together.pt")
    assert both.step == 4
    for name, value in alone.network.state_dict().items():
        assert torch.allclose(value, both.network.state_dict()[name], atol=1e-6), name


def _stopped_after_two_steps(team: Team) -> None:
    trainer = Trainer(SMALL, team=team)
    for batches in stream(trainer.plan.batches(team), 0, SMALL.steps, workers=0):
        if trainer.step == 2 and team.rank == 1:
            trainer.stopping.append(True)
        if trainer.advance(batches).stop:
            break
    (root() / f"stopped-{team.rank}").write_text(str(trainer.step), encoding="utf-8")


def test_who_is_asked_to_stop_stops_all_at_the_same_step(packed):
    together(2, _stopped_after_two_steps)
    assert [(packed / f"stopped-{rank}").read_text(encoding="utf-8") for rank in range(2)] == ["3", "3"]


@pytest.mark.parametrize("plan", [TINY, SMALL], ids=lambda plan: plan.network)
def test_a_resumed_run_equals_an_uninterrupted_one(packed, tmp_path, plan):
    straight, first = Trainer(plan), Trainer(plan)
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


def test_a_run_begins_with_the_weights_that_it_is_given(packed):
    begin = SMALL.built()
    before = {name: value.clone() for name, value in begin.state_dict().items()}
    trainer = Trainer(SMALL, begin)
    for name, value in trainer.network.state_dict().items():
        assert torch.equal(value, before[name]), name
        assert torch.equal(trainer.averaged[name], before[name]), name


@pytest.mark.parametrize("name", PLANS)
def test_every_plan_ends_slowly_and_with_long_crops(name):
    plan = PLANS[name]
    short, long = plan.stages()
    assert (long.seconds, long.size) == (2 * short.seconds, short.size // 2)
    assert plan.rate(0) < 0.01 * plan.learning_rate
    assert plan.rate(plan.steps // 5) == plan.learning_rate
    assert plan.rate(plan.steps - 1) < 0.01 * plan.learning_rate


def test_a_step_without_a_finite_gradient_changes_nothing(packed):
    trainer = Trainer(TINY)
    batches = TINY.batches(trainer.team)[0]
    batches[0].stems[0, 100] = float("nan")
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.advance(batches)
    assert trainer.skipped == 1
    assert all(torch.equal(value, before[name]) for name, value in trainer.network.state_dict().items())


def test_a_run_that_never_has_a_finite_gradient_stops(packed, monkeypatch):
    monkeypatch.setattr(train, "MOST_SKIPPED", 2)
    trainer = Trainer(TINY)
    batches = TINY.batches(trainer.team)[0]
    batches[0].stems[:] = float("nan")
    trainer.advance(batches)
    with pytest.raises(DivergedError):
        trainer.advance(batches)


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


def test_a_run_keeps_its_beginning_and_every_tenth_of_it(packed, monkeypatch):
    monkeypatch.setattr(train, "SNAPSHOTS", 4)
    begin = SMALL.built()
    run(SMALL, "kept", begin=begin, minutes=0)
    run(SMALL, "kept")
    directory = packed / "runs" / "kept"
    steps = sorted(int(path.stem.removeprefix("step-")) for path in directory.glob("step-*.safetensors"))
    assert steps == [0, 2, 4, 6, 8]
    for step in steps:
        with safe_open(train.snapshot(directory, step), "pt") as file:
            assert file.metadata()["step"] == str(step)
    began = load_file(train.snapshot(directory, 0))
    assert all(torch.equal(began[name], value.half()) for name, value in SMALL.built().state_dict().items())


_LONG_RUN = """
import torch
from training.train import Plan, run
torch.set_num_threads(1)
plan = Plan("class-network", steps=10**6, size=2, seconds=1.0, half=False, widths=(4, 4, 4, 4), recurrent=8)
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
