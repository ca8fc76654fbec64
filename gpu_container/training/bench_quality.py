"""Score weights on the held-out bench and on the real development set, and write the committed tables.

python -m training.bench_quality WEIGHTS [--prototype WEIGHTS] [--set held|development] [--cases N | --all] [--out FOLDER]

What does not depend on the weights (experts, baselines, the prototype) is computed once and kept under $RIATA_TRAINING_DIR.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from riata_separator.backends.riata_small.networks.base import Network
from riata_separator.backends.riata_small.networks.loading import load_network
from riata_separator.experts.base import load_ear
from training import development_bench, held_bench
from training.kept import file_digest, kept_experts
from training.prototype import Prototype

OUT = Path(__file__).parent / "bench"
PER_CLASS = 25

HELD = """Improvement of SI-SDR over the mixture in dB, 95 % bootstrap interval in brackets: the network alone, {n} mixtures per
class, half songs and half scenes, of instruments, pieces, voices and recordings that were never trained on. "no hint": nothing
named. "prototype": the 2.6 M network, one class for both guitars, none for *other*. "percussive": harmonic-percussive separation.
"oracle": the best real mask of the same resolution."""

DEVELOPMENT = """Improvement of SI-SDR over the mixture in dB ("mixture": its own SI-SDR), 95 % bootstrap interval in brackets, on
mixtures of real recordings that nothing was trained on. "fused": with exponents fitted without the sources of the mixture at hand.
Experts and percussive separation stand by themselves, where their sound is what is asked for. "with the ear": classes that the
optional ear hardly hears count for less, what it does not hear is turned down, and what it hears is not lost."""


def titled(text: str, weights: Path, metadata: dict[str, str], rows: str) -> str:
    """A table with what it is of."""
    step = f", step {metadata['step']} of its training" if "step" in metadata else ""
    return f"Weights {file_digest(weights)[:12]} ({metadata.get('network', 'network')}{step}).\n\n{text}\n\n{rows}\n"


def asked_of(description: str, mixtures: int) -> argparse.Namespace:
    """The command line of a bench that measures weights on so many mixtures: `weights`, `mixtures`, `out`."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("--mixtures", type=int, default=mixtures)
    arguments.add_argument("--out", type=Path, default=OUT)
    return arguments.parse_args()


def write(folder: Path, name: str, text: str, found: dict[str, Any]) -> None:
    """The table for people and for machines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(text)


def main() -> None:
    """Command line of `make bench-quality`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("--prototype", type=Path)
    arguments.add_argument("--set", choices=("held", "development", "both"), default="both")
    arguments.add_argument(
        "--cases", type=int, default=PER_CLASS, help="held-out mixtures per class; fewer than 25 thin the development set too"
    )
    arguments.add_argument("--all", action="store_true", help="every mixture of the held-out bench")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--out", type=Path, default=OUT)
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    network, metadata = load_network(chosen.weights)
    prototype: tuple[str, Network] | None = None
    if chosen.prototype:
        prototype = file_digest(chosen.prototype), Prototype.load(chosen.prototype)
    if chosen.set != "development":
        rows = held_bench.score(network, prototype, None if chosen.all else chosen.cases)
        most = max(sum(row["class"] == "piano" for row in rows), 1)
        text = titled(HELD.format(n=most), chosen.weights, metadata, held_bench.markdown(rows))
        write(chosen.out, "held", text, held_bench.summary(rows))
    if chosen.set != "held":
        every = 1 if chosen.all else max(1, PER_CLASS // chosen.cases)
        ear, missing = load_ear(network.classes)
        print(*missing, sep="\n", end="")
        rows, folds = development_bench.score(network, kept_experts(), prototype, every, ear)
        text = titled(DEVELOPMENT, chosen.weights, metadata, development_bench.markdown(rows))
        write(chosen.out, "development", text, development_bench.summary(rows, folds))


if __name__ == "__main__":
    main()
