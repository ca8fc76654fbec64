"""From windows of sound to masks, for one prompt or several at once, and how sure the network was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ...arrays import Array, Place, namespace
from ...arrays import power as power_of
from ...arrays.spectra import stft as transform
from ..stereo import united
from .bands import HOP, N_FFT
from .exponents import PLAIN
from .fusion import expert_shares, fused_mask, grouped
from .model import Model, Question
from .plan import Plan
from .presence import Hearing, Listener, belief

_MIXDOWN_KEEPS = 0.5
"""A mixdown that keeps less than this share of the channels' mean power (phase-inverted, unrelated) is not listened to."""

_CANCELS = 0.1
"""Where the mean keeps less than this, channels cancel each other, and the ear hears the first of them."""


class Estimate(NamedTuple):
    """What an :class:`Estimator` says of one window: the ``mask`` (channels, F, T), and what is counted of it."""

    mask: Array
    given: Array
    decided: Array
    heard: Array | None


class Estimator:
    """Masks of one plan, of several windows at once where there are threads; counts how decided they are."""

    def __init__(self, plan: Plan, experts: Iterable[str], classes: Sequence[str], place: Place) -> None:
        self._asked = frozenset(experts)
        self._product, members = grouped(plan, self._asked, classes)
        hint = np.array([name in plan.hinted for name in classes], np.float32)
        self.question = Question(place(hint), place(members))
        self.hearing, self._by = Hearing(plan, classes, place), plan.exponents
        self._decided: Array = 0.0
        self._given: Array = 0.0

    @property
    def listens(self) -> bool:
        """Whether the ear's word changes anything."""
        by = self._by
        return by.ear_doubt > PLAIN.ear_doubt or by.ear_heard > PLAIN.ear_heard or by.ear_kept > PLAIN.ear_kept

    def belief(self, presence: Array) -> Array:
        """Factors (B, C) of the shares of classes with ``presence``."""
        return belief(presence, self._by)

    def estimate(
        self, spec: Array, power: Array, shares: Array, experts: Mapping[str, Array], presence: Array | None = None
    ) -> Estimate:
        """The mask of one window, which is not counted yet.

        Args:
            spec: the window's STFT, complex (channels, F, T).
            power: of ``spec``.
            shares: the answer to ``question``.
            experts: what each expert takes, (channels, F, T), those of other plans too.
            presence: of all classes (C,), where there is an ear.
        """
        heard = None if presence is None else self.hearing.of(presence)
        mask = self._divided(shares, {name: taken for name, taken in experts.items() if name in self._asked}, power, heard)
        xp, given = namespace(mask), power * mask
        given, decided = (xp.sum(x, dtype=xp.float64) for x in (given, given * mask))
        return Estimate(united(mask, spec), given, decided, heard)

    def count(self, estimate: Estimate) -> None:
        """Take an estimate into account: one after the other, in the order of windows, for sums depend on it."""
        self._given = self._given + estimate.given
        self._decided = self._decided + estimate.decided
        if estimate.heard is not None:
            self.hearing.count(estimate.heard)

    def _divided(
        self, shares: Array, experts: dict[str, Array], power: Array, heard: Array | None
    ) -> Array:
        return fused_mask(shares, experts, self._product, power, heard)

    def confidence(self) -> float:
        """How decided the masks were, weighted by the power they let through: 1 when every bin is taken whole or not at all."""
        given = float(self._given)
        return float(self._decided) / given if given else 0.0


def masks(
    model: Model,
    estimators: Sequence[Estimator],
    windows: Array,
    experts: Mapping[str, Array],
    ear: Listener | None,
    *,
    mixdown: bool,
) -> Iterator[list[Estimate]]:
    """For each of ``windows`` (windows, channels, samples): what each of ``estimators`` says.

    Args:
        model: the network.
        estimators: of prompts on the same file.
        windows: the mixture at the network's rate.
        experts: the same windows of each expert's estimate, of all channels or of their mean.
        ear: tells which classes sound in each window.
        mixdown: hear the mean of the channels where that loses nothing.
    """
    channels = windows.shape[1]
    xp = namespace(windows)
    mean = xp.mean(windows, axis=1, keepdims=True)
    if channels > 1 and (bool(xp.all(windows == mean)) or (mixdown and bool(xp.all(_keeps(mean, windows, _MIXDOWN_KEEPS))))):
        windows, experts = mean, {name: xp.mean(estimate, axis=1, keepdims=True) for name, estimate in experts.items()}
    spec = stft(windows)
    power = power_of(spec)
    taken = expert_shares(windows, experts, stft)
    presence = None
    if ear is not None and any(estimator.listens for estimator in estimators):
        # Window by window, so that what is heard in one does not depend on those that share its call.
        presence = ear.presence(xp.where(_keeps(mean, windows, _CANCELS)[:, None], mean[:, 0], windows[:, 0]))
    beliefs = None if presence is None else [estimator.belief(presence) for estimator in estimators]
    answers = model.shares(spec, [estimator.question for estimator in estimators], beliefs)
    heard = windows.shape[1]
    for k, shares in enumerate(answers):
        said = {name: share[k * heard : (k + 1) * heard] for name, share in taken.items()}
        yield [
            _for_each(channels, estimator.estimate(spec[k], power[k], answer, said, None if presence is None else presence[k]))
            for estimator, answer in zip(estimators, shares, strict=True)
        ]


def _keeps(mean: Array, windows: Array, share: float) -> Array:
    """Of each window whether the mean of its channels keeps more than a share of their mean power."""
    xp = namespace(windows)
    kept, whole = (xp.mean(xp.square(x), axis=(1, 2)) for x in (mean, windows))
    return kept > share * xp.clip(whole, min=1e-12)


def _for_each(channels: int, estimate: Estimate) -> Estimate:
    mask = estimate.mask
    return estimate._replace(mask=namespace(mask).broadcast_to(mask, (channels, *mask.shape[1:])))


def stft(x: Array) -> Array:
    """Complex (…, F, T) of samples (…, n)."""
    return transform(x, N_FFT, HOP, reflected=True)
