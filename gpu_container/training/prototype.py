"""The prototype: the small network that the service shipped first. It is compared with, and training begins with its weights.

It has an answer for every bin of every band (padded to the widest band that is computed together with it), one class for both
guitars, and none for *other*.
"""

import json
import math
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

from riata_separator.backends.riata_small.bands import band_edges, split_bands
from riata_separator.backends.riata_small.classes import COUNTERPARTS
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator, Encoded
from riata_separator.backends.riata_small.networks.group_head import bands_of_groups, group_edges
from riata_separator.backends.riata_small.networks.loading import load_network
from training.separators import PROMPTED

UNHEARD = -1.0
"""What a class that the prototype lacks begins with, against the mean of its classes, in logits."""


class Prototype(ClassSeparator):
    """See :class:`~riata_separator.backends.riata_small.networks.base.Network`."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__(classes)
        del self.head
        split, channels = split_bands(self.bands), self.in_w.shape[2]
        sizes = [(last - first, len(classes) * width) for first, last, width in split.groups]
        self.runs, self.unpad = split.groups, torch.from_numpy(split.unpad)
        self.out_w = nn.ParameterList([nn.Parameter(torch.zeros(n, channels, size)) for n, size in sizes])
        self.out_b = nn.ParameterList([nn.Parameter(torch.zeros(n, 1, size)) for n, size in sizes])

    @classmethod
    def load(cls, path: Path) -> "Prototype":
        """The prototype of a safetensors file, ready to listen."""
        with safe_open(path, "pt") as file:
            network = cls(tuple(json.loads(file.metadata()["classes"])))
            network.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})  # noqa: SIM118
        return network.eval().requires_grad_(False)

    def divided(self, encoded: Encoded, hint: Tensor, groups: Tensor) -> Tensor:
        """See :class:`ClassSeparator`."""
        features, offset = self.decoded(encoded, hint)
        b, c, t, _ = features.shape
        rows, logits = features.permute(3, 0, 2, 1).reshape(self.bands, b * t, c), []
        for (first, last, width), weight, bias in zip(self.runs, self.out_w, self.out_b, strict=True):
            y = torch.baddbmm(bias, rows[first:last], weight).view(last - first, b * t, len(self.classes), width)
            logits.append(y.permute(2, 1, 0, 3).flatten(2))
        shares = (torch.cat(logits, 2).view(len(self.classes), b, t, -1) + offset.T[:, :, None, None]).softmax(0)
        return torch.einsum("brc,cbtf->rbtf", groups.float(), shares)[..., self.unpad]


def beginning(path: Path) -> ClassSeparator:
    """The class separator of a file of weights, the prototype's among them, to go on from."""
    with safe_open(path, "pt") as file:
        of_prototype = "head.weight" not in file.keys()  # noqa: SIM118
    if of_prototype:
        return begun_with(Prototype.load(path))
    network, _ = load_network(path)
    if not isinstance(network, ClassSeparator):
        raise ValueError(f"{path} holds a {type(network).__name__}, which a class separator cannot begin with")
    return network


def begun_with(prototype: Prototype) -> ClassSeparator:
    """A class separator with the prototype's weights: its answers averaged over the bins of each frequency group."""
    network, known = ClassSeparator(CLASSES), prototype.classes
    origin = [next((known.index(name) for name in _names(label) if name in known), None) for label in CLASSES]
    state = {name: value for name, value in prototype.state_dict().items() if not name.startswith("out_")}
    hint = state["hint.0.weight"]
    state["hint.0.weight"] = _columns(hint, origin, torch.zeros_like(hint[:, 0]))
    for name in ("hint_bias.weight", "hint_bias.bias"):
        by_class = state[name].movedim(0, -1)
        state[name] = _columns(by_class, origin, by_class.mean(-1)).movedim(-1, 0)
    split = [label for k, label in enumerate(CLASSES) if origin.count(origin[k]) > 1 and origin[k] is not None]
    shift = [UNHEARD if index is None else -math.log(2) * (label in split) for label, index in zip(CLASSES, origin, strict=True)]
    weight, bias = _of_groups(prototype.out_w, prototype), _of_groups(prototype.out_b, prototype)
    state["head.weight"] = _columns(weight, origin, weight.mean(2))
    state["head.bias"] = _columns(bias, origin, bias.mean(2)) + torch.tensor(shift)
    network.load_state_dict(state)
    return network


def _names(label: str) -> tuple[str, ...]:
    return (label, *COUNTERPARTS.get(PROMPTED.get(label, label), ()))


def _columns(values: Tensor, origin: list[int | None], absent: Tensor) -> Tensor:
    """The last dimension of ``values`` in another order, ``absent`` where there is no origin."""
    return torch.stack([absent if index is None else values[..., index] for index in origin], -1)


def _of_groups(answers: nn.ParameterList, prototype: Prototype) -> Tensor:
    """Of the weights or biases of all bins, (bands, n, C · width) per run of bands, the means (G, n, C) over groups."""
    flat = [a.unflatten(2, (len(prototype.classes), -1)).permute(0, 3, 1, 2).flatten(0, 1) for a in answers]
    bins, edges, bands = torch.cat(flat)[prototype.unpad], group_edges(), band_edges(prototype.bands)
    means = []
    for group, band in enumerate(bands_of_groups(prototype.bands)):
        first, last = max(edges[group], bands[band]), min(edges[group + 1], bands[band + 1])
        means.append(bins[first:last].mean(0))
    return torch.stack(means)
