"""Score own network, experts and their fusion on the real development set, as sound.

"fused" is the product of experts with exponents that were fitted without the sources of the mixture at hand. The pretrained
experts are scored by themselves where their sound is what is asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.exponents import PLAIN, Exponents
from riata_separator.backends.riata_small.fusion import fused_mask
from riata_separator.backends.riata_small.networks.base import Network
from riata_separator.backends.riata_small.presence import Listener
from riata_separator.experts.base import Expert
from training.bench_manifest import Mixture
from training.fusion_cases import Case, answers, collect, estimates, questions, windowed
from training.fusion_fit import ABSENT_DB, MUTED_DB, Asked, asked, deaf, left_out
from training.kept import KeptScores, digest
from training.scores import interval, si_sdr
from training.separators import PROMPTED, istft, oracle, percussive, stft
from training.tables import mean, share, table

Row = dict[str, Any]

ALONE = {"voice": ("speech", "vocals"), "speech": ("speech",)}
"""Kinds of mixtures in which an expert by itself is an answer."""

COLUMNS = {
    "mixture": "mixture", "own": "own network", "prototype": "prototype", "voice": "voice expert (Spleeter)",
    "speech": "speech expert (DeepFilterNet)", "percussive": "percussive", "plain": "plain product", "fused": "fused",
    "eared": "fused, with the ear", "oracle": "oracle",
}  # fmt: skip
QUIET_DB = -10.0
BELOW_DB = 0.3
"""Ours may be so much below an expert that it contains, in the mean."""


def score(
    network: Network,
    experts: dict[str, Expert],
    prototype: tuple[str, Network] | None = None,
    every: int = 1,
    ear: Listener | None = None,
) -> tuple[list[Row], list[Exponents]]:
    """A row per question, and the exponents of all folds; ``prototype`` is a network with the name of its contents."""
    pairs = left_out([asked(network.classes, case) for case in collect(network, experts, every, ear)])
    fitted = {_name(pair.case): by for pair, by in pairs}
    kept, rows = KeptScores("development"), []
    alone = _Kept(prototype, kept) if prototype else None
    for mixture, states in questions(Vocabulary(network.classes), every):
        said = estimates(experts, mixture.samples)
        for case in answers(network, said, mixture, states, ear):
            rows.append(_row(asked(network.classes, case), mixture, said, fitted[_name(case)], alone))
    kept.save()
    return rows, list(dict.fromkeys(by for _, by in pairs))


def _name(case: Case) -> tuple[str, str, str]:
    return case.source, case.state, case.prompt


@torch.no_grad()
def _row(question: Asked, mixture: Mixture, said: dict[str, np.ndarray], by: Exponents, alone: "_Kept | None") -> Row:
    case, present = question.case, question.case.state == "present"
    without = deaf(question)
    masks = {"own": _own(question), "plain": without.mask(PLAIN), "fused": without.mask(by)}
    if case.presence is not None:
        masks["eared"] = question.mask(by)
    row: Row = {"kind": case.kind, "target": mixture.target, "state": case.state, "voiceless": case.voiceless, "gain": {}}
    row["level"] = {name: float(question.level(mask)) for name, mask in masks.items()}
    row["scale"] = {name: float(question.scale(mask)) for name, mask in masks.items()}
    if not present:
        return row
    x, s = mixture.samples, mixture.reference
    row["input"] = si_sdr(x, s)
    spectrogram = stft(windowed(x)[0, 0])
    sounds = {name: istft(spectrogram * mask.view_as(spectrogram.real), len(x)) for name, mask in masks.items()}
    sounds |= {name: said[name] for name, kinds in ALONE.items() if case.kind in kinds}
    sounds["oracle"] = oracle()(x, mixture.target, s)
    if mixture.target == "drums":
        sounds["percussive"] = percussive()(x, mixture.target, s)
    row["gain"] = {name: si_sdr(sound, s) - row["input"] for name, sound in sounds.items()}
    if alone and (gain := alone.gain(mixture, said, row["input"])) is not None:
        row["gain"]["prototype"] = gain
    return row


def _own(question: Asked) -> torch.Tensor:
    product = replace(question.product, exponents=PLAIN)
    shares = (question.members @ question.shares)[:, None, None]
    return fused_mask(shares, {}, product, question.case.mixture[None, None])[0, 0]


class _Kept:
    """The prototype, whose gains never change."""

    def __init__(self, network: tuple[str, Network], kept: KeptScores) -> None:
        (self._identity, self._network), self._kept = network, kept

    def gain(self, mixture: Mixture, said: dict[str, np.ndarray], before: float) -> float | None:
        def compute() -> float | None:
            if not Vocabulary(self._network.classes).of([PROMPTED.get(mixture.target, mixture.target)]):
                return None
            (case,) = answers(self._network, said, mixture, {"present": mixture.target})
            spectrogram = stft(windowed(mixture.samples)[0, 0])
            mask = _own(asked(self._network.classes, case)).view_as(spectrogram.real)
            return si_sdr(istft(spectrogram * mask, len(mixture.samples)), mixture.reference) - before

        key = digest("planned", self._identity, mixture.target, mixture.samples, mixture.reference)
        gain: float | None = self._kept.of(key, compute)
        return gain


def groups(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows of present targets by kind, drums, those without any voice, and all."""
    present = [row for row in rows if row["state"] == "present"]
    for kind in sorted({row["kind"] for row in present}):
        yield kind, [row for row in present if row["kind"] == kind]
    yield "drums", [row for row in present if row["target"] == "drums"]
    yield "without any voice", [row for row in present if row["voiceless"]]
    yield "all", present


