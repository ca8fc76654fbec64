"""The graphs compute what the networks of torch compute, from the same weights."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from riata.errors import BackendUnavailable
from riata_separator import graphs
from riata_separator.backends.riata_small.bands import BINS
from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator
from riata_separator.backends.riata_small.networks.loading import described, load_network
from riata_separator.backends.riata_small.networks.on_onnx import PAIRED, OnnxNetwork
from riata_separator.backends.riata_small.windows import FRAMES, LENGTH
from riata_separator.compute import Compute, Runtime
from riata_separator.experts.ear import BANDS, frames
from riata_separator.experts.mobilenet import MobileNet
from riata_separator.experts.unet import UNet
from riata_separator.experts.voice import BINS as VOICE_BINS
from riata_separator.experts.voice import FRAMES as VOICE_FRAMES
from riata_separator.graphs import Graph
from riata_separator.packaged import WEIGHTS

HERE = Compute(Runtime.ONNX, threads=1, batch=2)
STALE = "the graph is not of this network any more: make graphs"


def randomised(network):
    """With no weight left at a value that would hide what it does."""
    torch.manual_seed(0)
    for parameter in network.parameters():
        if parameter.unique().numel() == 1:
            torch.nn.init.normal_(parameter, 0.5, 0.2)
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module", params=[ClassNetwork, ClassSeparator])
def pair(request, tmp_path_factory):
    """A network of each kind, and its graph with the same weights."""
    network = randomised(request.param())
    path = tmp_path_factory.mktemp("weights") / "separator.safetensors"
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path, described(network))
    return network, OnnxNetwork.load(path, HERE)[0]


def sound(*shape):
    random = np.random.default_rng(1)
    level = np.geomspace(1, 1e-4, BINS)[:, None]
    return (level * (random.normal(0, 10, shape) + 1j * random.normal(0, 10, shape))).astype(np.complex64)


def shares_of(network, spec, hint, groups):
    return np.asarray(network.summed_shares(network.encode(spec), hint, groups))


@pytest.mark.parametrize(("windows", "channels"), [(1, 1), (2, 2), (1, 3)])
def test_the_graphs_are_those_of_the_networks(pair, windows, channels):
    network, graph = pair
    spec = sound(windows, channels, BINS, FRAMES)
    groups, hint = np.eye(len(network.classes), dtype=np.float32)[:5], np.zeros(len(network.classes), np.float32)
    hint[3] = 1
    expected = shares_of(network, torch.from_numpy(spec), torch.from_numpy(hint), torch.from_numpy(groups))
    found = shares_of(graph, spec, hint, groups)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5, err_msg=STALE)


def test_every_window_may_be_asked_something_else(pair):
    network, graph = pair
    spec, classes = sound(2, 2, BINS, FRAMES), np.eye(len(network.classes), dtype=np.float32)
    hints, groups = classes[:2], np.stack([classes[:3], classes[3:6]])
    expected = shares_of(network, *map(torch.from_numpy, (spec, hints, groups)))
    np.testing.assert_allclose(shares_of(graph, spec, hints, groups), expected, rtol=0, atol=2e-5, err_msg=STALE)


def test_a_pair_with_one_channel_inverted_is_heard_alike(pair):
    network, graph = pair
    spec = sound(1, 1, BINS, FRAMES) * np.array([1, -1], np.float32)[None, :, None, None]
    hint, groups = np.zeros(len(network.classes), np.float32), np.eye(len(network.classes), dtype=np.float32)[:2]
    expected = shares_of(network, *map(torch.from_numpy, (spec, hint, groups)))
    np.testing.assert_allclose(shares_of(graph, spec, hint, groups), expected, rtol=0, atol=2e-5, err_msg=STALE)


def test_the_voice_graph_is_that_of_the_u_net():
    net = randomised(UNet())
    block = np.abs(np.random.default_rng(2).normal(0, 1, (1, 2, VOICE_FRAMES, VOICE_BINS))).astype(np.float32)
    graph = Graph("voice-unet", {name: value.numpy() for name, value in net.state_dict().items()}, 1)
    expected = net(torch.from_numpy(block)).numpy()
    np.testing.assert_allclose(graph(block)[0], expected, rtol=0, atol=1e-5 * expected.max(), err_msg=STALE)


@pytest.mark.parametrize("windows", [1, 3])
def test_the_ears_graph_is_that_of_the_mobile_net(windows):
    net = randomised(MobileNet())
    heard = np.random.default_rng(2).normal(0, 1, (windows, 1, BANDS, frames(LENGTH))).astype(np.float32)
    graph = Graph("ear-mobilenet", {name: value.numpy() for name, value in net.state_dict().items()}, 1)
    expected = net(torch.from_numpy(heard)).numpy()
    np.testing.assert_allclose(graph(heard)[0], expected, rtol=0, atol=1e-4 * np.abs(expected).max(), err_msg=STALE)


@pytest.mark.parametrize("network", [ClassNetwork(), ClassSeparator()], ids=lambda network: described(network)["network"])
def test_a_graph_is_fed_every_weight_of_its_network_and_holds_none(network):
    table = json.loads((graphs.FOLDER / graphs.TABLE).read_text())
    kind = described(network)["network"]
    fed = {name: tuple(shape) for part in ("encoder", "decoder") for name, shape in table[f"{kind}.{part}"].items()}
    assert fed == {name: tuple(value.shape) for name, value in network.state_dict().items()}, STALE
    assert sum((graphs.FOLDER / f"{kind}.{part}.onnx").stat().st_size for part in ("encoder", "decoder")) < 250_000


def test_there_is_a_graph_of_every_kind_of_network_and_of_the_one_that_is_shipped():
    assert set(PAIRED) == {"class-network", "class-separator"}
    network, metadata = OnnxNetwork.load(WEIGHTS / "separator.safetensors", HERE)
    assert network.classes == load_network(WEIGHTS / "separator.safetensors")[0].classes
    assert metadata["network"] in PAIRED


def test_weights_of_another_size_are_refused_with_what_to_do(tmp_path):
    network = ClassNetwork((4, 4, 4, 4), 8)
    save_file(network.state_dict(), tmp_path / "separator.safetensors", described(network))
    with pytest.raises(BackendUnavailable, match="RIATA_RUNTIME=torch"):
        OnnxNetwork.load(tmp_path / "separator.safetensors", HERE)


@pytest.mark.parametrize("metadata", [None, {"network": "another", "classes": "[]"}, {"network": "class-network", "classes": "["}])
def test_weights_of_an_unknown_network_are_refused(tmp_path, metadata):
    save_file({"x": torch.zeros(1)}, tmp_path / "weights.safetensors", metadata)
    with pytest.raises(BackendUnavailable):
        OnnxNetwork.load(tmp_path / "weights.safetensors", HERE)


def test_too_little_memory_is_told_as_such(monkeypatch, pair):
    _, graph = pair
    decoder = graph._decoder
    failed = decoder._errors[-1]

    class Full:
        def run(self, *_):
            raise failed("Failed to allocate memory for requested buffer of size 1000000")

    monkeypatch.setattr(decoder, "_session", Full())
    with pytest.raises(MemoryError):
        decoder(*[np.zeros(1)] * len(decoder._inputs))
