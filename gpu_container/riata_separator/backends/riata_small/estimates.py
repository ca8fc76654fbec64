"""From windows of sound to masks, for one prompt or several at once, and how sure the network was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch

from ..stereo import united
from .bands import HOP, N_FFT
from .fusion import expert_shares, fused_mask, grouped
from .model import Model, Question
from .plan import Plan

_MIXDOWN_KEEPS = 0.5
"""A mixdown that keeps less than this share of the channels' mean power (phase-inverted, unrelated) is not listened to."""


class Estimator:
    """Masks of one plan; counts how decided they are."""

    def __init__(self, plan: Plan, experts: Iterable[str], classes: Sequence[str], device: torch.device) -> None:
        self._asked = frozenset(experts)
        self._product, members = grouped(plan, self._asked, classes)
        hint = torch.tensor([float(name in plan.hinted) for name in classes], device=device)
        self.question = Question(hint, members.to(device))
        self._decided = self._given = torch.zeros((), dtype=torch.float64, device=device)

    def mask(
        self, spec: torch.Tensor, power: torch.Tensor, shares: torch.Tensor, experts: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """The mask (channels, F, T) of one window.

        Args:
            spec: the window's STFT, complex (channels, F, T).
            power: of ``spec``.
            shares: the answer to ``question``.
            experts: what each expert takes, (channels, F, T), those of other plans too.
        """
        mask = self._divided(shares, {name: taken for name, taken in experts.items() if name in self._asked}, power)
        self._given = self._given + (power * mask).sum()
        self._decided = self._decided + (power * mask.square()).sum()
        return united(mask, spec)

    def _divided(
        self, shares: torch.Tensor, experts: dict[str, torch.Tensor], power: torch.Tensor
    ) -> torch.Tensor:
        return fused_mask(shares, experts, self._product, power)

    def confidence(self) -> float:
        """How decided the masks were, weighted by the power they let through: 1 when every bin is taken whole or not at all."""
        given = float(self._given)
        return float(self._decided) / given if given else 0.0


def masks(
    model: Model, estimators: Sequence[Estimator], windows: torch.Tensor, experts: Mapping[str, torch.Tensor], *, mixdown: bool
) -> Iterator[list[torch.Tensor]]:
    """For each of ``windows`` (windows, channels, samples): the mask (channels, F, T) of each of ``estimators``.

    Args:
        model: the network.
        estimators: of prompts on the same file.
        windows: the mixture at the network's rate.
        experts: the same windows of each expert's estimate, of all channels or of their mean.
        mixdown: hear the mean of the channels where that loses nothing.
    """
    channels = windows.shape[1]
    mean = windows.mean(1, keepdim=True)
    if channels > 1 and (torch.equal(windows, mean.expand_as(windows)) or (mixdown and _keeps_all(mean, windows))):
        windows, experts = mean, {name: estimate.mean(1, keepdim=True) for name, estimate in experts.items()}
    spec = stft(windows)
    power = torch.view_as_real(spec).square().sum(-1)
    taken = expert_shares(windows, experts, stft)
    answers = model.shares(spec, [estimator.question for estimator in estimators])
    heard = windows.shape[1]
    for k, shares in enumerate(answers):
        said = {name: share[k * heard : (k + 1) * heard] for name, share in taken.items()}
        yield [
            estimator.mask(spec[k], power[k], answer, said).expand(channels, -1, -1)
            for estimator, answer in zip(estimators, shares, strict=True)
        ]


def _keeps_all(mean: torch.Tensor, windows: torch.Tensor) -> bool:
    kept = mean.square().mean((1, 2)) / windows.square().mean((1, 2)).clamp_min(1e-12)
    return bool((kept > _MIXDOWN_KEEPS).all())


def stft(x: torch.Tensor) -> torch.Tensor:
    """Complex (…, F, T) of samples (…, n)."""
    window = torch.hann_window(N_FFT, device=x.device)
    spec = torch.stft(x.reshape(-1, x.shape[-1]), N_FFT, HOP, window=window, return_complex=True)
    return spec.view(*x.shape[:-1], *spec.shape[1:])
