"""Real-time factor and peak memory of own network, experts and fusion, each in a process of its own on 1 and on 2 cores.

python -m training.bench_speed [--weights WEIGHTS] [--seconds 60] [--out FOLDER]     writes speed.md; the machine should be quiet
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from riata.domain.options import Acceleration, SeparationOptions
from riata_separator.backends.riata_small.bands import HOP
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.panel import resampled
from riata_separator.backends.riata_small.separation import STRIDES
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.base import load_ear, load_experts
from riata_separator.experts.ear import RATE as EAR_RATE
from riata_separator.separator import Chunk, Summary
from training.bench_quality import OUT, write
from training.examples import separator
from training.tables import table

RATE, CHANNELS, RUNS, CORES = 44_100, 2, 3, (1, 2)
PROMPTS = {
    "own network alone": "separate the drums from the bass",
    "fused with one expert": "isolate the piano",
    "fused with both experts": "isolate the lead vocal",
}
EXPERTS = {"voice": "voice expert (Spleeter)", "speech": "speech expert (DeepFilterNet)", "ear": "the ear (EfficientAT)"}


def one(what: str, weights: Path | None, seconds: float) -> dict[str, float]:
    """Real-time factors of one of PROMPTS or EXPERTS in this process, and its peak resident memory in MiB."""
    generator = np.random.default_rng(0)
    x = generator.normal(0, 0.1, (CHANNELS, round(seconds * RATE))).astype(np.float32)
    if what == "ear":
        ear, heard = load_ear(CLASSES)[0], resampled(x.mean(0, keepdims=True), RATE, EAR_RATE)[0]
        stride = STRIDES[Acceleration.BALANCED] * HOP
        windows = [heard[None, at : at + LENGTH] for at in range(0, len(heard) - LENGTH, stride)]

        def work() -> None:
            for window in windows:
                ear.presence(window)
    elif what in EXPERTS:
        expert = load_experts()[0][what]
        heard = resampled(x if what == "voice" else x.mean(0, keepdims=True), RATE, expert.sample_rate)

        def work() -> None:
            expert.estimate(heard, 0, heard.shape[1], lambda: None)
    else:
        backend, summary = separator(weights), Summary(RATE, CHANNELS, x.shape[1], 0.5, 0.1)

        def work() -> None:
            backend.begin(SeparationOptions(PROMPTS[what]), summary).target(Chunk(x, 0), lambda: None)

    taken = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) / seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"factor": float(np.median(taken[1:])), "least": min(taken[1:]), "most": max(taken[1:]), "peak_mib": peak}


def measured(what: str, cores: int, arguments: argparse.Namespace) -> dict[str, float]:
    """:func:`one` in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "training.bench_speed", "--one", what, "--cores", str(cores)]
    command += ["--seconds", str(arguments.seconds)] + (["--weights", str(arguments.weights)] if arguments.weights else [])
    environment = os.environ | {"OMP_NUM_THREADS": str(cores)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def machine() -> str:
    """The processor, its cores and how busy they were before."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{name or platform.machine()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} when it began"


def markdown(rows: dict[str, dict[int, dict[str, float]]]) -> str:
    """Real-time factors (seconds of work per second of stereo sound) and peak memory."""
    lines = [
        [EXPERTS.get(what, what),
         *(f"{found[cores]['factor']:.3f} ({found[cores]['least']:.3f}–{found[cores]['most']:.3f})" for cores in CORES),
         f"{max(one['peak_mib'] for one in found.values()):.0f} MiB"]
        for what, found in rows.items()
    ]  # fmt: skip
    return table(["what", *(f"{cores} core{'s' if cores > 1 else ''}" for cores in CORES), "peak memory"], lines)


def main() -> None:
    """Command line of `make bench-speed`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--weights", type=Path)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--out", type=Path, default=OUT)
    arguments.add_argument("--one", choices=(*PROMPTS, *EXPERTS), help=argparse.SUPPRESS)
    arguments.add_argument("--cores", type=int, default=1, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.one:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.cores])
        torch.set_num_threads(chosen.cores)
        print(json.dumps(one(chosen.one, chosen.weights, chosen.seconds)))
        return
    where, rows = machine(), dict[str, dict[int, dict[str, Any]]]()
    missing = [] if load_ear(CLASSES)[0] else ["ear"]
    for what in (what for what in (*PROMPTS, *EXPERTS) if what not in missing):
        rows[what] = {cores: measured(what, cores, chosen) for cores in CORES}
    head = f"{where}.\nReal-time factor (seconds of work per second of stereo at 44.1 kHz), median (range) of {RUNS} runs.\n\n"
    write(chosen.out, "speed", head + markdown(rows) + "\n", {"machine": where, "rows": rows})


if __name__ == "__main__":
    main()
