import numpy as np
import pytest
import torch
from training.loss import decibel, grouped, loss_terms
from training.separators import stft

from riata_separator.backends.riata_small.bands import BINS, band_edges
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
from riata_separator.backends.riata_small.networks.gradients import gradient_as_image
from riata_separator.backends.riata_small.networks.group_head import GROUPS, group_edges

TINY = ((4, 4, 4, 4), 8)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return ClassNetwork(*TINY).eval()


@torch.inference_mode()
def shares_of(network, samples, hint):
    """Shares (C, F, T) of channels (channels, n)."""
    return network.summed_shares(network.encode(stft(samples)[None]), hint, torch.eye(len(CLASSES)))[:, 0]


def test_the_bands_cover_every_bin_once():
    edges = band_edges(64)
    assert edges[0] == 0
    assert edges[-1] == BINS
    assert (np.diff(edges) >= 2).all()


def test_the_groups_cover_every_bin_once():
    edges = group_edges()
    assert len(edges) == GROUPS + 1
    assert (edges[0], edges[-1]) == (0, BINS)
    assert (np.diff(edges) >= 1).all()


def test_the_shares_of_all_classes_add_up_to_one(network):
    shares = shares_of(network, torch.randn(2, 40000), torch.zeros(len(CLASSES)))
    assert shares.shape[:2] == (len(CLASSES), BINS)
    assert torch.allclose(shares.sum(0), torch.ones_like(shares[0]), atol=1e-5)


def test_stereo_with_equal_channels_is_mono(network):
    x, hint = torch.randn(1, 40000), torch.zeros(len(CLASSES))
    assert torch.allclose(shares_of(network, x, hint), shares_of(network, x.repeat(2, 1), hint), atol=1e-5)


def test_silence_does_not_break_the_network(network):
    shares = shares_of(network, torch.zeros(1, 40000), torch.zeros(len(CLASSES)))
    assert torch.isfinite(shares).all()


def test_loud_and_soft_are_divided_alike(network):
    x, hint = torch.randn(1, 60000), torch.zeros(len(CLASSES))
    assert torch.allclose(shares_of(network, x, hint), shares_of(network, x * 0.03, hint), atol=0.02)


def test_the_default_network_fits_its_budget():
    count = sum(value.numel() for value in ClassNetwork().state_dict().values())
    assert 5e6 < count < 10e6
    assert 2 * count < 24e6


def test_sums_over_groups_keep_the_energy():
    x = torch.rand(2, BINS, 3)
    expected = torch.zeros(GROUPS, 2, 3).index_add_(0, ClassNetwork(*TINY).head.group_of_bin, x.transpose(0, 1))
    assert torch.allclose(grouped(x), expected, atol=1e-4)


def test_no_error_scores_better_than_no_separation():
    energy = torch.tensor([10.0])
    assert decibel(torch.tensor([0.0]), energy) < -20
    assert decibel(energy, energy).abs() < 0.1


class _Knows(ClassNetwork):
    """Answers with the class it was told, whatever it hears."""

    def logits(self, mid, side, hint):
        logits = torch.zeros(GROUPS, len(CLASSES), mid.shape[0], mid.shape[2])
        logits[:, self.answer] = 20.0
        return logits


def _terms(answer):
    network = _Knows(*TINY)
    network.answer = answer
    stem = stft(torch.randn(1, 32000))
    owner, label = torch.tensor([0]), torch.tensor([3])
    generator = torch.Generator().manual_seed(0)
    return loss_terms(network, stem, torch.zeros_like(stem), owner, label, torch.zeros(1, len(CLASSES)), generator)


class _Mumbles(ClassNetwork):
    """Answers at random, and the same every time."""

    def logits(self, mid, side, hint):
        generator = torch.Generator().manual_seed(7)
        return torch.randn(GROUPS, len(CLASSES), mid.shape[0], mid.shape[2], generator=generator)


def test_errors_by_groups_are_those_of_every_bin():
    network, generator = _Mumbles(*TINY), torch.Generator().manual_seed(3)
    stems, hint = stft(torch.randn(5, 20000, generator=generator)), torch.zeros(2, len(CLASSES))
    owner, label = torch.tensor([0, 0, 1, 1, 1]), torch.tensor([4, 2, 0, 9, 1])
    terms = loss_terms(network, stems, None, owner, label, hint, generator)

    mixtures = torch.stack([stems[:2].sum(0), stems[2:].sum(0)])
    shares = network.logits(mixtures, None, hint).softmax(1)[network.head.group_of_bin].permute(1, 2, 0, 3)
    energy = stems.abs().square().sum((1, 2))
    error = (shares[label, owner] * mixtures[owner] - stems).abs().square().sum((1, 2))
    untouched = (mixtures[owner] - stems).abs().square().sum((1, 2))
    assert terms.stem == pytest.approx(float(decibel(error, energy).mean()), abs=1e-3)
    assert terms.mixture == pytest.approx(float(decibel(untouched, energy).mean()), abs=1e-3)


def test_a_gradient_comes_back_in_the_order_of_images():
    x = torch.randn(2, 8, 5, 6).contiguous(memory_format=torch.channels_last).requires_grad_()
    gradient = torch.randn(6, 5, 8, 2).permute(3, 2, 1, 0)
    below = []
    x.register_hook(below.append)
    gradient_as_image(x).backward(gradient)
    assert below[0].is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(below[0], gradient)


def test_the_right_class_costs_nothing_and_a_wrong_one_a_lot():
    right, wrong = _terms(3), _terms(5)
    assert right.stem < -20
    assert right.entropy < 0.01
    assert right.leakage < 0.01
    assert wrong.total > right.total + 50
    assert wrong.leakage == pytest.approx(1.0, abs=0.01)
