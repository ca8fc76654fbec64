"""Train a class network; stop it any time, start it again, and it goes on as if it had never stopped.

python -m training.train [--network KIND] [--begin WEIGHTS] [--run NAME] [--steps N] [--processes 2] [--minutes N]

The run lives in $RIATA_TRAINING_DIR/runs/NAME, by default named as the kind of the network: checkpoint.pt (network, averaged
network, optimiser, step), curve.csv, averaged.safetensors, and step-N.safetensors of its beginning and of every tenth.
Batches, augmentation and the random parts of the loss follow from the step's number alone, and a batch is always taken in the
same parts, so an interrupted run equals an uninterrupted one, with however many processes, as long as the cache stays the same;
`run.json` records when the cache changed.
"""

import argparse
import csv
import json
import math
import os
import random
import signal
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from safetensors.torch import save_file

from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator
from riata_separator.backends.riata_small.networks.loading import described
from training.augmentation import augment
from training.batches import Batch, SceneBatches, Stage, stream
from training.loss import LossTerms, loss_terms
from training.optimiser import Optimiser
from training.prototype import beginning
from training.separators import stft
from training.team import Team, together
from training.workspace import folder, root

CURVE_EVERY, SAVE_SECONDS, SNAPSHOTS = 50, 240, 10
MOST_SKIPPED = 50
FIELDS = ("step", "hours", "rate", "stem_db", "mixture_db", "gain_db", "sums_db", "entropy", "leakage", "skipped")


class DivergedError(RuntimeError):
    """Too many steps in a row had a gradient that is not finite."""


