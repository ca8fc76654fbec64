"""The product of experts: class shares, weighed by what the experts are sure of.

In every bin the share of a class is multiplied by what each expert gives to its side, and the products are normalised again
(Hinton's product of experts, 2002, all exponents 1). Classes that the plan rules out of the competition keep only a floor.
"""

from collections.abc import Callable, Mapping

import torch

from .classes import CLASSES
from .plan import Plan, speech_sign, voice_sign

FLOOR = 1e-3
"""No expert is so sure that a share falls below this factor."""

_SIGNS = {"voice": voice_sign, "speech": speech_sign}
_NEUTRAL = 0.5


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


def fused_mask(shares: torch.Tensor, experts: Mapping[str, torch.Tensor], plan: Plan) -> torch.Tensor:
    """The mask (B, F, T) of what ``plan`` wants.

    Args:
        shares: (C, B, F, T), the network's, adding up to one over the classes.
        experts: by name, the expert's share of every bin, (B, F, T).
        plan: which classes are wanted and which compete.
    """
    wanted = total = torch.zeros_like(shares[0])
    for share, name in zip(shares, CLASSES, strict=True):
        weighed = share if name in plan.competing else share * FLOOR
        for expert, taken in experts.items():
            sign = _SIGNS[expert](name)
            if expert == "voice" and sign == 0:
                weighed = weighed * _NEUTRAL
            elif sign:
                weighed = weighed * ((taken if sign > 0 else 1 - taken) + FLOOR)
        total = total + weighed
        if name in plan.wanted:
            wanted = wanted + weighed
    return wanted / total.clamp_min(1e-12)
