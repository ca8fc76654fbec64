"""Whole files side by side, as a worker separates them: decoding, model, encoding, and what the model waits meanwhile."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from riata.domain.options import SeparationOptions
from riata_separator.engine import Order, SeparationResult, separate_together
from riata_separator.separator import Metered, Separator

RATE = 44_100
PROMPTS = ("isolate the singer", "the drums", "the bass", "the piano")


@dataclass(frozen=True, slots=True)
class WholeRow:
    """``files`` at once with ``prompts`` each; ``fill`` and ``wait`` are shares of the calls' room and of the time."""

    model: str
    files: int
    prompts: int
    audio_seconds_per_second: float
    fill: float
    wait: float


def whole(separator: Separator, *, seconds: float, files: int, prompts: int) -> WholeRow:
    """Separate ``files`` stereo files of so many seconds on as many threads, each for several prompts in one pass."""
    assert isinstance(separator, Metered)
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(files) as threads:
        folder = Path(name)
        sources = [_song(folder / f"{k}.wav", seconds, seed=k) for k in range(files)]
        before, began = separator.workload(), time.perf_counter()
        list(threads.map(lambda source: _separated(source, separator, prompts), sources))
        took, after = time.perf_counter() - began, separator.workload()
    return WholeRow(
        separator.name, files, prompts, files * prompts * seconds / took,
        (after.items - before.items) / max(1, after.room - before.room),
        max(0.0, 1 - (after.seconds - before.seconds) / took),
    )  # fmt: skip


def _separated(source: Path, separator: Separator, prompts: int) -> None:
    orders = []
    for k, prompt in enumerate(PROMPTS[:prompts]):
        folder = source.with_suffix(f".{k}")
        folder.mkdir()
        orders.append(Order(SeparationOptions(prompt), folder, lambda _: None, lambda _: None, lambda: False))
    for _, outcome in separate_together(source, orders, separator, threaded=True):
        if not isinstance(outcome, SeparationResult):
            raise outcome


def _song(path: Path, seconds: float, seed: int) -> Path:
    noise = np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2)).astype(np.float32) * 0.1
    soundfile.write(path, noise, RATE, subtype="PCM_16")
    return path
