"""From windows of sound to masks: the calls of the network, and how sure it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import torch

from ..stereo import united
from .bands import HOP, N_FFT
from .fusion import expert_shares, fused_mask, grouped
from .plan import Plan

if TYPE_CHECKING:
    from .backend import RiataSmall

BATCH = 4
"""Windows of one channel per call of the network."""

_MIXDOWN_KEEPS = 0.5
"""A mixdown that keeps less than this share of the channels' mean power (phase-inverted, unrelated) is not listened to."""


class Estimator:
    """Masks of one plan; counts how decided they are."""

    def __init__(self, separator: RiataSmall, plan: Plan, experts: Iterable[str], *, channels: int, mixdown: bool) -> None:
        self._separator, self._mixdown = separator, mixdown
        device = separator.device
        classes = separator.network.classes
        self._hint = torch.tensor([float(name in plan.hinted) for name in classes], device=device)
        self._groups, members = grouped(plan, experts, classes)
        self._members = members.to(device)
        self._decided, self._given = 0.0, 0.0
        self.windows_per_call = max(1, BATCH // channels)

    def masks(self, windows: torch.Tensor, experts: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Masks (windows, channels, bins, frames) of ``windows`` (windows, channels, samples).

        ``experts`` holds the same windows of each expert's estimate, of all channels or of their mean.
        """
        channels = windows.shape[1]
        if channels == 1:
            return self._estimated(windows, experts)
        mean = windows.mean(1, keepdim=True)
        mean_experts = {name: estimate.mean(1, keepdim=True) for name, estimate in experts.items()}
        if torch.equal(windows, mean.expand_as(windows)):
            return self._estimated(mean, mean_experts).expand(-1, channels, -1, -1)
        if self._mixdown:
            kept = mean.square().mean((1, 2)) / windows.square().mean((1, 2)).clamp_min(1e-12)
            if (kept > _MIXDOWN_KEEPS).all():
                return self._estimated(mean, mean_experts).expand(-1, channels, -1, -1)
        return self._estimated(windows, experts)

    def confidence(self) -> float:
        """How decided the masks were, weighted by the power they let through: 1 when every bin is taken whole or not at all."""
        return self._decided / self._given if self._given else 0.0

    def _estimated(self, windows: torch.Tensor, experts: Mapping[str, torch.Tensor]) -> torch.Tensor:
        network, (count, channels, _) = self._separator.network, windows.shape
        spec = self._stft(windows.flatten(0, 1))
        power = torch.view_as_real(spec).square().sum(-1)
        heard = network.encode(spec.view(count, channels, *spec.shape[1:]))
        shares = network.summed_shares(heard, self._hint, self._members)
        masks = fused_mask(shares, expert_shares(windows, experts, self._stft), self._groups)
        self._given += float((power * masks).sum())
        self._decided += float((power * masks.square()).sum())
        shape = (count, channels, *masks.shape[1:])
        return torch.stack([united(m, s) for m, s in zip(masks.reshape(shape), spec.view(shape), strict=True)])

    def _stft(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stft(x, N_FFT, HOP, window=self._separator.window, return_complex=True)
