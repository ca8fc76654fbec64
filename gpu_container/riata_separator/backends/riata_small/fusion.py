"""The product of experts: class shares, weighed by what the experts are sure of.

In every bin the share of a class is multiplied by what each expert gives to its side, and the products are normalised again
(Hinton's product of experts, 2002, all exponents 1). Classes that the plan rules out of the competition keep only a floor.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import torch

from .plan import Plan, speech_sign, voice_sign

FLOOR = 1e-3
"""No expert is so sure that a share falls below this factor."""

_SIGNS = {"voice": voice_sign, "speech": speech_sign}
_NEUTRAL = {"voice": 0.5, "speech": 1.0}
"""The factor of what an expert has no say on: between its two sides, or, as speech lies within singing, none."""


def power_share(estimate: torch.Tensor, mixture: torch.Tensor) -> torch.Tensor:
    """The share that an expert takes of every bin, 0…1, from the STFTs of its estimate and of what it heard."""
    inside = torch.view_as_real(estimate).square().sum(-1)
    outside = torch.view_as_real(mixture - estimate).square().sum(-1)
    return inside / (inside + outside + 1e-12)


def expert_shares(
    windows: torch.Tensor, estimates: Mapping[str, torch.Tensor], stft: Callable[[torch.Tensor], torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Shares (windows · channels, F, T) of ``windows`` (windows, channels, samples) that the experts take.

    Estimates are windows likewise; one with a single channel speaks of the mean of all channels.
    """
    count, channels, _ = windows.shape
    shares = {}
    for name, estimate in estimates.items():
        mixture = windows if estimate.shape[1] == channels else windows.mean(1, keepdim=True)
        share = power_share(stft(estimate.flatten(0, 1)), stft(mixture.flatten(0, 1)))
        shares[name] = share.repeat_interleave(count * channels // len(share), 0)
    return shares


class Group(NamedTuple):
    """Classes that the plan and the experts treat alike. The signs are those of the experts that are asked."""

    wanted: bool
    competing: bool
    signs: tuple[tuple[str, int], ...]


def grouped(plan: Plan, experts: Iterable[str], classes: Sequence[str]) -> tuple[list[Group], torch.Tensor]:
    """The groups of a plan, and which of a network's ``classes`` belong to them: (G, C), 0 or 1."""
    asked = sorted(experts)
    group_of = [
        Group(name in plan.wanted, name in plan.competing, tuple((e, _SIGNS[e](name)) for e in asked)) for name in classes
    ]
    groups = sorted(set(group_of))
    return groups, torch.tensor([[float(group == own) for own in group_of] for group in groups])


def fused_mask(shares: torch.Tensor, experts: Mapping[str, torch.Tensor], groups: list[Group]) -> torch.Tensor:
    """The mask (B, F, T) of what is wanted.

    Args:
        shares: (G, B, F, T), the network's, summed over each group; they add up to one.
        experts: by name, the expert's share of every bin, (B, F, T).
        groups: what the plan and the experts say of them.
    """
    wanted = total = torch.zeros_like(shares[0])
    for share, group in zip(shares, groups, strict=True):
        weighed = share if group.competing else share * FLOOR
        for name, sign in group.signs:
            weighed = weighed * _factor(experts[name], name, sign)
        total = total + weighed
        if group.wanted:
            wanted = wanted + weighed
    return wanted / total.clamp_min(1e-12)


def _factor(taken: torch.Tensor, expert: str, sign: int) -> torch.Tensor | float:
    if sign:
        return (taken if sign > 0 else 1 - taken) + FLOOR
    return _NEUTRAL[expert]
