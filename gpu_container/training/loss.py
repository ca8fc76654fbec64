"""What the network is trained on, computed on frequency groups.

A mask that is constant over a group makes every squared error a quadratic of group sums, so nothing is lost by working with
G groups instead of F bins. All terms are scalars; `LossTerms.total` is what is minimised.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from riata_separator.backends.riata_small.networks.base import Trainable
from riata_separator.backends.riata_small.networks.group_head import group_edges

ENTROPY_WEIGHT, SUM_WEIGHT, LEAK_WEIGHT = 6.0, 0.5, 4.0
LIMIT_DB = 25.0


@dataclass
class LossTerms:
    """Mean error of a stem and of the untouched mixture in dB, error of class sums in dB, cross-entropy, leakage."""

    stem: Tensor
    mixture: Tensor
    sums: Tensor
    entropy: Tensor
    leakage: Tensor

    @property
    def total(self) -> Tensor:
        """The weighted sum to minimise."""
        return self.stem + SUM_WEIGHT * self.sums + ENTROPY_WEIGHT * self.entropy + LEAK_WEIGHT * self.leakage


def _runs() -> list[tuple[int, int, int]]:
    """(first bin, groups, bins per group) of the runs of groups of equal width."""
    edges = group_edges()
    widths = np.diff(edges)
    runs: list[tuple[int, int, int]] = []
    for k, width in enumerate(widths):
        if runs and runs[-1][2] == width:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, int(width))
        else:
            runs.append((int(edges[k]), 1, int(width)))
    return runs


RUNS = _runs()


def grouped(x: Tensor) -> Tensor:
    """Sums (G, …, T) over the frequency groups of a real x (…, F, T)."""
    head, t = x.shape[:-2], x.shape[-1]
    sums = [x[..., first : first + count * width, :].reshape(*head, count, width, t).sum(-2) for first, count, width in RUNS]
    return torch.cat(sums, -2).movedim(-2, 0)


def decibel(error: Tensor, energy: Tensor) -> Tensor:
    """Error over energy (N,) in dB, softly floored at -30 dB and clamped to ±LIMIT_DB."""
    ratio = (error.clamp(min=0) + 1e-3 * energy + 1e-6) / (energy + 1e-6)
    return (10 * torch.log10(ratio)).clamp(-LIMIT_DB, LIMIT_DB)


@dataclass
class _Targets:
    """What the loss wants of stems that were mixed: (G, N, T) of each stem, (G, B, T) of each mixture, energies (N,) and (B,).

    ``mixture`` is its power, ``weight`` how much a bin of it counts, ``ideal`` which share of it is a stem's; ``overlap`` is
    Re(stem · conj(mixture)).
    """

    mixture: Tensor
    weight: Tensor
    ideal: Tensor
    overlap: Tensor
    energy: Tensor
    sum_overlap: Tensor
    sum_energy: Tensor


@torch.no_grad()
def _targets(stems: Tensor, mixtures: Tensor, sizes: list[int], chosen: Tensor) -> _Targets:
    """Of spectrograms of stems (N, F, T) and mixtures (B, F, T), and the stems (N,) that are chosen for a mixture's sum.

    One mixture after another: what belongs to one fits into a processor's cache.
    """
    parts: list[tuple[Tensor, ...]] = []
    for mixture, stem, some in zip(mixtures, stems.split(sizes), chosen.split(sizes), strict=True):
        real, imaginary, mixed_real, mixed_imaginary = stem.real.contiguous(), stem.imag.contiguous(), mixture.real, mixture.imag
        power = real.square().addcmul_(imaginary, imaginary)
        overlap = (real * mixed_real).addcmul_(imaginary, mixed_imaginary)
        shared = grouped((power * power.sqrt()).sqrt_())
        mix_power = grouped(mixed_real.square().addcmul_(mixed_imaginary, mixed_imaginary))
        summed = stem[some].sum(0)
        parts.append((
            mix_power, (mix_power / (mix_power.mean() + 1e-8) + 1e-6).pow_(0.3), shared / (shared.sum(1, keepdim=True) + 1e-9),
            grouped(overlap), power.sum((1, 2)), grouped(overlap[some].sum(0)), torch.view_as_real(summed).square().sum(),
        ))  # fmt: skip
    mix_power, weight, ideal, overlap, energy, sum_overlap, sum_energy = zip(*parts, strict=True)
    return _Targets(
        torch.stack(mix_power, 1), torch.stack(weight, 1), torch.cat(ideal, 1), torch.cat(overlap, 1), torch.cat(energy),
        torch.stack(sum_overlap, 1), torch.stack(sum_energy),
    )  # fmt: skip


def loss_terms(
    network: Trainable,
    mid: Tensor,
    side: Tensor | None,
    owner: Tensor,
    label: Tensor,
    hint: Tensor,
    generator: torch.Generator,
    half: bool = False,
) -> LossTerms:
    """Loss of a batch: stems' mid and side spectrograms (N, F, T), their mixture (in order) and class (N,), hints (B, C).

    `half` runs the network in bfloat16; spectrograms and loss stay in float32. The generator draws the class sums.
    """
    b, sizes = len(hint), owner.bincount(minlength=len(hint)).tolist()
    mixture = torch.stack([stems.sum(0) for stems in mid.split(sizes)])
    mixed_side = None if side is None else torch.stack([stems.sum(0) for stems in side.split(sizes)])
    with torch.autocast(mid.device.type, torch.bfloat16, enabled=half):
        logits = network.logits(mixture, mixed_side, hint)
    chosen = (torch.rand(len(owner), generator=generator) < 0.5).to(mid.device)
    of = _targets(mid, mixture, sizes, chosen)
    mix_of_stem = of.mixture.index_select(1, owner)

    log_share = logits.float().log_softmax(1).flatten(1, 2).index_select(1, label * b + owner)
    entropy = -(of.ideal * of.weight.index_select(1, owner) * log_share).sum() / of.weight.sum()

    share = log_share.exp()
    error = of.energy + (share * (share * mix_of_stem - 2 * of.overlap)).sum((0, 2))
    untouched = of.energy + (mix_of_stem - 2 * of.overlap).sum((0, 2))
    audible = of.energy > 1e-5 * mix_of_stem.sum((0, 2))

    sum_share = torch.zeros_like(of.mixture).index_add(1, owner[chosen], share[:, chosen])
    sum_error = of.sum_energy + (sum_share * (sum_share * of.mixture - 2 * of.sum_overlap)).sum((0, 2))
    mix_energy = of.mixture.sum((0, 2))
    present = of.sum_energy > 1e-5 * mix_energy

    absent = 1 - torch.zeros_like(of.mixture).index_add(1, owner, share)
    leakage = (absent.clamp(min=0).square() * of.mixture).sum((0, 2)) / (mix_energy + 1e-6)

    def mean(values: Tensor, where: Tensor) -> Tensor:
        return (values * where).sum() / where.sum().clamp(min=1)

    return LossTerms(
        mean(decibel(error, of.energy), audible),
        mean(decibel(untouched, of.energy), audible).detach(),
        mean(decibel(sum_error, of.sum_energy), present),
        entropy,
        leakage.mean(),
    )
