"""What the ear's word changes in masks, levels and confidence."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from riata.domain.options import SeparationOptions
from riata_separator.arrays import in_memory
from riata_separator.arrays.tensors import placed_on
from riata_separator.backends.riata_small.backend import RiataSmall
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.estimates import Estimator, masks
from riata_separator.backends.riata_small.exponents import Exponents
from riata_separator.backends.riata_small.fusion import fused_mask, grouped
from riata_separator.backends.riata_small.model import Model
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator
from riata_separator.backends.riata_small.networks.on_torch import TorchNetwork
from riata_separator.backends.riata_small.plan import Plan, plan_for
from riata_separator.backends.riata_small.presence import Hearing, belief, bounded, named_classes
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.compute import Compute, Runtime
from riata_separator.separator import Chunk, Summary

LISTENING = Exponents(
    ear_doubt=0.5, ear_sure=1.0, ear_heard=0.0, ear_absent=-3.0, ear_hushed=-22.0, ear_kept=-16.0
)  # fmt: skip
RATE, SECONDS = 32_000, 2
PLACES = pytest.mark.parametrize("place", [in_memory, placed_on(torch.device("cpu"))], ids=["arrays", "tensors"])


def planned(prompt: str, by: Exponents = LISTENING) -> Plan:
    return plan_for(prompt, Vocabulary(CLASSES), by)


def said(place, **presence: float):
    """Presences of all classes, those that are not named at 3."""
    return place(np.array([presence.get(name, 3.0) for name in CLASSES], np.float32))


def mask_of(prompt: str, place, presence, **share: float) -> np.ndarray:
    """The mask (1, 4, 5) of equal powers, and of shares that are equal but for those named."""
    product, members = grouped(planned(prompt), (), CLASSES)
    by_class = np.array([share.get(name, 1 / len(CLASSES)) for name in CLASSES])
    shares = place(np.tile((members @ by_class)[:, None, None, None], (1, 1, 4, 5)).astype(np.float32))
    heard = None if presence is None else Hearing(planned(prompt), CLASSES, place).of(presence)
    return np.asarray(fused_mask(shares, {}, product, place(np.ones((1, 4, 5), np.float32)), heard))


def level(mask: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(mask**2)))


@PLACES
def test_a_class_that_is_hardly_heard_counts_for_less_and_one_that_is_heard_as_much_as_before(place):
    factors = np.asarray(belief(said(place, dog=-3.0, birds=1.0), LISTENING))
    assert factors[CLASSES.index("dog")] == pytest.approx(np.exp(-2))
    assert factors[CLASSES.index("birds")] == factors[CLASSES.index("other")] == 1


@PLACES
def test_what_is_not_heard_is_turned_down_below_twenty_decibels(place):
    assert level(mask_of("isolate the birds", place, said(place, birds=-4.0))) == pytest.approx(
        min(-22.0, level(mask_of("isolate the birds", place, None))), abs=0.5
    )


@PLACES
def test_what_is_heard_keeps_its_level(place):
    there, without = (mask_of("isolate the birds", place, presence, birds=0.5) for presence in (said(place, birds=2.0), None))
    np.testing.assert_allclose(there, without, rtol=1e-3)


@PLACES
def test_what_is_heard_and_hardly_found_comes_with_some_of_the_mixture_instead_of_being_lost(place):
    missed = mask_of("isolate the birds", place, said(place, birds=2.0), birds=1e-4)
    assert level(mask_of("isolate the birds", place, None, birds=1e-4)) < -60
    assert level(missed) == pytest.approx(-16.0, abs=0.1)
    np.testing.assert_allclose(mask_of("remove the birds", place, said(place, birds=2.0), birds=1e-4), 1 - missed, rtol=1e-5)


@PLACES
@pytest.mark.parametrize(
    ("heard", "found", "comes"),
    [(4, -10, -10), (4, -22, -16), (4, -32, -16), (-1.5, -4, -22), (-1.5, -22, -22), (-1.5, -38, -22)],
)
def test_a_mask_comes_at_a_level_that_fits_what_is_heard_and_separates_no_less(place, heard, found, comes):
    mask = place(np.array([1.0, 0.5, 0.0], np.float32) * np.float32(10 ** (found / 20)))
    bound = np.asarray(bounded(mask, place(np.float32(found)), place(np.float32(heard)), LISTENING))
    assert bound[1] / bound[0] == pytest.approx(0.5, abs=0.15)
    assert 20 * np.log10(bound[0]) == pytest.approx(comes, abs=0.3)


@PLACES
@pytest.mark.parametrize(("found", "comes"), [(-4.0, -4.0), (-14.0, -22.0)])
def test_what_is_hardly_heard_and_found_loudly_counts_as_heard(place, found, comes):
    mask = place(np.array([1.0, 0.5], np.float32) * np.float32(10 ** (found / 20)))
    by = replace(LISTENING, ear_found=0.1, ear_heard=-1.0)
    bound = np.asarray(bounded(mask, place(np.float32(found)), place(np.float32(0.0)), by))
    assert 20 * np.log10(bound[0]) == pytest.approx(comes, abs=1.2)


@PLACES
def test_a_mask_is_made_no_louder_than_the_mixture_and_not_at_all_where_it_is_surely_absent(place):
    mask, level = place(np.array([0.9, 1e-3], np.float32)), place(np.float32(-26.0))
    assert np.asarray(bounded(mask, level, place(np.float32(4.0)), LISTENING)).max() == 1
    np.testing.assert_allclose(np.asarray(bounded(mask, level, place(np.float32(-6.0)), LISTENING)), np.asarray(mask), rtol=1e-3)


@PLACES
def test_what_is_in_doubt_and_not_found_comes_with_little_of_the_mixture(place):
    assert level(mask_of("isolate the birds", place, said(place, birds=-1.5), birds=1e-4)) == pytest.approx(-22.0, abs=0.5)


@PLACES
def test_what_is_surely_absent_and_not_found_stays_away(place):
    assert level(mask_of("isolate the birds", place, said(place, birds=-6.0), birds=1e-4)) < -60


@PLACES
def test_removing_what_is_not_heard_leaves_the_mixture(place):
    assert mask_of("remove the birds", place, said(place, birds=-4.0)).min() > 0.9


def test_both_sides_named_are_divided_whatever_is_heard():
    silent = said(in_memory, **dict.fromkeys(CLASSES, -9.0))
    prompt = "remove the crowd and keep the birds"
    np.testing.assert_array_equal(mask_of(prompt, in_memory, silent), mask_of(prompt, in_memory, None))


def test_named_are_the_classes_that_are_wanted_or_removed():
    def named(prompt: str) -> set[str]:
        return {name for name, there in zip(CLASSES, named_classes(planned(prompt), CLASSES), strict=True) if there}

    assert named("isolate the guitar") == named("remove the guitar") == {"acoustic_guitar", "electric_guitar"}
    assert named("separate the drums from the bass") == set()


class Listening:
    """An ear that hears the same in every window, and keeps them."""

    def __init__(self, **presence: float) -> None:
        self.presence_of = said(placed_on(torch.device("cpu")), **presence)
        self.windows: list[np.ndarray] = []

    def presence(self, windows):
        self.windows += list(windows.numpy())
        return self.presence_of.expand(len(windows), -1)


def separated(ear, by: Exponents = LISTENING):
    """The target of "isolate the birds" in noise, and what is reported of it."""
    torch.manual_seed(0)
    compute = Compute(Runtime.TORCH, threads=1, batch=4)
    backend = RiataSmall(TorchNetwork(ClassSeparator(), compute), compute, exponents=by, ear=ear)
    summary = Summary(RATE, 2, RATE * SECONDS, 0.5, 0.1)
    separation = backend.begin(SeparationOptions("isolate the birds"), summary)
    x = np.random.default_rng(0).normal(0, 0.1, (2, RATE * SECONDS)).astype(np.float32)
    return separation.target(Chunk(x, 0), lambda: None), separation.report(), x


def test_a_file_without_the_sound_leaves_next_to_nothing_and_a_warning():
    target, report, x = separated(Listening(birds=-4.0))
    assert 20 * np.log10(target.std() / x.std()) < -20
    assert report["experts"] == ["ear"]
    assert report["confidence"] < 0.1
    assert any("whether it is there" in warning for warning in report["warnings"])


def test_an_ear_without_fitted_exponents_is_not_asked_and_changes_nothing():
    ear = Listening(birds=-4.0)
    np.testing.assert_array_equal(separated(ear, Exponents())[0], separated(None, Exponents())[0])
    assert not ear.windows


@pytest.mark.parametrize(
    "by", [Exponents(ear_doubt=0.5), Exponents(ear_heard=0.0, ear_hushed=-22.0), Exponents(ear_kept=-16.0)]
)
def test_an_ear_is_asked_where_its_word_changes_anything(by):
    ear = Listening()
    separated(ear, by)
    assert ear.windows


def test_the_ear_hears_one_channel_of_a_window_whose_channels_cancel_and_the_mean_of_any_other():
    ear = Listening()
    r = np.random.default_rng(0)
    cancelling, plain = np.float32([[1], [-1]]) * r.normal(0, 0.1, LENGTH), r.normal(0, 0.1, (2, LENGTH))
    windows = torch.from_numpy(np.stack([cancelling, plain]).astype(np.float32))
    network = TorchNetwork(ClassSeparator(), Compute(Runtime.TORCH, threads=1, batch=4))
    estimator = Estimator(planned("isolate the birds"), (), CLASSES, network.place)
    list(masks(Model(network, 4), [estimator], windows, {}, ear, mixdown=False))
    np.testing.assert_array_equal(ear.windows[0], windows[0, 0])
    np.testing.assert_allclose(ear.windows[1], windows[1].mean(0), atol=1e-6)
