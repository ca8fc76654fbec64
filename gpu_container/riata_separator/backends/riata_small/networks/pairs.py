"""How two channels are heard as one."""

from collections.abc import Callable

from ....arrays import Array

_INVERTED = 2.0
"""Channels whose difference has this many times the power of their sum are heard with one of them inverted."""


def mid_and_side(spec: Array, where: Callable[[Array, Array, Array], Array]) -> tuple[Array, Array]:
    """Half sum and half difference (B, F, T) of pairs of channels (B, 2, F, T), complex; ``where`` is NumPy's or torch's."""
    mid, side = (spec[:, 0] + spec[:, 1]) / 2, (spec[:, 0] - spec[:, 1]) / 2
    kept, lost = ((x.real**2 + x.imag**2).sum((1, 2)) for x in (mid, side))
    inverted = (lost > _INVERTED * kept)[:, None, None]
    return where(inverted, side, mid), where(inverted, mid, side)
