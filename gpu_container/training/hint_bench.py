"""Measure candidates and acceleration tiers on mixtures of the real development set, through the service's separation.

python -m training.hint_bench WEIGHTS [--mixtures 24] [--out FOLDER]     writes candidates.md and tiers.md

Candidates differ by the grid on which they hear the file; the ranker is the separation's own confidence. Intervals are paired.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from scipy.stats import spearmanr

from riata.domain.options import Acceleration, SeparationOptions
from riata_separator.backends.riata_small.backend import RiataSmall
from riata_separator.separator import Chunk, Summary
from training import development_set
from training.bench_manifest import Mixture
from training.bench_quality import asked_of, write
from training.examples import separator
from training.fusion_cases import prompt_of
from training.kept import file_digest, kept_experts
from training.scores import interval, si_sdr
from training.tables import mean, table
from training.workspace import RATE

CANDIDATES, SEED = 8, 1
PLACES = ((0.95, 0.31), (0.6, 0.8))
"""Gains left and right of target and rest."""

STEREO = "Stereo: target and rest on different sides. Six seconds are one window: the tiers' strides play no part.\n\n"


def separated(backend: RiataSmall, x: np.ndarray, label: str, tier: Acceleration, candidate: int = 0) -> tuple[np.ndarray, float]:
    """The target (channels, n) in ``x`` and the separation's confidence."""
    summary = Summary(RATE, len(x), x.shape[1], float(np.abs(x).max()), float(np.sqrt((x**2).mean())))
    separation = backend.begin(SeparationOptions(prompt_of(label), acceleration=tier, seed=SEED), summary, candidate)
    return separation.target(Chunk(x, 0), lambda: None), separation.confidence()


def placed(mixture: Mixture, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Mixture and reference (2, n): the target on one side, what is with it on the other, for tiers hear stereo differently."""
    sides = PLACES[::-1] if number % 2 else PLACES
    target, rest = (np.float32(gain)[:, None] * x for gain, x in zip(
        np.array(sides), (mixture.reference, mixture.samples - mixture.reference), strict=True))  # fmt: skip
    return target + rest, target


def chosen(count: int) -> Iterator[Mixture]:
    """``count`` mixtures, spread over the development set."""
    every = list(development_set.mixtures())
    yield from every[:: max(1, len(every) // count)][:count]


def candidates(backend: RiataSmall, mixture: Mixture) -> dict[str, float]:
    """Improvements in dB by what is made of several candidates, and the rank correlation of confidence and improvement."""
    before = si_sdr(mixture.samples, mixture.reference)
    found = [separated(backend, mixture.samples[None], mixture.target, Acceleration.BALANCED, k) for k in range(CANDIDATES)]
    gains = [si_sdr(target[0], mixture.reference) - before for target, _ in found]
    confidences = [confidence for _, confidence in found]
    average = np.mean([target[0] for target, _ in found], 0)
    return {
        "single": gains[0], "by ranker": gains[int(np.argmax(confidences))], "by oracle": max(gains),
        "averaged": si_sdr(average, mixture.reference) - before, "at random": float(np.mean(gains)),
        "rank correlation": float(spearmanr(confidences, gains).statistic) if len(set(confidences)) > 1 else 0.0,
    }  # fmt: skip


def tiers(backend: RiataSmall, mixture: Mixture, number: int) -> dict[str, float]:
    """Improvements in dB by tiers, mean of both channels."""
    x, reference = placed(mixture, number)
    return {
        tier.value: float(np.mean([
            si_sdr(mine, true) - si_sdr(heard, true)
            for mine, heard, true in zip(separated(backend, x, mixture.target, tier)[0], x, reference, strict=True)
        ]))
        for tier in Acceleration
    }  # fmt: skip


def against(rows: Sequence[dict[str, float]], name: str, other: str) -> str:
    """How far one is ahead of another, in pairs, and whether that can be told from nothing."""
    ahead = [row[name] - row[other] for row in rows]
    found = interval(ahead)
    told = "better" if found.low > 0 else "worse" if found.high < 0 else "no difference shown"
    return f"{found.mean:+.2f} [{found.low:+.2f}, {found.high:+.2f}]: {told}"


def candidates_table(rows: Sequence[dict[str, float]]) -> str:
    """What several candidates are worth."""
    lines = [[name, mean([row[name] for row in rows]), against(rows, name, "single")]
             for name in ("at random", "by ranker", "averaged", "by oracle")]  # fmt: skip
    correlation = mean([row["rank correlation"] for row in rows])
    return (
        table([f"best of {CANDIDATES}", "improvement", "against a single candidate (dB, paired)"], lines)
        + f"\n\nSpearman's rank correlation of confidence and improvement within a mixture: {correlation} (n = {len(rows)})."
    )


def tiers_table(rows: Sequence[dict[str, float]]) -> str:
    """What the tiers are worth."""
    lines = [["fast", mean([row["fast"] for row in rows]), against(rows, "fast", "balanced")],
             ["balanced", mean([row["balanced"] for row in rows]), ""],
             ["quality", mean([row["quality"] for row in rows]), against(rows, "quality", "balanced")]]  # fmt: skip
    return table(["tier", "improvement", "against balanced (dB, paired)"], lines)


def main() -> None:
    """Command line of `make bench-hints`."""
    chosen_by = asked_of(__doc__.splitlines()[0], 24)
    torch.set_num_threads(1)
    backend = separator(chosen_by.weights, kept_experts())
    mixtures = list(chosen(chosen_by.mixtures))
    if not mixtures:
        raise SystemExit(development_set.NOT_HERE)
    said = f"Weights {file_digest(chosen_by.weights)[:12]}, {len(mixtures)} mixtures of the real development set.\n\n"
    rows = [candidates(backend, mixture) for mixture in mixtures]
    write(chosen_by.out, "candidates", said + candidates_table(rows) + "\n", {"rows": rows})
    rows = [tiers(backend, mixture, number) for number, mixture in enumerate(mixtures)]
    write(chosen_by.out, "tiers", said + STEREO + tiers_table(rows) + "\n", {"rows": rows})


if __name__ == "__main__":
    main()