@dataclass(frozen=True)
class Plan:
    """What a run is: fixed when it starts, stored with it, and the same when it resumes."""

    network: str = "class-network"
    steps: int = 80_000
    size: int = 8
    seconds: float = 3.0
    long: float = 0.1
    learning_rate: float = 1.2e-3
    warm_up: int = 200
    cool_down: float = 0.2
    averaging: float = 0.999
    seed: int = 1
    half: bool = True
    parts: int = 2
    split: str = "train"
    widths: tuple[int, ...] = (32, 64, 160, 256)
    recurrent: int = 256

    def stages(self) -> tuple[Stage, ...]:
        """Short crops, then crops of twice the length for the `long` part of the run."""
        long = Stage(round((1 - self.long) * self.steps), max(self.parts, self.size // 2), 2 * self.seconds)
        return (Stage(0, self.size, self.seconds), long)

    def rate(self, step: int) -> float:
        """Learning rate: warm-up, a plateau, a linear end (Hägele et al., 2024), so that a run can be prolonged."""
        end = (self.steps - step) / max(1.0, self.cool_down * self.steps)
        return self.learning_rate * min(1.0, (step + 1) / self.warm_up, max(0.0, end) + 1e-3)

    def batches(self, team: Team) -> SceneBatches:
        """What a process of a team draws."""
        return SceneBatches(self.stages(), self.seed, self.split, self.parts, team.own(self.parts))

    def built(self) -> ClassNetwork | ClassSeparator:
        """The network with random weights."""
        torch.manual_seed(self.seed)
        if self.network == "class-network":
            return ClassNetwork(self.widths, self.recurrent)
        return ClassSeparator(channels=self.widths, hidden=self.recurrent)


PLANS = {
    "class-network": Plan(),
    "class-separator": Plan(
        "class-separator", 6_500, long=0.15, learning_rate=9e-4, warm_up=150, cool_down=0.6, seed=21,
        widths=(32, 64, 128), recurrent=160,
    ),
}  # fmt: skip
"""One for each kind of network: the large one in one long run, the small one beginning with weights that know much already."""


@dataclass(frozen=True)
class Progress:
    """Means of the loss's TERMS over a batch, and whether anybody wants to stop."""

    TERMS: ClassVar = ("stem", "mixture", "sums", "entropy", "leakage")

    terms: list[float]
    stop: bool


class Trainer:
    """A run in memory: network, averaged weights, optimiser and the number of the next step."""

    def __init__(self, plan: Plan, begin: ClassSeparator | None = None, team: Team | None = None) -> None:
        self.plan, self.team = plan, team or Team()
        self.stopping: list[bool] = []
        self.network = (begin or plan.built()).train().requires_grad_(True).to(memory_format=torch.channels_last)
        self.averaged = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.optimiser = Optimiser(self.network, plan.learning_rate)
        self.step, self.skipped, self.skipped_in_a_row, self.hours = 0, 0, 0, 0.0

    def advance(self, batches: list[Batch]) -> Progress:
        """One step, with the parts of its batch that are this process's. `Progress` is everybody's.

        A gradient that is not finite changes nothing but the counters. Raises DivergedError after MOST_SKIPPED such steps in a row.
        """
        self.network.zero_grad(set_to_none=True)
        seen = torch.zeros(len(Progress.TERMS) + 1)
        seen[-1] = float(bool(self.stopping))
        for batch in batches:
            terms = self._gradient_of(batch)
            seen[:-1] += torch.stack([getattr(terms, name).detach() for name in Progress.TERMS])
        parameters = list(self.network.parameters())
        flat = self.team.added(torch.cat([*(parameter.grad.flatten() for parameter in parameters), seen])) / self.plan.parts
        pieces = flat[: -len(seen)].split([parameter.numel() for parameter in parameters])
        for parameter, piece in zip(parameters, pieces, strict=True):
            # Into what is there: the layout of a gradient in memory is its parameter's.
            parameter.grad.copy_(piece.view_as(parameter))
        progress = Progress(flat[-len(seen) : -1].tolist(), stop=bool(flat[-1] > 0))
        norm = torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        self.step += 1
        if not math.isfinite(norm):
            self.skipped, self.skipped_in_a_row = self.skipped + 1, self.skipped_in_a_row + 1
            if self.skipped_in_a_row >= MOST_SKIPPED:
                raise DivergedError(f"{MOST_SKIPPED} steps in a row without a finite gradient, at step {self.step}")
            return progress
        self.skipped_in_a_row = 0
        self.optimiser.step(self.plan.rate(self.step - 1))
        decay = min(self.plan.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.averaged[name].lerp_(value, 1 - decay)
        return progress

    def _gradient_of(self, batch: Batch) -> LossTerms:
        """Add a part's gradient to that of the parameters."""
        choose = random.Random(f"augment {self.plan.seed}:{self.step}:{batch.part}")
        generator = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + self.step * self.plan.parts + batch.part)
        mid, side = augment(stft(batch.stems), batch.owner, choose, generator, self.network.hears_sides)
        terms = loss_terms(self.network, mid, side, batch.owner, batch.label, batch.hint, generator, self.plan.half)
        terms.total.backward()
        return terms

    def save(self, path: Path) -> None:
        """Write the checkpoint whole or not at all."""
        state = {
            "plan": asdict(self.plan), "step": self.step, "skipped": self.skipped, "hours": self.hours,
            "network": self.network.state_dict(), "averaged": self.averaged, "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip
        part = path.with_suffix(".part")
        torch.save(state, part)
        os.replace(part, path)

    @classmethod
    def load(cls, path: Path, team: Team | None = None) -> "Trainer":
        """The run as it was saved."""
        state = torch.load(path, weights_only=True)
        trainer = cls(Plan(**{**state["plan"], "widths": tuple(state["plan"]["widths"])}), team=team)
        trainer.network.load_state_dict(state["network"])
        trainer.averaged, trainer.step, trainer.skipped = state["averaged"], state["step"], state["skipped"]
        trainer.optimiser.load_state_dict(state["optimiser"])
        trainer.hours = state["hours"]
        return trainer


class Curve:
    """The training curve as a CSV file; rows later than the resumed step are dropped."""

    def __init__(self, path: Path, step: int) -> None:
        rows: list[dict[str, str]] = []
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if int(row["step"]) <= step]
        self.file = path.open("w", newline="", encoding="utf-8")
        self.writer = csv.DictWriter(self.file, FIELDS)
        self.writer.writeheader()
        self.writer.writerows(rows)
        self.sums, self.count = np.zeros(5), 0

    def add(self, terms: list[float], trainer: Trainer) -> None:
        """Collect a step; write a row of means every CURVE_EVERY steps."""
        if all(map(math.isfinite, terms)):
            self.sums, self.count = self.sums + terms, self.count + 1
        if trainer.step % CURVE_EVERY == 0 and self.count:
            stem, mixture, sums, entropy, leakage = self.sums / self.count
            row = (trainer.step, trainer.hours, trainer.plan.rate(trainer.step), -stem, -mixture, mixture - stem, -sums,
                   entropy, leakage, trainer.skipped)  # fmt: skip
            shown = [value if isinstance(value, int) else round(float(value), 5) for value in row]
            self.writer.writerow(dict(zip(FIELDS, shown, strict=True)))
            self.file.flush()
            print("  ".join(f"{name} {value}" for name, value in zip(FIELDS, shown, strict=True)), flush=True)
            self.sums, self.count = np.zeros(5), 0


def export(trainer: Trainer, path: Path) -> None:
    """Write the averaged weights as float16 safetensors with what is needed to rebuild the network."""
    metadata = described(trainer.network) | {"step": str(trainer.step)}
    save_file({name: value.half().contiguous() for name, value in trainer.averaged.items()}, path, metadata)


def snapshot(directory: Path, step: int) -> Path:
    """Where a run keeps its averaged weights of a step, for `make soup`."""
    return directory / f"step-{step}.safetensors"


def _note_cache(run: Path, trainer: Trainer) -> None:
    """Append to run.json which cache the run goes on with."""
    path, cache = run / "run.json", root() / "cache" / f"{trainer.plan.split}.json"
    history = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    history.append({"step": trainer.step, "cache_bytes": cache.with_suffix(".raw").stat().st_size})
    path.write_text(json.dumps(history, indent=1), encoding="utf-8")


def run(
    plan: Plan,
    name: str,
    minutes: float = math.inf,
    workers: int = 0,
    begin: ClassSeparator | None = None,
    team: Team | None = None,
) -> Trainer:
    """Start or resume a run and train until its last step, `minutes` of wall clock, or SIGTERM/SIGINT.

    A new run begins with the weights of `begin`. Of a team the first keeps the run's folder; the others stop when it does.
    """
    team = team or Team()
    directory, first = folder("runs", name), team.rank == 0
    checkpoint = directory / "checkpoint.pt"
    trainer = Trainer.load(checkpoint, team) if checkpoint.exists() else Trainer(plan, begin, team)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: trainer.stopping.append(True))
    keeper = _Keeper(trainer, directory) if first else None
    began = time.monotonic()
    data = trainer.plan.batches(team)
    for batches in stream(data, trainer.step, trainer.plan.steps, workers):
        if first and (time.monotonic() - began) / 60 > minutes:
            trainer.stopping.append(True)
        progress = trainer.advance(batches)
        if keeper is not None:
            keeper.after(progress)
        if progress.stop:
            break
    if keeper is not None:
        keeper.save()
    return trainer


class _Keeper:
    """Writes what is left of a run: curve, checkpoint, averaged weights and snapshots."""

    def __init__(self, trainer: Trainer, directory: Path) -> None:
        self.trainer, self.directory, self.hours = trainer, directory, trainer.hours
        if trainer.step == 0:
            export(trainer, snapshot(directory, 0))
        self.curve = Curve(directory / "curve.csv", trainer.step)
        _note_cache(directory, trainer)
        self.began = self.saved = time.monotonic()

    def after(self, progress: Progress) -> None:
        """Note a step."""
        trainer, now = self.trainer, time.monotonic()
        trainer.hours = self.hours + (now - self.began) / 3600
        self.curve.add(progress.terms, trainer)
        if trainer.step % max(1, trainer.plan.steps // SNAPSHOTS) == 0:
            export(trainer, snapshot(self.directory, trainer.step))
        if now - self.saved > SAVE_SECONDS:
            self.saved = now
            self.save()

    def save(self) -> None:
        """Write checkpoint and averaged weights."""
        self.trainer.save(self.directory / "checkpoint.pt")
        export(self.trainer, self.directory / "averaged.safetensors")


@dataclass(frozen=True)
class _Order:
    """The command line, for every process of a team."""

    plan: Plan
    name: str
    minutes: float
    workers: int
    begin: Path | None

    def __call__(self, team: Team) -> None:
        begin = beginning(self.begin) if self.begin and self.plan.network == "class-separator" else None
        trainer = run(self.plan, self.name, self.minutes, self.workers, begin, team)
        if team.rank == 0:
            print(f"stopped at step {trainer.step} of {trainer.plan.steps}", flush=True)


def main() -> None:
    """Command line of `make train`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--network", choices=PLANS, default="class-separator")
    arguments.add_argument("--begin", type=Path, help="weights that a new run of the class separator goes on from")
    arguments.add_argument("--run", help="its name; by default the kind of the network")
    arguments.add_argument("--steps", type=int, help="of a new run")
    arguments.add_argument("--processes", type=int, default=2, help="that share every batch; as many as there are cores")
    arguments.add_argument("--workers", type=int, default=0, help="processes more, of each, that draw batches ahead")
    arguments.add_argument("--minutes", type=float, default=math.inf)
    chosen = arguments.parse_args()
    plan = PLANS[chosen.network]
    plan = replace(plan, steps=chosen.steps or plan.steps)
    order = _Order(plan, chosen.run or plan.network, chosen.minutes, chosen.workers, chosen.begin)
    together(min(chosen.processes, plan.parts), order)


if __name__ == "__main__":
    main()
