"""Every parameter of a network takes steps, whichever optimiser it belongs to, and both go on where they stopped."""

import pytest
import torch
from torch import nn
from training.optimiser import Optimiser

from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator

RATE = 0.01


class Small(nn.Module):
    """A layer of each kind, the first of which is called as that of the networks."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.in_w = nn.Parameter(torch.randn(3, 4))
        self.conv = nn.Conv2d(4, 6, (3, 2))
        self.gru = nn.GRU(4, 5, batch_first=True)
        self.to(memory_format=torch.channels_last)


def with_gradients(network: nn.Module, seed: int = 1) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator).to(memory_format=torch.preserve_format)
    return network


def copied(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in network.named_parameters()}


@pytest.mark.parametrize("network", [Small, lambda: ClassSeparator(channels=(4, 4, 8), hidden=8, condition=8),
                                     lambda: ClassNetwork((4, 4, 4, 4), 8)])  # fmt: skip
def test_every_parameter_moves(network):
    network = network().to(memory_format=torch.channels_last)
    before = copied(with_gradients(network))
    Optimiser(network, RATE).step(RATE)
    assert [name for name, value in copied(network).items() if torch.equal(value, before[name])] == []


def test_the_step_of_a_matrix_is_as_large_in_every_direction():
    network = with_gradients(Small())
    before = copied(network)
    Optimiser(network, RATE).step(RATE)
    for name in ("conv.weight", "gru.weight_ih_l0"):
        moved = before[name] - copied(network)[name]
        matrix = moved.permute(0, 2, 3, 1).flatten(1) if moved.ndim == 4 else moved[:5]
        sizes = torch.linalg.svdvals(matrix)
        assert sizes.max() < 2 * sizes.min(), name


def test_a_step_is_as_large_as_the_rate_says():
    found = []
    for rate in (RATE, 2 * RATE):
        network = with_gradients(Small())
        before = copied(network)
        Optimiser(network, RATE).step(rate)
        found.append({name: float((value - before[name]).norm()) for name, value in copied(network).items()})
    once, twice = found
    for name, size in once.items():
        assert twice[name] == pytest.approx(2 * size, rel=0.01), name


def test_it_goes_on_where_it_stopped():
    straight, stopped = Small(), Small()
    first, second = Optimiser(straight, RATE), Optimiser(stopped, RATE)
    for step in range(2):
        with_gradients(straight, step)
        first.step(RATE)
    with_gradients(stopped, 0)
    second.step(RATE)
    resumed = Small()
    resumed.load_state_dict(stopped.state_dict())
    third = Optimiser(resumed, RATE)
    third.load_state_dict(second.state_dict())
    with_gradients(resumed, 1)
    third.step(RATE)
    torch.testing.assert_close(copied(resumed), copied(straight), rtol=0, atol=0)


def test_weights_that_lie_otherwise_in_memory_are_refused():
    network = Small()
    network.conv.weight = nn.Parameter(torch.randn(6, 4, 3, 2))
    with pytest.raises(ValueError, match="channels last"):
        Optimiser(network, RATE)
