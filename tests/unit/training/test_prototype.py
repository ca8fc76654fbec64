"""Training begins with what the prototype knows."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from training.prototype import Prototype, begun_with

from riata_separator.backends.riata_small.bands import BINS, band_edges
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.networks.group_head import bands_of_groups, group_edges

OLD = ("piano", "guitar", "bass", "drums", "noise")
NEW_NAMES = {"weather": "noise", "electric_guitar": "guitar", "acoustic_guitar": "guitar"}

BAND_OF_BIN = np.repeat(np.arange(64), np.diff(band_edges(64)))
ALIKE = torch.from_numpy(np.repeat(bands_of_groups(64), np.diff(group_edges())) == BAND_OF_BIN)
"""Bins that are answered for by their own band, whether alone or in a group; groups across an edge are answered by one band."""


@pytest.fixture(scope="module")
def prototype(tmp_path_factory):
    """With random weights, alike in all bins of a band, and deaf to hints of guitars, out of a file."""
    torch.manual_seed(0)
    network = Prototype(OLD)
    network.hint[0].weight.data[:, OLD.index("guitar")] = 0
    for weight, bias in zip(network.out_w, network.out_b, strict=True):
        for values in (weight, bias):
            alike = 0.3 * torch.randn(*values.shape[:2], len(OLD), 1)
            values.data = alike.expand(-1, -1, -1, values.shape[2] // len(OLD)).flatten(2).clone()
    path = tmp_path_factory.mktemp("weights") / "prototype.safetensors"
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path, {"classes": json.dumps(OLD)})
    return Prototype.load(path)


@torch.inference_mode()
def shares(network, named):
    spec = torch.complex(torch.randn(1, 1, BINS, 9, generator=torch.Generator().manual_seed(1)), torch.zeros(1, 1, BINS, 9))
    hint = torch.tensor([float(NEW_NAMES.get(name, name) == named) for name in network.classes])
    found = network.summed_shares(network.encode(spec), hint, torch.eye(len(network.classes)))
    return dict(zip(network.classes, found[:, 0, ALIKE], strict=True))


def test_few_groups_lie_across_an_edge_of_bands():
    assert ALIKE.float().mean() > 0.9


def test_the_prototype_divides_every_bin(prototype):
    found = torch.stack(list(shares(prototype, "piano").values()))
    torch.testing.assert_close(found.sum(0), torch.ones(int(ALIKE.sum()), 9))


@pytest.mark.parametrize("named", ["piano", "noise"])
def test_classes_that_it_knows_begin_with_its_shares_and_are_found_by_the_same_hint(prototype, named):
    old, new = shares(prototype, named), shares(begun_with(prototype).eval(), named)
    assert list(new) == list(CLASSES)
    known = old["piano"] + old["bass"] + old["drums"] + old["noise"]
    for name in ("piano", "bass", "drums", "weather"):
        beside = new["piano"] + new["bass"] + new["drums"] + new["weather"]
        torch.testing.assert_close(new[name] / beside, old[NEW_NAMES.get(name, name)] / known, atol=1e-4, rtol=1e-3)


def test_a_class_that_was_split_begins_with_halves_and_one_that_is_new_with_less_than_the_others(prototype):
    network = begun_with(prototype).eval()
    old, new = shares(prototype, "piano"), shares(network, "piano")
    torch.testing.assert_close(new["electric_guitar"], new["acoustic_guitar"])
    torch.testing.assert_close((new["electric_guitar"] * 2) / new["piano"], old["guitar"] / old["piano"], atol=1e-3, rtol=1e-3)
    assert float(new["other"].mean()) < float(torch.stack([new["piano"], new["bass"], new["drums"], new["weather"]]).mean())
