"""Processes that train one network together: each takes some parts of every batch, and all take the same step.

On a processor two processes of one thread each train faster than one of two threads: a step is many small operations, and
drawing mixtures is Python. What they share is a sum of gradients; every process then moves its own copy of the weights alike.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
from torch import distributed
from torch.multiprocessing import get_context

PATIENCE = timedelta(minutes=30)
"""How long a process waits for another, which may be writing a checkpoint or reading a cold cache."""


@dataclass(frozen=True)
class Team:
    """One process's place among ``size``."""

    rank: int = 0
    size: int = 1

    def own(self, parts: int) -> range:
        """The parts of a batch that this process takes."""
        return range(self.rank, parts, self.size)

    def added(self, values: torch.Tensor) -> torch.Tensor:
        """The sum of everybody's ``values``, the same bits everywhere."""
        if self.size > 1:
            distributed.all_reduce(values)
        return values


def _member(rank: int, size: int, meeting: str, work: Callable[[Team], None]) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=size, timeout=PATIENCE)
    try:
        work(Team(rank, size))
    finally:
        distributed.destroy_process_group()


def together(size: int, work: Callable[[Team], None]) -> None:
    """Run ``work``, which must be picklable, as ``size`` processes of one thread each, this one the first.

    Where one of the others fails, this one's next sum raises RuntimeError.
    """
    with tempfile.TemporaryDirectory() as scratch:
        meeting = str(Path(scratch) / "meeting")
        others = [
            get_context("spawn").Process(target=_member, args=(rank, size, meeting, work), daemon=True)
            for rank in range(1, size)
        ]  # fmt: skip
        for other in others:
            other.start()
        _member(0, size, meeting, work)
        for other in others:
            other.join()
