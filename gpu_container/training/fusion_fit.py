"""Fit the exponents of the product of experts on the real development set.

python -m training.fusion_fit WEIGHTS     fits, prints what it reaches on sources left out, and writes the exponents into WEIGHTS

What is minimised is computed by the service's own code with the exponents as variables. Folds leave out all mixtures of some
sources, so that what the fit is worth is measured on recordings that it did not see.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from safetensors.torch import load_file, save_file

from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.exponents import PLAIN, Exponents
from riata_separator.backends.riata_small.fusion import fused_mask, grouped
from riata_separator.backends.riata_small.networks.loading import load_network
from riata_separator.backends.riata_small.plan import plan_for
from riata_separator.backends.riata_small.presence import FAINT_DB, belief, named_classes
from riata_separator.experts.base import load_ear
from training.development_set import NOT_HERE
from training.fusion_cases import Case, collect
from training.kept import kept_experts

STEPS, RATE, STAY, FOLDS = 40, 0.1, 0.02, 5
LEAK_WEIGHT = 0.2
START = {"presence": -2.5, "silencing": 3.0, "unsure": 0.5, "voice_certainty": 0.6}
"""Where the fit begins, other than with the plain product; the level of presence is counted in tens of dB here."""
VOICE_FOLLOWED = 0.5
"""Not fitted: as a variable it made everything else worse on sources left out, where 0.3, 0.5 and 0.7 all beat nothing."""
EAR = {"ear_doubt": 0.5, "ear_sure": 0.0, "ear_found": 0.1, "ear_hushed": -21.5, "ear_kept": -16.0}
"""Not fitted either: doubts of 0.3 to 1 and presences of -1 to 1 did alike on all sources, and floors of -10 to -18 dB did. The
level of what is not heard, and what is found counts for, were chosen by their outcome, with UNHEARD (ADR 10)."""
UNHEARD, FARTHER = 0.08, 0.5
"""How many of the sounds that are there have less presence than what the ear takes as heard; and how far below the least presence
of any of them begins what is surely absent."""
CLAMP_DB = 12.0
"""No case counts for more than this: a fit is for all, not for the few that can be lost or won entirely."""

SCALE_FREE_DB, ABSENT_DB, MUTED_DB = 2.0, -20.0, -20.0


@dataclass(frozen=True)
class Asked:
    """A case ready to be fused: class shares (C, N) of groups (G, C), experts (1, 1, N), the classes that are named (C,)."""

    case: Case
    shares: torch.Tensor
    members: torch.Tensor
    experts: dict[str, torch.Tensor]
    product: Any
    named: torch.Tensor

    @property
    def energy(self) -> torch.Tensor:
        """Of the reference, by the same bins as everything else: errors stay positive."""
        return self.case.reference.sum()

    def mask(self, exponents: Any) -> torch.Tensor:
        """The mask (N,) under some exponents."""
        product, presence = replace(self.product, exponents=exponents), self.case.presence
        members, heard = self.members, None
        if presence is not None:
            members = members * belief(presence, exponents)
            heard = presence[self.named].max() if self.named.any() else None
        shares = (members @ self.shares)[:, None, None]
        return fused_mask(shares, self.experts, product, self.case.mixture[None, None], heard)[0, 0]

    def gain(self, mask: torch.Tensor) -> torch.Tensor:
        """SI-SDR improvement in dB."""
        return self._si_sdr(mask) - self._si_sdr(torch.ones_like(mask))

    def _si_sdr(self, mask: torch.Tensor) -> torch.Tensor:
        kept, energy = (mask * self.case.overlap).sum(), (mask.square() * self.case.mixture).sum()
        signal = kept.square() / self.energy
        return 10 * torch.log10((signal + 1e-9) / ((energy - signal).clamp_min(0) + 1e-9))

    def level(self, mask: torch.Tensor) -> torch.Tensor:
        """Level of the output against the mixture in dB."""
        return 10 * torch.log10((mask.square() * self.case.mixture).sum() / self.case.mixture.sum() + 1e-9)

    def scale(self, mask: torch.Tensor) -> torch.Tensor:
        """How loud the target is in the output, against the reference in dB; SI-SDR does not see it, the residual hears it."""
        return 20 * torch.log10(((mask * self.case.overlap).sum() / self.energy).clamp_min(1e-3))


def asked(classes: Sequence[str], case: Case) -> Asked:
    """The plan of a case's prompt, applied to what the network and the experts said."""
    plan = plan_for(case.prompt, Vocabulary(tuple(classes)))
    experts = {name: case.experts[name][None, None] for name in plan.experts}
    product, members = grouped(plan, experts, classes)
    return Asked(case, case.shares, torch.from_numpy(members), experts, product, torch.tensor(named_classes(plan, classes)))


