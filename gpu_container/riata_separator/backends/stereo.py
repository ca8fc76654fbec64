"""One image for all channels: how masks that were estimated per channel are brought together."""

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it

_FRAMES, _BINS = 9, 5
"""Neighbourhood over which coherence is measured."""


def united(masks: torch.Tensor, specs: torch.Tensor) -> torch.Tensor:
    """Masks (channels, bins, frames) that keep the stereo image.

    Where channels carry the same sound (coherence 1, in phase or not), all get the power-weighted mean of their masks: else the
    source would wander. Where they do not (coherence 0: sources panned apart), each keeps its own.

    Args:
        masks: (channels, bins, frames), each estimated from its own channel.
        specs: the channels' STFT, complex, same shape.
    """
    if len(masks) == 1:
        return masks
    power = torch.view_as_real(specs).square().sum(-1)
    mean = (masks * power).sum(0) / power.sum(0).clamp_min(1e-12)
    near = _smoothed(power)
    out = []
    for c, own in enumerate(masks):
        shared, weight = torch.zeros_like(own), torch.zeros_like(own)
        for d in range(len(masks)):
            if d != c:
                cross = torch.view_as_real(specs[c] * specs[d].conj())
                both = _smoothed(cross.permute(2, 0, 1)).square().sum(0)
                coherence = (both / (near[c] * near[d]).clamp_min(1e-20)).clamp(0, 1)
                shared += coherence * power[d]
                weight += power[d]
        out.append(torch.lerp(own, mean, shared / weight.clamp_min(1e-12)))
    return torch.stack(out)


def _smoothed(x: torch.Tensor) -> torch.Tensor:
    """Moving average over neighbouring bins and frames of (n, bins, frames)."""
    return F.avg_pool2d(
        x[None], (_BINS, _FRAMES), stride=1, padding=(_BINS // 2, _FRAMES // 2), count_include_pad=False
    )[0]
