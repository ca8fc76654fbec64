"""Batches by number: batch k of a run is the same whenever it is drawn, which is what makes a resumed run exact."""

import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from riata_separator.backends.riata_small.networks.base import CLASSES
from training.scenes import Scenes, draw_hint


@dataclass
class Batch:
    """Stems (N, n) of all mixtures, the mixture (N,) and class (N,) of each, and the hints (B, C)."""

    step: int
    stems: torch.Tensor
    owner: torch.Tensor
    label: torch.Tensor
    hint: torch.Tensor


@dataclass(frozen=True)
class Stage:
    """Part of a run with one crop length: from `first` step on, `size` mixtures of `seconds`."""

    first: int
    size: int
    seconds: float


class SceneBatches(Dataset[Batch]):
    """Map-style data set of batches, indexed by step."""

    def __init__(self, stages: tuple[Stage, ...], seed: int, split: str = "train") -> None:
        self.stages, self.seed, self.split = stages, seed, split
        self.scenes: dict[float, Scenes] = {}

    def stage(self, step: int) -> Stage:
        """The stage that a step belongs to."""
        return [stage for stage in self.stages if stage.first <= step][-1]

    def __getitem__(self, step: int) -> Batch:
        stage, choose = self.stage(step), random.Random(f"{self.seed}:{step}")
        if stage.seconds not in self.scenes:
            self.scenes[stage.seconds] = Scenes(self.split, stage.seconds)
        stems, owner, label, hint = [], [], [], []
        for mixture in range(stage.size):
            scene = self.scenes[stage.seconds].draw(choose)
            stems.append(scene.stems)
            owner += [mixture] * len(scene.labels)
            label += [CLASSES.index(name) for name in scene.labels]
            hint.append(draw_hint(scene.labels, choose))
        return Batch(
            step, torch.from_numpy(np.concatenate(stems)), torch.tensor(owner), torch.tensor(label),
            torch.from_numpy(np.stack(hint)),
        )  # fmt: skip


def stream(data: SceneBatches, first: int, last: int, workers: int = 1) -> Iterator[Batch]:
    """Batches first … last − 1 in order, drawn ahead by `workers` processes (0: in this one)."""
    ahead = 6 if workers else None
    yield from DataLoader(
        data, batch_size=None, sampler=range(first, last), num_workers=workers, prefetch_factor=ahead, worker_init_fn=_outlive
    )


def _outlive(_: int) -> None:
    """Who stops a run signals all its processes: the one that trains must not lose its batches before it has saved."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
