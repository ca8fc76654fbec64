"""Batches by number: batch k of a run is the same whenever it is drawn, which is what makes a resumed run exact.

A batch comes in parts, which several processes can take: every mixture has a generator of its own.
"""

import random
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from riata_separator.backends.riata_small.networks.base import CLASSES
from training.scenes import Scenes, draw_hint


@dataclass
class Batch:
    """A part of a step's batch: stems (N, n) of its mixtures, the mixture (N,) and class (N,) of each, and the hints (B, C)."""

    step: int
    part: int
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


class SceneBatches(Dataset[list[Batch]]):
    """Map-style data set of batches, indexed by step: of each those ``own`` of its ``parts``."""

    def __init__(
        self, stages: tuple[Stage, ...], seed: int, split: str = "train", parts: int = 1, own: Iterable[int] | None = None
    ) -> None:
        self.stages, self.seed, self.split = stages, seed, split
        self.parts, self.own = parts, tuple(range(parts) if own is None else own)
        self.scenes: dict[float, Scenes] = {}

    def stage(self, step: int) -> Stage:
        """The stage that a step belongs to."""
        return [stage for stage in self.stages if stage.first <= step][-1]

    def __getitem__(self, step: int) -> list[Batch]:
        stage = self.stage(step)
        if stage.seconds not in self.scenes:
            self.scenes[stage.seconds] = Scenes(self.split, stage.seconds)
        return [self._part(step, part, stage) for part in self.own]

    def _part(self, step: int, part: int, stage: Stage) -> Batch:
        stems, owner, label, hint = [], [], [], []
        for place, mixture in enumerate(range(part, stage.size, self.parts)):
            choose = random.Random(f"{self.seed}:{step}:{mixture}")
            scene = self.scenes[stage.seconds].draw(choose)
            stems.append(scene.stems)
            owner += [place] * len(scene.labels)
            label += [CLASSES.index(name) for name in scene.labels]
            hint.append(draw_hint(scene.labels, choose))
        return Batch(
            step, part, torch.from_numpy(np.concatenate(stems)), torch.tensor(owner), torch.tensor(label),
            torch.from_numpy(np.stack(hint)),
        )  # fmt: skip


def stream(data: SceneBatches, first: int, last: int, workers: int = 1) -> Iterator[list[Batch]]:
    """Batches first … last − 1 in order, drawn ahead by `workers` processes (0: in this one)."""
    ahead = 6 if workers else None
    yield from DataLoader(
        data, batch_size=None, sampler=range(first, last), num_workers=workers, prefetch_factor=ahead, worker_init_fn=_outlive
    )


def _outlive(_: int) -> None:
    """Who stops a run signals all its processes: the one that trains must not lose its batches before it has saved."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
