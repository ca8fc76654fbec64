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
    """Sums (N, T, G) over the frequency groups of a real x (N, F, T)."""
    n, _, t = x.shape
    sums = [x[:, first : first + count * width].reshape(n, count, width, t).sum(2) for first, count, width in RUNS]
    return torch.cat(sums, 1).transpose(1, 2)


def power(z: Tensor) -> Tensor:
    """|z|² of a complex tensor, without the slow complex abs()."""
    return torch.view_as_real(z).square().sum(-1)


def cross(a: Tensor, b: Tensor) -> Tensor:
    """Re(a · conj(b)) of complex tensors."""
    return (torch.view_as_real(a) * torch.view_as_real(b)).sum(-1)


def decibel(error: Tensor, energy: Tensor) -> Tensor:
    """Error over energy (N,) in dB, softly floored at -30 dB and clamped to ±LIMIT_DB."""
    ratio = (error.clamp(min=0) + 1e-3 * energy + 1e-6) / (energy + 1e-6)
    return (10 * torch.log10(ratio)).clamp(-LIMIT_DB, LIMIT_DB)


def loss_terms(
    network: Trainable,
    mid: Tensor,
    side: Tensor,
    owner: Tensor,
    label: Tensor,
    hint: Tensor,
    generator: torch.Generator,
    half: bool = False,
) -> LossTerms:
    """Loss of a batch: stems' mid and side spectrograms (N, F, T), their mixture and class (N,), hints (B, C).

    `half` runs the network in bfloat16; spectrograms and loss stay in float32. The generator draws the class sums.
    """
    b = len(hint)
    mixture = torch.zeros(b, *mid.shape[1:], dtype=mid.dtype, device=mid.device).index_add(0, owner, mid)
    with torch.autocast(mid.device.type, torch.bfloat16, enabled=half):
        mixed_side = torch.zeros_like(mixture).index_add(0, owner, side)
        logits = network.logits(mixture, mixed_side, hint)
    log_share = logits.float().log_softmax(0).flatten(0, 1).index_select(0, label * b + owner)
    energy_bins = power(mid)
    stem_power, mix_power = grouped(energy_bins), grouped(power(mixture))
    shared = grouped(energy_bins.pow(0.75))
    total = torch.zeros(mix_power.shape, device=mid.device).index_add(0, owner, shared)
    weight = (mix_power / (mix_power.mean((1, 2), keepdim=True) + 1e-8) + 1e-6).pow(0.3)
    entropy = -(shared / (total + 1e-9)[owner] * weight[owner] * log_share).sum() / weight.sum()

    share, mix_of_stem = log_share.exp(), mix_power[owner]
    overlap = grouped(cross(mid, mixture[owner]))
    energy = stem_power.sum((1, 2))
    error = energy + (share * (share * mix_of_stem - 2 * overlap)).sum((1, 2))
    untouched = energy + (mix_of_stem - 2 * overlap).sum((1, 2))
    audible = energy > 1e-5 * mix_of_stem.sum((1, 2))

    chosen = (torch.rand(len(owner), generator=generator) < 0.5).to(mid.device)
    summed = torch.zeros_like(mixture).index_add(0, owner[chosen], mid[chosen])
    sum_share = torch.zeros(mix_power.shape, device=mid.device).index_add(0, owner[chosen], share[chosen])
    sum_energy = power(summed).sum((1, 2))
    sum_overlap = grouped(cross(summed, mixture))
    sum_error = sum_energy + (sum_share * (sum_share * mix_power - 2 * sum_overlap)).sum((1, 2))
    present = sum_energy > 1e-5 * mix_power.sum((1, 2))

    absent = 1 - torch.zeros(mix_power.shape, device=mid.device).index_add(0, owner, share)
    leakage = (absent.clamp(min=0).square() * mix_power).sum((1, 2)) / (mix_power.sum((1, 2)) + 1e-6)

    def mean(values: Tensor, where: Tensor) -> Tensor:
        return (values * where).sum() / where.sum().clamp(min=1)

    return LossTerms(
        mean(decibel(error, energy), audible),
        mean(decibel(untouched, energy), audible).detach(),
        mean(decibel(sum_error, sum_energy), present),
        entropy,
        leakage.mean(),
    )
