"""Fit the fusion, tabulate what each part reaches on the real development set, and write the exponents into the weights.

python -m training.fusion_table WEIGHTS [--write]     after `python -m training.fusion_cases WEIGHTS`

Columns are functions of a case; improvements are of SI-SDR in dB with 95 % bootstrap intervals. "fitted" fuses every mixture with
exponents that were fitted without its source; "voice" and "speech" are the pretrained experts by themselves, where their sound is
what is asked for. The exponents are only written when they beat the plain product on sources left out.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from riata_separator.backends.riata_small.exponents import PLAIN, Exponents
from riata_separator.backends.riata_small.fusion import fused_mask
from riata_separator.backends.riata_small.networks.loading import load_network
from training.fusion_cases import Case
from training.fusion_fit import ABSENT_DB, MUTED_DB, Asked, asked, fit, left_out, scores
from training.scores import interval
from training.workspace import root

Column = Callable[[Asked, Exponents], torch.Tensor | None]
VOICES = ("speech", "vocals")


def _alone(case: Asked, _: Exponents) -> torch.Tensor:
    product = replace(case.product, exponents=PLAIN)
    return fused_mask(case.shares, {}, product, case.case.mixture[None, None])[0, 0]


def _expert(name: str, kinds: tuple[str, ...]) -> Column:
    return lambda case, _: case.case.experts[name] if case.case.kind in kinds else None


COLUMNS: dict[str, Column] = {
    "own network": _alone,
    "voice": _expert("voice", VOICES),
    "speech": _expert("speech", ("speech",)),
    "plain product": lambda case, _: case.mask(PLAIN),
    "fitted": lambda case, exponents: case.mask(exponents),
}


@torch.no_grad()
def markdown(pairs: Sequence[tuple[Asked, Exponents]]) -> str:
    """The table over cases and the exponents that were fitted without their sources."""
    present = [(case, by) for case, by in pairs if case.case.state == "present"]
    kinds = sorted({case.case.kind for case, _ in present})
    groups = {kind: [pair for pair in present if pair[0].case.kind == kind] for kind in kinds}
    groups |= {"without a voice": [pair for pair in present if pair[0].case.voiceless], "all": present}
    lines = ["| kind | n | " + " | ".join(COLUMNS) + " |", "| --- " * (2 + len(COLUMNS)) + "|"]
    lines += [f"| {kind} | {len(chosen)} | " + " | ".join(_cell(column, chosen) for column in COLUMNS.values()) + " |"
              for kind, chosen in groups.items() if chosen]  # fmt: skip
    for title, state, told in (
        ("worse than the mixture by more than 1 dB", "present", lambda case, mask: float(case.gain(mask)) < -1),
        ("absent: at least 20 dB below the mixture", "absent", lambda case, mask: float(case.level(mask)) < ABSENT_DB),
        ("present at -15 dB: muted", "quiet", lambda case, mask: float(case.scale(mask)) < MUTED_DB),
    ):
        cases = [pair for pair in pairs if pair[0].case.state == state]
        shares = [_share(column, cases, told) for column in COLUMNS.values()]
        lines.append(f"| {title} | {len(cases)} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def _cell(column: Column, pairs: Sequence[tuple[Asked, Exponents]]) -> str:
    gains = [float(case.gain(mask)) for case, by in pairs if (mask := column(case, by)) is not None]
    if len(gains) < len(pairs):
        return ""
    found = interval(gains)
    return f"{found.mean:.1f} [{found.low:.1f}, {found.high:.1f}]"


def _share(column: Column, pairs: Sequence[tuple[Asked, Exponents]], told: Callable[[Asked, torch.Tensor], bool]) -> str:
    said = [told(case, mask) for case, by in pairs if (mask := column(case, by)) is not None]
    return f"{100 * np.mean(said):.0f} %" if said and len(said) == len(pairs) else ""


def main() -> None:
    """Command line of the second half of `make fusion`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    stored = torch.load(root() / "fusion" / "cases.pt", weights_only=True)
    cases = [asked(stored["classes"], Case(**case)) for case in stored["cases"]]
    pairs, fitted = left_out(cases), fit(cases)
    plain, others = scores([(case, PLAIN) for case in cases]), scores(pairs)
    text = markdown(pairs)
    print(text, plain, others, fitted.as_metadata(), sep="\n")
    if chosen.out:
        chosen.out.write_text(text + "\n", encoding="utf-8")
    if chosen.write and others["all"] > plain["all"]:
        _, metadata = load_network(chosen.weights)
        save_file(load_file(chosen.weights), chosen.weights, metadata | fitted.as_metadata())
        print(f"written into {chosen.weights}")


if __name__ == "__main__":
    main()
