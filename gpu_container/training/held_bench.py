"""Score own network and baselines on the held-out bench. What the baselines reach does not depend on our weights and is kept."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from riata_separator.backends.riata_small.networks.base import CLASSES, Network
from training import bench_manifest
from training.bench_manifest import Case, Mixture
from training.classes import MUSIC
from training.kept import KeptScores, digest
from training.scores import interval, is_absent, level_db, si_sdr
from training.separators import Own, Separate, oracle, percussive
from training.tables import mean, share, table

Row = dict[str, Any]
COLUMNS = ("network", "no hint", "prototype", "percussive", "oracle")
LEAKING = ("network", "prototype")


def chosen_cases(per_class: int | None) -> tuple[dict[str, Any], list[Case]]:
    """Head and cases of the manifest, or the first ``per_class`` of each class. Raises ManifestError when its stems differ."""
    head, cases = bench_manifest.read()
    bench_manifest.check(head)
    alike: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        alike.setdefault((case.target, case.kind), []).append(case)
    if per_class:
        songs, scenes = -(-per_class // 2), per_class // 2
        cases = [case for (_, kind), same in alike.items() for case in same[: songs if kind == "song" else scenes]]
    return head, cases


def absent_class(mixture: Mixture, number: int) -> str:
    """A class that does not sound in a mixture, another for every number."""
    absent: list[str] = [label for label in CLASSES if label not in mixture.present]
    return absent[number % len(absent)]


def score(network: Network, prototype: tuple[str, Network] | None, per_class: int | None) -> list[Row]:
    """One row per mixture: class, kind, input SI-SDR, and per separator the improvement and the level of an absent class."""
    own, kept = Own(network), KeptScores("held")
    baselines: dict[str, Separate] = {"percussive": percussive(), "oracle": oracle()}
    if prototype:
        baselines["prototype"] = Own(prototype[1])
    head, cases = chosen_cases(per_class)
    rows = []
    for case, mixture in zip(cases, bench_manifest.mixtures(cases, float(head["seconds"])), strict=True):
        numbered = int(digest(repr(case)), 16)
        row = _row({"network": own, "no hint": own.unhinted}, mixture, numbered)
        for name, baseline in baselines.items():
            key = digest(name, prototype[0] if prototype and name == "prototype" else "", head["sha256"]["raw"], repr(case))
            found = kept.of(key, _later({name: baseline}, mixture, numbered))
            row = row | {part: row[part] | found[part] for part in ("gain", "leak")}
        rows.append(row)
    kept.save()
    return rows


def _later(separators: dict[str, Separate], mixture: Mixture, number: int) -> Callable[[], Row]:
    return lambda: _row(separators, mixture, number)


def _row(separators: dict[str, Separate], case: Mixture, number: int) -> Row:
    mixture, reference = case.samples, case.reference
    row: Row = {"class": case.target, "kind": case.kind, "input": si_sdr(mixture, reference), "gain": {}, "leak": {}}
    for name, separate in separators.items():
        estimate = separate(mixture, case.target, reference)
        if estimate is not None and not is_absent(reference, mixture):
            row["gain"][name] = si_sdr(estimate, reference) - row["input"]
        if name in LEAKING:
            leaked = separate(mixture, absent_class(case, number), np.zeros_like(mixture))
            if leaked is not None:
                row["leak"][name] = level_db(leaked, mixture)
    return row


def groups(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows per class, over music, over effects and over all, and of each kind."""
    sets = {label: {label} for label in CLASSES}
    sets |= {"music": set(MUSIC), "effects": set(CLASSES) - set(MUSIC) - {"other"}, "all": set(CLASSES)}
    for title, labels in sets.items():
        yield title, [row for row in rows if row["class"] in labels]
    for kind in sorted({row["kind"] for row in rows}):
        yield f"{kind}s", [row for row in rows if row["kind"] == kind]


def markdown(rows: list[Row]) -> str:
    """The table per class: improvement in dB, 95 % interval in brackets; then leakage and harm."""
    names = [name for name in COLUMNS if any(name in row["gain"] for row in rows)]
    lines = [
        [title, str(len(chosen)), f"{np.mean([row['input'] for row in chosen]):.1f}",
         *(mean([row["gain"][name] for row in chosen if name in row["gain"]]) for name in names)]
        for title, chosen in groups(rows) if chosen
    ]  # fmt: skip
    lines.append(["worse than the mixture by more than 1 dB", str(len(rows)), "", *(_worse(rows, name) for name in names)])
    lines.append(["absent: at least 20 dB below the mixture", str(len(rows)), "", *(_silent(rows, name) for name in names)])
    return table(["class", "n", "mixture", *names], lines)


def _worse(rows: list[Row], name: str) -> str:
    return share([row["gain"][name] < -1 for row in rows if name in row["gain"]]) if name not in ("percussive", "oracle") else ""


def _silent(rows: list[Row], name: str) -> str:
    return share([row["leak"][name] < -20 for row in rows if name in row["leak"]])


def summary(rows: list[Row]) -> Row:
    """The same for machines."""
    found: Row = {}
    for title, chosen in groups(rows):
        for name in COLUMNS:
            gains = [row["gain"][name] for row in chosen if name in row["gain"]]
            if gains:
                worse = float(np.mean([gain < -1 for gain in gains]))
                found.setdefault(title, {"n": len(chosen)})[name] = asdict(interval(gains)) | {"worse": worse}
    levels = {name: [row["leak"][name] for row in rows if name in row["leak"]] for name in LEAKING}
    found["absent_level_db"] = {
        name: asdict(interval(values)) | {"below_20_db": float(np.mean([level < -20 for level in values]))}
        for name, values in levels.items() if values
    }  # fmt: skip
    return found
