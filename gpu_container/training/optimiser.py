"""The optimiser: Muon for the matrices of layers, AdamW for everything else.

Muon makes the steps of a matrix orthogonal (Jordan et al., 2024), here as large as AdamW's would be (Liu et al., 2025), so that
both follow one learning rate. A convolution is the matrix from what an output sees to the output; of a recurrent layer, every
gate is one. Biases, norms, the first and the last layer, and what is made of the hint are AdamW's, as their authors advise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn, optim

DECAY = 1e-3
_GATES = 3
_OWN_WAY = ("in_w", "band_in", "head", "hint")
"""What the names of parameters begin with that are not Muon's whatever their shape."""


class Optimiser:
    """Steps of all parameters of a network, whose convolutions lie in memory channels last."""

    def __init__(self, network: nn.Module, rate: float) -> None:
        self._matrices = list(_matrices(network))
        taken = {id(parameter) for parameter, _ in self._matrices}
        others = [parameter for parameter in network.parameters() if id(parameter) not in taken]
        # Parameters of their own over the same memory: Muon takes nothing but matrices.
        self._views = [nn.Parameter(view(parameter.detach())) for parameter, view in self._matrices]
        for own, (parameter, _) in zip(self._views, self._matrices, strict=True):
            if own.untyped_storage().data_ptr() != parameter.untyped_storage().data_ptr():
                raise ValueError("a weight does not lie in memory channels last: its steps would be lost")
        self._muon = optim.Muon(self._views, rate, DECAY, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        self._adam = optim.AdamW(others, rate, (0.9, 0.98), weight_decay=DECAY)

    def step(self, rate: float) -> None:
        """Change the network by its gradients."""
        for own, (parameter, view) in zip(self._views, self._matrices, strict=True):
            own.grad = None if parameter.grad is None else view(parameter.grad)
        for optimiser in (self._muon, self._adam):
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()

    def state_dict(self) -> dict[str, Any]:
        """What :meth:`load_state_dict` needs to go on."""
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another stopped."""
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])


_View = Callable[[Tensor], Tensor]


def _kernel(weight: Tensor) -> Tensor:
    """A convolution's weight (outputs, inputs, height, width), channels last in memory, as a matrix over the same memory."""
    return weight.permute(0, 2, 3, 1).flatten(1)


@dataclass(frozen=True)
class _Rows:
    """Some rows of a matrix."""

    first: int
    last: int

    def __call__(self, weight: Tensor) -> Tensor:
        return weight[self.first : self.last]


def _matrices(network: nn.Module) -> Iterator[tuple[nn.Parameter, _View]]:
    """The parameters that are Muon's, each with the part of it that is one matrix."""
    for name, parameter in network.named_parameters():
        if name.startswith(_OWN_WAY) or parameter.ndim not in (2, 4):
            continue
        if parameter.ndim == 4:
            yield parameter, _kernel
        else:
            gates = _GATES if "_l0" in name else 1
            rows = len(parameter) // gates
            for gate in range(gates):
                yield parameter, _Rows(gate * rows, (gate + 1) * rows)
