"""One image for all channels: how masks that were estimated per channel are brought together."""

from itertools import combinations

from ..arrays import Array, mixed, namespace
from ..arrays import power as power_of
from ..arrays.pooling import neighbourhood_mean

_FRAMES, _BINS = 9, 5
"""Neighbourhood over which coherence is measured."""


def united(masks: Array, specs: Array) -> Array:
    """Masks (channels, bins, frames) that keep the stereo image.

    Where channels carry the same sound (coherence 1, in phase or not), all get the power-weighted mean of their masks: else the
    source would wander. Where they do not (coherence 0: sources panned apart), each keeps its own.

    Args:
        masks: (channels, bins, frames), each estimated from its own channel.
        specs: the channels' STFT, complex, same shape.
    """
    if len(masks) == 1:
        return masks
    xp, power = namespace(masks), power_of(specs)
    mean = xp.sum(masks * power, axis=0) / xp.clip(xp.sum(power, axis=0), min=1e-12)
    near = neighbourhood_mean(power, _BINS, _FRAMES)
    shared, weight = xp.zeros_like(masks), xp.zeros_like(masks)
    for c, d in combinations(range(len(masks)), 2):
        cross = specs[c] * specs[d].conj()
        both = xp.sum(xp.square(neighbourhood_mean(xp.stack([cross.real, cross.imag]), _BINS, _FRAMES)), axis=0)
        coherence = xp.clip(both / xp.clip(near[c] * near[d], min=1e-20), 0, 1)
        for one, other in ((c, d), (d, c)):
            shared[one] += coherence * power[other]
            weight[one] += power[other]
    return mixed(masks, mean, shared / xp.clip(weight, min=1e-12))