def loss(cases: Sequence[Asked], exponents: Any) -> torch.Tensor:
    """Mean improvement lost, what makes mixtures worse, targets at a wrong level, and what sounds of absent classes."""
    present = [case for case in cases if case.case.state == "present"]
    masks = [case.mask(exponents) for case in present]
    gains = torch.stack([case.gain(mask) for case, mask in zip(present, masks, strict=True)])
    scales = torch.stack([case.scale(mask) for case, mask in zip(present, masks, strict=True)])
    silent = [case for case in cases if case.case.state == "absent"]
    leaks = torch.stack([case.level(case.mask(exponents)) for case in silent])
    quiet = torch.stack([case.scale(case.mask(exponents)) for case in cases if case.case.state == "quiet"])
    return (
        0.5 * functional.softplus(-1 - gains).mean()
        - (CLAMP_DB * torch.tanh(gains / CLAMP_DB)).mean()
        + 0.5 * functional.softplus(scales.abs() - SCALE_FREE_DB).mean()
        + LEAK_WEIGHT * functional.softplus((leaks - ABSENT_DB) / 2).mean()
        + 0.5 * functional.softplus((MUTED_DB - quiet) / 2).mean()
    )


def fit(cases: Sequence[Asked]) -> Exponents:
    """The exponents with the least loss without the ear, drawn towards the plain product, and those of the ear."""
    listening, cases, plain = cases, [deaf(case) for case in cases], asdict(Exponents())
    values = {
        name: torch.tensor(START.get(name, value), requires_grad=True)
        for name, value in plain.items()
        if name != "voice_followed" and not name.startswith("ear_")
    }
    optimiser = torch.optim.Adam(list(values.values()), RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        away = sum((value - START.get(name, plain[name])) ** 2 for name, value in values.items())
        (loss(cases, _exponents(values)) + STAY * away).backward()
        optimiser.step()
    fitted = _exponents({name: value.detach() for name, value in values.items()})
    found = Exponents(**{name: float(getattr(fitted, name)) for name in values}, voice_followed=VOICE_FOLLOWED)
    return _with_ear(found, listening)


def deaf(case: Asked) -> Asked:
    """The same without the ear."""
    return replace(case, case=replace(case.case, presence=None))


@torch.no_grad()
def _with_ear(fitted: Exponents, cases: Sequence[Asked]) -> Exponents:
    """Exponents with those of the ear, by how it hears what is named and there; as they are without it."""
    there = [case for case in cases if case.case.state == "present" and case.case.presence is not None and case.named.any()]
    if not there:
        return fitted
    unbounded = replace(fitted, ear_doubt=EAR["ear_doubt"], ear_sure=EAR["ear_sure"])
    heard = [float(case.case.presence[case.named].max()) for case in there if case.case.presence is not None]
    levels = [max(FAINT_DB, float(case.level(case.mask(unbounded)))) for case in there]
    found = np.array(heard) + EAR["ear_found"] * np.array(levels)
    return replace(fitted, **EAR, ear_heard=float(np.quantile(found, UNHEARD)), ear_absent=min(heard) - FARTHER)


def _exponents(values: dict[str, Any]) -> Exponents:
    return Exponents(**{**values, "presence": 10 * values["presence"]})


def _folds(cases: Sequence[Asked]) -> list[set[str]]:
    sources = sorted({case.case.source for case in cases})
    return [set(sources[k::FOLDS]) for k in range(FOLDS)]


def left_out(cases: Sequence[Asked]) -> list[tuple[Asked, Exponents]]:
    """Every case with exponents that were fitted without its source."""
    found = []
    for sources in _folds(cases):
        fitted = fit([case for case in cases if case.case.source not in sources])
        found += [(case, fitted) for case in cases if case.case.source in sources]
    return found


@torch.no_grad()
def scores(pairs: Sequence[tuple[Asked, Exponents]]) -> dict[str, float]:
    """Mean improvement by kind and of all in dB, shares of cases that are worse by 1 dB, absent below -20 dB, and muted."""
    gains: dict[str, list[float]] = {}
    levels, kept, scales = [], [], []
    for case, exponents in pairs:
        mask = case.mask(exponents)
        if case.case.state == "present":
            gains.setdefault(case.case.kind, []).append(float(case.gain(mask)))
            scales.append(float(case.scale(mask)))
        elif case.case.state == "absent":
            levels.append(float(case.level(mask)))
        else:
            kept.append(float(case.scale(mask)))
    every = np.concatenate([*gains.values()])
    found = {kind: float(np.mean(values)) for kind, values in sorted(gains.items())}
    return found | {
        "all": float(every.mean()), "median": float(np.median(every)), "worse": float((every < -1).mean()),
        "scale": float(np.median(scales)), "absent below -20": float((np.array(levels) < ABSENT_DB).mean()),
        "muted": float((np.array(kept) < MUTED_DB).mean()),
    }  # fmt: skip


def main() -> None:
    """Command line of `make fusion`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("weights", type=Path)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    network, metadata = load_network(chosen.weights)
    ear, missing = load_ear(network.classes)
    if ear is None:
        raise SystemExit(" ".join(missing))
    cases = [asked(network.classes, case) for case in collect(network, kept_experts(), ear=ear)]
    if not cases:
        raise SystemExit(NOT_HERE)
    pairs, plain = left_out(cases), scores([(deaf(case), PLAIN) for case in cases])
    fitted, others = fit(cases), scores([(deaf(case), by) for case, by in pairs])
    print(f"plain product: {plain}", f"sources left out: {others}", f"with the ear: {scores(pairs)}", sep="\n")
    print(fitted.as_metadata())
    if others["all"] <= plain["all"]:
        raise SystemExit("The plain product is no worse on sources left out: nothing is written.")
    save_file(load_file(chosen.weights), chosen.weights, metadata | fitted.as_metadata())
    chosen.weights.chmod(0o644)


if __name__ == "__main__":
    main()
