"""``python -m training.export``: write the networks as ONNX graphs without weights (``make graphs``).

A graph says what is computed. Its weights are external tensors named as in the safetensors file, from which they are fed when the
graph is loaded: one source of truth, and new weights of the same network need no new graph. Graphs are of the sizes that networks
have by default, of windows of :data:`~riata_separator.backends.riata_small.windows.FRAMES` frames and any number of them.
"""

import argparse
import json
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx.external_data_helper import set_external_data, uses_external_data
from torch import Tensor, nn

from riata_separator.backends.riata_small.bands import BINS
from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator
from riata_separator.backends.riata_small.windows import FRAMES, LENGTH
from riata_separator.experts.ear import BANDS, frames
from riata_separator.experts.mobilenet import MobileNet
from riata_separator.experts.unet import UNet
from riata_separator.experts.voice import BINS as VOICE_BINS
from riata_separator.experts.voice import FRAMES as VOICE_FRAMES
from riata_separator.graphs import FOLDER, TABLE

OPSET = 20
"""The first with GELU, without which the exporter writes it in eight nodes."""

WEIGHTS = "weights.safetensors"
"""What graphs call the file of their weights; it is never read by this name."""

_PREFIX = "network."
"""Before the names of weights, where the exported module holds the network."""


def _complex(planes: Tensor) -> Tensor:
    """(B, T, F, 2) → complex (B, F, T)."""
    return torch.view_as_complex(planes.transpose(1, 2))


class ClassNetworkEncoder(nn.Module):
    """Planes (B, T, F, 2) of mid and side → features at four scales, and those of the middle."""

    def __init__(self, network: ClassNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, mid: Tensor, side: Tensor) -> tuple[Tensor, ...]:
        """The features."""
        skips, middle, _ = self.network.heard(_complex(mid), _complex(side))
        return *skips, middle


class ClassNetworkDecoder(nn.Module):
    """Features, hints (B, C) and groups (B, G, C) → summed shares (B, G, T, F)."""

    def __init__(self, network: ClassNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor:
        """The shares."""
        *skips, middle, hint, groups = inputs
        return self.network.divided((skips, middle, FRAMES), hint, groups).transpose(0, 1)


class ClassSeparatorEncoder(nn.Module):
    """Planes (B, T, F, 2) → features at three scales."""

    def __init__(self, network: ClassSeparator) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Tensor) -> tuple[Tensor, ...]:
        """The features."""
        return self.network.heard(planes.transpose(1, 2))[:3]


class ClassSeparatorDecoder(nn.Module):
    """Features, hints (B, C) and groups (B, G, C) → summed shares (B, G, T, F)."""

    def __init__(self, network: ClassSeparator) -> None:
        super().__init__()
        self.network = network

    def forward(self, fine: Tensor, middle: Tensor, coarse: Tensor, hint: Tensor, groups: Tensor) -> Tensor:
        """The shares."""
        return self.network.divided((fine, middle, coarse, FRAMES), hint, groups).transpose(0, 1)


def export(folder: Path) -> list[Path]:
    """Write every graph into ``folder``, and the table of the weights that each is fed."""
    windows = torch.randn(2, 3, FRAMES, BINS, 2)
    written = []
    for kind, encoder, decoder, heard in (
        ("class-network", ClassNetworkEncoder(network := ClassNetwork()), ClassNetworkDecoder(network), list(windows)),
        ("class-separator", ClassSeparatorEncoder(small := ClassSeparator()), ClassSeparatorDecoder(small), list(windows[:1])),
    ):
        classes = len(encoder.network.classes)
        with torch.inference_mode():
            features = [f.clone() for f in encoder.eval()(*heard)]
        asked = [*features, torch.zeros(3, classes), torch.zeros(3, 4, classes)]
        written.append(_written(encoder, heard, folder / f"{kind}.encoder.onnx"))
        written.append(_written(decoder, asked, folder / f"{kind}.decoder.onnx"))
    block = torch.randn(1, 2, VOICE_FRAMES, VOICE_BINS)
    written.append(_written(UNet(), [block], folder / "voice-unet.onnx", batched=False))
    heard = torch.randn(3, 1, BANDS, frames(LENGTH))
    written.append(_written(MobileNet(), [heard], folder / "ear-mobilenet.onnx"))
    lines = (f"{json.dumps(path.stem)}: {json.dumps(_weights(path), separators=(',', ':'))}" for path in written)
    (folder / TABLE).write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return written


def _weights(path: Path) -> dict[str, list[int]]:
    model = onnx.load(path, load_external_data=False)
    return {tensor.name: list(tensor.dims) for tensor in model.graph.initializer if uses_external_data(tensor)}


def _written(module: nn.Module, inputs: Sequence[Tensor], path: Path, *, batched: bool = True) -> Path:
    """Export one graph; the first dimension of every input is the batch, the second of the last one of a decoder the groups."""
    shapes: Any = None
    if batched:
        batch = torch.export.Dim("batch", min=1)
        shapes = [{0: batch} for _ in inputs]
        if path.name.endswith(".decoder.onnx"):
            shapes[-1] = {0: batch, 1: torch.export.Dim("groups", min=1)}
        shapes = (tuple(shapes),) if isinstance(module, ClassNetworkDecoder) else tuple(shapes)
    program = torch.onnx.export(
        module.eval(), tuple(inputs), dynamo=True, dynamic_shapes=shapes, opset_version=OPSET, optimize=False, verbose=False
    )  # fmt: skip
    onnx.save(_without_weights(program.model_proto, module), path)
    return path


def _without_weights(model: onnx.ModelProto, module: nn.Module) -> onnx.ModelProto:
    """The model with its weights left out, and nothing said of where it was made.

    Weights are the tensors that the network's file holds; all others, tables of indices, stay in the graph.
    """
    weights = set(module.state_dict())
    for tensor in model.graph.initializer:
        if tensor.name in weights:
            set_external_data(tensor, location=WEIGHTS)
            tensor.ClearField("raw_data")
        tensor.name = tensor.name.removeprefix(_PREFIX)
    for node in model.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
        node.input[:] = [name.removeprefix(_PREFIX) for name in node.input]
    for value in (*model.graph.input, *model.graph.output):
        value.ClearField("metadata_props")
    del model.graph.value_info[:], model.metadata_props[:], model.graph.metadata_props[:]
    return model


def main() -> None:
    """Write the graphs that the package ships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    logging.getLogger("onnxscript").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    for path in export(parser.parse_args().out):
        print(f"{path.name}: {path.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
