"""Measure how much better a network separates the stems that it learnt from than stems that it never heard.

python -m training.gap_bench WEIGHTS [--mixtures 150] [--out FOLDER]     writes gap.md

The two are not equally hard: compare networks, not columns. What a longer run adds to the left column and not to the right one is
learnt by heart; where it adds to neither, the network is too small for what there is.
"""

import random
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
import torch

from riata_separator.backends.riata_small.networks.base import Network
from riata_separator.backends.riata_small.networks.loading import load_network
from training.bench_quality import asked_of, write
from training.classes import EFFECTS, MUSIC
from training.kept import file_digest
from training.scenes import Scenes
from training.scores import interval, si_sdr
from training.separators import Own
from training.tables import mean, table

SECONDS = 6.0
SPLITS = {"train": "training stems", "held": "held-out stems"}
KINDS = {"songs": 1.0, "scenes": 0.0}
"""Share of coherent songs among the mixtures of a kind."""
FAMILIES = {"music": MUSIC, "effects and speech": EFFECTS}

TEXT = """Improvement of SI-SDR over the mixture in dB, 95 % bootstrap interval in brackets: every stem of {n} mixtures of each
kind, drawn as in training but without its augmentation, with a hint that names the stem. The two are not
equally hard: what another network is ahead by on the left and not on the right, it has learnt by heart."""


def gains(network: Network, scenes: Scenes, coherent: float, count: int) -> Iterator[tuple[str, float]]:
    """Class and improvement in dB of every stem of ``count`` mixtures of at least two."""
    own, number = Own(network), 0
    while count:
        scene = scenes.draw(random.Random(f"gap {coherent} {number}"), coherent)
        number += 1
        if len(scene.labels) < 2:
            continue
        count -= 1
        mixture = scene.stems.sum(0, dtype=np.float32)
        for label, reference in zip(scene.labels, scene.stems.astype(np.float32), strict=True):
            estimate = own(mixture, label, reference)
            if estimate is not None:
                yield label, si_sdr(estimate, reference) - si_sdr(mixture, reference)


def score(network: Network, count: int) -> dict[str, dict[str, list[float]]]:
    """By kind of mixtures and family of classes, and by split, the improvements of all stems in dB."""
    rows: dict[str, dict[str, list[float]]] = {}
    for kind, share in KINDS.items():
        for split in SPLITS:
            found = list(gains(network, Scenes(split, SECONDS, augment=False), share, count))
            for family, labels in FAMILIES.items():
                values = [gain for label, gain in found if label in labels]
                if values:
                    rows.setdefault(f"{kind}: {family}", {})[split] = values
    return rows


def markdown(rows: dict[str, dict[str, list[float]]]) -> str:
    """A line for each kind and family."""
    return table(["mixtures", *SPLITS.values()], [
        [title, *(f"{mean(by_split.get(split, []))} (n = {len(by_split.get(split, []))})" for split in SPLITS)]
        for title, by_split in rows.items()
    ])  # fmt: skip


def main() -> None:
    """Command line of `make bench-gap`."""
    chosen = asked_of(__doc__.splitlines()[0], 150)
    torch.set_num_threads(1)
    rows = score(load_network(chosen.weights)[0], chosen.mixtures)
    text = f"Weights {file_digest(chosen.weights)[:12]}.\n\n{TEXT.format(n=chosen.mixtures)}\n\n{markdown(rows)}\n"
    summary = {title: {split: asdict(interval(values)) for split, values in row.items()} for title, row in rows.items()}
    write(chosen.out, "gap", text, summary)


if __name__ == "__main__":
    main()
