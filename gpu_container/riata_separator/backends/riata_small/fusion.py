"""The product of experts: class shares, weighed by what the experts are sure of.

In every bin the share of a class is multiplied by powers of what each expert gives to its side, and the products are normalised
again (Hinton's product of experts, 2002; the exponents are :class:`~.exponents.Exponents`). Classes that the plan rules out of the
competition keep only a floor. The odds of what the prompt names are then calibrated (Platt, 1999) by how much of it is found, and
where that is any voice, the mask is averaged with the voice expert's: the mask and that of the opposite prompt still add up to one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Array, namespace, sigmoid
from ...arrays import power as power_of
from .exponents import Exponents
from .plan import Plan, Role, role_of
from .presence import bounded

FLOOR = 1e-3
"""No expert is so sure that a share falls below this factor."""

VOICES = frozenset({Role.VOCALS, Role.SPEECH})
"""What the voice expert takes."""

_LEAST = 1e-12
_SURE_DB = -12.0
"""Where the product finds this level of what is named, the mask is half as decided as it can be."""

_SLOPE_DB = 3.0
"""Over so much more level, what is likely absent or missed becomes likely found."""


def power_share(estimate: Array, mixture: Array) -> Array:
    """The share that an expert takes of every bin, 0…1, from the STFTs of its estimate and of what it heard."""
    inside, outside = power_of(estimate), power_of(mixture - estimate)
    return inside / (inside + outside + 1e-12)


def expert_shares(
    windows: Array, estimates: Mapping[str, Array], stft: Callable[[Array], Array]
) -> dict[str, Array]:
    """Shares (windows · channels, F, T) of ``windows`` (windows, channels, samples) that the experts take.

    Estimates are windows likewise; one with a single channel speaks of the mean of all channels.
    """
    count, channels, samples = windows.shape
    xp = namespace(windows)
    shares = {}
    for name, estimate in estimates.items():
        mixture = windows if estimate.shape[1] == channels else xp.mean(windows, axis=1, keepdims=True)
        share = power_share(*(stft(xp.reshape(x, (-1, samples))) for x in (estimate, mixture)))
        shares[name] = share if len(share) == count * channels else xp.repeat(share, count * channels // len(share), axis=0)
    return shares


class Group(NamedTuple):
    """Classes that the plan and the experts treat alike."""

    wanted: bool
    competing: bool
    role: Role | None


@dataclass(frozen=True, slots=True)
class Product:
    """How the shares of groups become a mask.

    Attributes:
        groups: in the order of the shares.
        exponents: of the experts' words, and of the calibration.
        named: 1 where the prompt names what it wants, -1 where it names what it removes, 0 where it names both.
    """

    groups: tuple[Group, ...]
    exponents: Exponents
    named: int

    @property
    def about_any_voice(self) -> bool:
        """Whether the prompt names voices, all of them, and nothing else."""
        voices = {(group.wanted, group.role in VOICES) for group in self.groups if group.competing}
        return bool(self.named) and voices == {(self.named > 0, True), (self.named < 0, False)}


def grouped(plan: Plan, experts: Iterable[str], classes: Sequence[str]) -> tuple[Product, "np.ndarray[Any, Any]"]:
    """The product of a plan, and which of a network's ``classes`` belong to each of its groups: (G, C), 0 or 1, in float32."""
    asked = bool(set(experts))
    group_of = [
        Group(name in plan.wanted, name in plan.competing, role_of(name) if asked else None) for name in classes
    ]
    groups = tuple(sorted(set(group_of), key=str))
    members = np.array([[group == own for own in group_of] for group in groups], np.float32)
    return Product(groups, plan.exponents, plan.named), members


def fused_mask(
    shares: Array, experts: Mapping[str, Array], product: Product, power: Array, heard: Array | None = None
) -> Array:
    """The mask (B, F, T) of what is wanted.

    Args:
        shares: (G, B, F, T), the network's, summed over each group.
        experts: by name, the expert's share of every bin, (B, F, T).
        product: what the plan and the exponents say of the groups.
        power: of the mixture, (B, F, T).
        heard: presence of what the prompt names, as the ear hears it; None where there is no ear.
    """
    mask = _mask(shares, experts, product, power)
    if heard is None or not product.named:
        return mask
    side = mask if product.named > 0 else 1 - mask
    side = bounded(side, _level_db(side, power), heard, product.exponents)
    return side if product.named > 0 else 1 - side


def _mask(shares: Array, experts: Mapping[str, Array], product: Product, power: Array) -> Array:
    xp = namespace(power)
    weights = _weights(experts, product.exponents)
    wanted = rest = xp.zeros_like(power)
    for k, group in enumerate(product.groups):
        share = shares[k]
        weighed = share if group.competing else share * FLOOR
        for weight in weights.get(group.role, ()):
            weighed = weighed * weight
        if group.wanted:
            wanted = wanted + weighed
        else:
            rest = rest + weighed
    odds = xp.log(wanted + _LEAST) - xp.log(rest + _LEAST)
    if not product.named:
        return sigmoid(odds)
    if product.about_any_voice:
        return _any_voice(odds, experts.get("voice"), product)
    by, found = product.exponents, _level_db(sigmoid(product.named * odds), power)
    sure, absent = sigmoid((found - _SURE_DB) / _SLOPE_DB), sigmoid((by.presence - found) / _SLOPE_DB)
    certainty = by.unsure + (by.certainty - by.unsure) * sure
    return sigmoid(certainty * odds + product.named * (by.prior - by.silencing * absent))


def _any_voice(odds: Array, voice: Array | None, product: Product) -> Array:
    by = product.exponents
    mask = sigmoid(by.voice_certainty * odds + product.named * by.voice_prior)
    if voice is None:
        return mask
    return mask + by.voice_followed * ((voice if product.named > 0 else 1 - voice) - mask)


def _level_db(mask: Array, power: Array) -> Array:
    """Level (B, 1, 1) in dB against the mixture of what a mask lets through."""
    xp = namespace(power)
    through, whole = (xp.sum(x, axis=(1, 2), keepdims=True) for x in (xp.square(mask) * power, power))
    return 10 * xp.log10((through + _LEAST) / (whole + _LEAST))


def _weights(experts: Mapping[str, Array], by: Exponents) -> dict[Role | None, list[Array | float]]:
    """For each role the factors that the experts put on its shares."""
    factors: dict[Role | None, list[Array | float]] = {role: [] for role in Role}
    if (voice := experts.get("voice")) is not None:
        taken, left = voice + FLOOR, 1 - voice + FLOOR
        factors[Role.VOCALS].append(taken**by.voice_vocals)
        factors[Role.SPEECH].append(taken**by.voice_speech)
        factors[Role.ANIMALS].append(taken**by.voice_animals)
        factors[Role.MUSIC].append(left**by.voice_music)
        factors[Role.AMBIENT].append(0.5**by.voice_ambient)
    if (speech := experts.get("speech")) is not None:
        factors[Role.SPEECH].append((speech + FLOOR) ** by.speech_speech)
        against = (1 - speech + FLOOR) ** by.speech_others
        for role in (Role.ANIMALS, Role.MUSIC, Role.AMBIENT):
            factors[role].append(against)
    return factors
