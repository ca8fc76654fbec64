"""Both class networks behind one protocol, and the files of weights that say which one they are for."""

import json

import pytest
import torch
from safetensors.torch import save_file

from riata.errors import BackendUnavailable
from riata.understanding.classes import CLASSES
from riata_separator.backends.riata_small.bands import BINS
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator
from riata_separator.backends.riata_small.networks.loading import described, load_network
from riata_separator.packaged import WEIGHTS


def tiny(kind):
    torch.manual_seed(0)
    if kind == "class-network":
        return ClassNetwork((4, 4, 4, 4), 8).eval().requires_grad_(False)
    return ClassSeparator(channels=(4, 4, 4), hidden=8, condition=8).eval().requires_grad_(False)


@pytest.fixture(params=["class-network", "class-separator"])
def network(request):
    return tiny(request.param)


def divided(network, spec, groups=None):
    every = torch.eye(len(network.classes)) if groups is None else groups
    return network.summed_shares(network.encode(spec), torch.zeros(len(network.classes)), every)


def sound(*shape):
    return torch.complex(torch.randn(*shape), torch.randn(*shape))


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_every_channel_of_every_window_is_divided_among_all_classes(network, channels):
    shares = divided(network, sound(2, channels, BINS, 9))
    assert shares.shape == (len(network.classes), 2 * channels, BINS, 9)
    torch.testing.assert_close(shares.sum(0), torch.ones_like(shares[0]), atol=1e-4, rtol=0)


def test_windows_do_not_know_of_each_other(network):
    spec = sound(3, 2, BINS, 9)
    together, alone = divided(network, spec), divided(network, spec[1:2])
    torch.testing.assert_close(together[:, 2:4], alone, atol=1e-5, rtol=0)


def test_groups_are_given_the_sum_of_their_classes(network):
    spec = sound(1, 1, BINS, 9)
    groups = torch.zeros(1, len(network.classes))
    groups[0, 2:5] = 1
    torch.testing.assert_close(divided(network, spec, groups)[0], divided(network, spec)[2:5].sum(0), atol=1e-5, rtol=0)


def test_silence_is_divided_too(network):
    assert torch.isfinite(divided(network, torch.zeros(1, 2, BINS, 9, dtype=torch.complex64))).all()


def test_a_pair_with_one_channel_inverted_is_heard_like_the_pair():
    network, spec = tiny("class-network"), sound(1, 1, BINS, 9).expand(1, 2, BINS, 9)
    inverted = spec * torch.tensor([1.0, -1.0])[None, :, None, None]
    torch.testing.assert_close(divided(network, inverted), divided(network, spec), atol=1e-5, rtol=0)


@pytest.fixture
def stored(network, tmp_path):
    if isinstance(network, ClassSeparator):
        network = ClassSeparator()
    path = tmp_path / "separator.safetensors"
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()}, path, described(network))
    return path, network


def test_weights_come_back_as_the_network_they_were_made_of(stored):
    path, network = stored
    again, metadata = load_network(path)
    assert type(again) is type(network)
    assert json.loads(metadata["classes"]) == list(again.classes) == list(network.classes)
    torch.testing.assert_close(again.state_dict(), {k: v.half().float() for k, v in network.state_dict().items()})


@pytest.mark.parametrize("metadata", [None, {"network": "another", "classes": "[]"}, {"network": "class-network", "classes": "["}])
def test_weights_of_an_unknown_network_are_refused(tmp_path, metadata):
    save_file({"x": torch.zeros(1)}, tmp_path / "weights.safetensors", metadata)
    with pytest.raises(BackendUnavailable, match=r"weights\.safetensors"):
        load_network(tmp_path / "weights.safetensors")


def test_what_a_network_calls_differently_is_found_and_what_it_lacks_left_out():
    small, large = Vocabulary(("drums", "guitar", "synth", "noise", "vehicle")), Vocabulary(tiny("class-network").classes)
    named = ("electric_guitar", "acoustic_guitar", "weather_water", "other")
    assert small.of(named) == {"guitar", "noise"}
    assert large.of(named) == {"electric_guitar", "acoustic_guitar", "weather", "other"}
    assert small.of(CLASSES) == set(small.classes)
    assert large.of(CLASSES) == set(large.classes)


def test_the_shipped_network_tells_apart_what_prompts_tell_apart():
    vocabulary = Vocabulary(load_network(WEIGHTS / "separator.safetensors")[0].classes)
    assert len({vocabulary.of({name}) for name in CLASSES} - {frozenset()}) == len(CLASSES)