PROMISES: dict[str, tuple[str, str, Callable[[float], bool]]] = {
    "worse than the mixture by more than 1 dB": ("present", "gain", lambda gain: gain < -1),
    "more than 10 dB too quiet": ("present", "scale", lambda scale: scale < QUIET_DB),
    "absent: at least 20 dB below the mixture": ("absent", "level", lambda level: level < ABSENT_DB),
    "present at -15 dB: muted": ("quiet", "scale", lambda scale: scale < MUTED_DB),
}
"""Title → which questions, what of a row, and what must be true of it."""


def promises(rows: list[Row]) -> dict[str, dict[str, list[bool]]]:
    """For each promise and column, of which questions it is true."""
    found: dict[str, dict[str, list[bool]]] = {}
    for title, (state, key, told) in PROMISES.items():
        asked_so = [row[key] for row in rows if row["state"] == state]
        every = [name for name in COLUMNS if all(name in values for values in asked_so)]
        found[title] = {name: [told(values[name]) for values in asked_so] for name in every if asked_so and name != "oracle"}
    return found


def beside_experts(rows: list[Row]) -> dict[str, list[float]]:
    """By how many dB the fusion is ahead of what a user would pick without a prompt, case by case."""
    present = [row for row in rows if row["state"] == "present"]
    return {
        COLUMNS[name]: [row["gain"]["fused"] - row["gain"][name] for row in present if name in row["gain"]]
        for name in ("voice", "speech", "percussive")
    }


def markdown(rows: list[Row]) -> str:
    """The tables of the development set, with the columns that have anything."""
    told = promises(rows)
    names = [name for name in COLUMNS if any(name in row["gain"] for row in rows)]
    lines = [
        [title, str(len(chosen)), mean([row["input"] for row in chosen]),
         *(_cell(chosen, name) for name in names)]
        for title, chosen in groups(rows) if chosen
    ]  # fmt: skip
    for title, found in told.items():
        count = len(next(iter(found.values()), []))
        lines.append([title, str(count), "", *(share(found.get(name, [])) for name in names)])
    text = table(["kind", "n", COLUMNS["mixture"], *(COLUMNS[name] for name in names)], lines)
    for name, ahead in beside_experts(rows).items():
        if ahead:
            holds = "true" if np.mean(ahead) >= -BELOW_DB else "false"
            text += f"\n\nNever below the {name} by more than {BELOW_DB} dB in the mean: **{holds}** "
            text += f"({mean(ahead)} dB, n = {len(ahead)})."
    return text + "\n\nhtdemucs is not in the table: its weights could not be had where this was measured."


def _cell(rows: list[Row], name: str) -> str:
    gains = [row["gain"][name] for row in rows if name in row["gain"]]
    return mean(gains) + (f" (n = {len(gains)})" if 0 < len(gains) < len(rows) else "")


def summary(rows: list[Row], folds: list[Exponents]) -> Row:
    """The same for machines."""
    return {
        "groups": {
            title: {"n": len(chosen)} | {
                name: asdict(interval(gains))
                for name in COLUMNS if (gains := [row["gain"][name] for row in chosen if name in row["gain"]])
            }
            for title, chosen in groups(rows) if chosen
        },
        "promises": {
            title: {name: float(np.mean(said)) for name, said in found.items()} for title, found in promises(rows).items()
        },
        "beside_experts": {name: asdict(interval(ahead)) for name, ahead in beside_experts(rows).items() if ahead},
        "folds": [asdict(by) for by in folds],
    }  # fmt: skip
