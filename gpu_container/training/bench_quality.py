"""Score separators on the held-out bench and write the tables of `make bench-quality`.

python -m training.bench_quality WEIGHTS [--prototype WEIGHTS] [--set held|development] [--cases N] [--out FILE.json]

Per class: SI-SDR of the untouched mixture, and each separator's improvement over it with a 95 % bootstrap interval; how much
comes out when an absent class is asked for; real-time factor. Without `--cases` every case of the manifest is scored.
"""

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from riata_separator.backends.riata_small.networks.class_network import CLASSES
from riata_separator.backends.riata_small.networks.loading import load_network
from training import bench_manifest, development_set
from training.bench_manifest import Mixture
from training.classes import MUSIC
from training.scores import interval, is_absent, level_db, si_sdr
from training.separators import Separate, oracle, own, percussive
from training.workspace import RATE

Row = dict[str, Any]


def _absent(mixture: Mixture, number: int) -> str:
    absent: list[str] = [label for label in CLASSES if label not in mixture.present]
    return absent[number % len(absent)]


def score(separators: dict[str, Separate], mixtures: Iterable[Mixture]) -> list[Row]:
    """One row per mixture: class, kind, input SI-SDR, and per separator the improvement and the level of an absent class."""
    rows: list[Row] = []
    for number, case in enumerate(mixtures):
        mixture, reference = case.samples, case.reference
        row: Row = {"class": case.target, "kind": case.kind, "input": si_sdr(mixture, reference), "gain": {}, "leak": {}}
        for name, separate in separators.items():
            estimate = separate(mixture, case.target, reference)
            if estimate is not None and not is_absent(reference, mixture):
                row["gain"][name] = si_sdr(estimate, reference) - row["input"]
            if name in ("network", "prototype"):
                leaked = separate(mixture, _absent(case, number), np.zeros_like(mixture))
                if leaked is not None:
                    row["leak"][name] = level_db(leaked, mixture)
        rows.append(row)
    return rows


def summary(rows: list[Row], separators: list[str]) -> Row:
    """Means and intervals per class, over music, over effects and over all, for each kind of mixture."""
    groups = {label: {label} for label in CLASSES}
    kinds = (*sorted({row["kind"] for row in rows}), "both")
    groups |= {"music": set(MUSIC), "effects": set(CLASSES) - set(MUSIC) - {"other"}, "all": set(CLASSES)}
    table: Row = {}
    for group, labels in groups.items():
        for kind in kinds:
            chosen = [row for row in rows if row["class"] in labels and kind in (row["kind"], "both")]
            if not chosen:
                continue
            entry: Row = {"n": len(chosen), "input": float(np.mean([row["input"] for row in chosen]))}
            for name in separators:
                gains = [row["gain"][name] for row in chosen if name in row["gain"]]
                if gains:
                    entry[name] = asdict(interval(gains))
                    entry[name]["worse"] = float(np.mean([gain < -1 for gain in gains]))
            table.setdefault(group, {})[kind] = entry
    table["absent_level_db"] = {
        name: asdict(interval(levels)) | {"below_20_db": float(np.mean([level < -20 for level in levels]))}
        for name in ("network", "prototype")
        if (levels := [row["leak"][name] for row in rows if name in row["leak"]])
    }
    return table


def real_time_factor(separate: Separate, threads: int, seconds: int = 30) -> float:
    """Seconds of work per second of mono audio."""
    torch.set_num_threads(threads)
    noise = np.random.default_rng(0).normal(0, 0.1, RATE * seconds).astype(np.float32)
    separate(noise[: RATE * 3], "piano", noise)
    began = time.perf_counter()
    separate(noise, "piano", noise)
    return (time.perf_counter() - began) / seconds


def markdown(table: Row, separators: list[str]) -> str:
    """The table per class as Markdown: improvement in dB, 95 % interval in brackets."""
    lines = ["| class | n | mixture | " + " | ".join(separators) + " |", "| --- " * (3 + len(separators)) + "|"]
    entries = [(group, table.get(group, {}).get("both")) for group in (*CLASSES, "music", "effects", "all")]
    entries += [(f"kind: {kind}", entry) for kind, entry in table.get("all", {}).items() if kind != "both"]
    for group, entry in entries:
        if entry:
            cells = []
            for name in separators:
                value = entry.get(name)
                cells.append(f"{value['mean']:.1f} [{value['low']:.1f}, {value['high']:.1f}]" if value else "")
            lines.append(f"| {group} | {entry['n']} | {entry['input']:.1f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def held_mixtures(per_class: int | None) -> Iterable[Mixture]:
    """The held-out bench, or its first `per_class` cases of each class. Raises ManifestError when its stems differ."""
    head, cases = bench_manifest.read()
    bench_manifest.check(head)
    kept: dict[tuple[str, str], list[bench_manifest.Case]] = {}
    for case in cases:
        kept.setdefault((case.target, case.kind), []).append(case)
    if per_class:
        cases = [case for same in kept.values() for case in same[: max(1, per_class // 2)]]
    drawn: Iterable[Mixture] = bench_manifest.mixtures(cases, float(head["seconds"]))
    return drawn


def main() -> None:
    """Command line of `make bench-quality`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("--prototype", type=Path)
    arguments.add_argument("--cases", type=int)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--set", choices=("held", "development"), default="held")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    network, _ = load_network(chosen.weights)
    separators = {"network": own(network), "no hint": own(network, hinted=False)}
    if chosen.prototype:
        separators["prototype"] = own(load_network(chosen.prototype)[0])
    separators |= {"percussive": percussive(), "oracle": oracle()}
    rows = score(separators, held_mixtures(chosen.cases) if chosen.set == "held" else development_set.mixtures())
    table = summary(rows, list(separators))
    table["real_time_factor"] = {str(threads): real_time_factor(own(network), threads) for threads in (1, 2)}
    text = markdown(table, list(separators))
    print(text)
    print(json.dumps(table["absent_level_db"]), json.dumps(table["real_time_factor"]))
    if chosen.out:
        chosen.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        chosen.out.with_suffix(".md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
