"""The MobileNetV3 of EfficientAT (Schmid et al., ICASSP 2023; MobileNetV3: Howard et al., ICCV 2019), width 0.4: mn04_as.

Shapes: B windows, 1 channel, M mel bands, T frames. Attribute names follow the keys of the released checkpoint.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from riata.errors import ModelUnavailable
from riata_separator.experts.ear_readout import LABELS


class Level(NamedTuple):
    """One inverted residual: ``squeezed`` is the width inside its squeeze-and-excitation, 0 for none; ``hard`` says hard swish."""

    kernel: int
    expanded: int
    out: int
    squeezed: int
    hard: bool
    stride: int


LEVELS = (
    Level(3, 8, 8, 0, False, 1),
    Level(3, 24, 16, 0, False, 2),
    Level(3, 32, 16, 0, False, 1),
    Level(5, 32, 16, 8, False, 2),
    Level(5, 48, 16, 16, False, 1),
    Level(5, 48, 16, 16, False, 1),
    Level(3, 96, 32, 0, True, 2),
    Level(3, 80, 32, 0, True, 1),
    Level(3, 72, 32, 0, True, 1),
    Level(3, 72, 32, 0, True, 1),
    Level(3, 192, 48, 48, True, 1),
    Level(3, 272, 48, 72, True, 1),
    Level(5, 272, 64, 72, True, 2),
    Level(5, 384, 64, 96, True, 1),
    Level(5, 384, 64, 96, True, 1),
)
"""Of the released network."""

_STEM = 8
"""Channels of the first convolution."""


class MobileNet(nn.Module):
    """Mel spectrograms to one logit per label.

    Args:
        levels: of the network, from the finest on.
        wide, hidden: widths behind the last level and inside the classifier.
        labels: that it tells apart.
    """

    def __init__(
        self, levels: tuple[Level, ...] = LEVELS, wide: int = 384, hidden: int = 512, labels: int = LABELS
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [_convolution(1, _STEM, 3, nn.Hardswish(), stride=2)]
        width = _STEM
        for level in levels:
            layers.append(_InvertedResidual(width, level))
            width = level.out
        self.features = nn.Sequential(*layers, _convolution(width, wide, 1, nn.Hardswish()))
        # The fourth is the place of the dropout, which only training has.
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, hidden), nn.Hardswish(), nn.Identity(), nn.Linear(hidden, labels)
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, 1, M, T) to logits (B, labels)."""
        logits: torch.Tensor = self.classifier(self.features(x))
        return logits


class _InvertedResidual(nn.Module):
    def __init__(self, width: int, level: Level) -> None:
        super().__init__()
        activation = nn.Hardswish() if level.hard else nn.ReLU()
        inside: list[nn.Module] = []
        if level.expanded != width:
            inside.append(_convolution(width, level.expanded, 1, activation))
        inside.append(_convolution(level.expanded, level.expanded, level.kernel, activation, level.stride, level.expanded))
        if level.squeezed:
            inside.append(_Squeeze(level.expanded, level.squeezed))
        self.block = nn.Sequential(*inside, _convolution(level.expanded, level.out, 1, nn.Identity()))
        self.residual = level.stride == 1 and level.out == width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.block(x)
        return x + y if self.residual else y


class _Squeeze(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): channels weighed by what all bands and frames hold."""

    def __init__(self, width: int, squeezed: int) -> None:
        super().__init__()
        layers = {"fc1": nn.Linear(width, squeezed), "fc2": nn.Linear(squeezed, width)}
        self.conc_se_layers = nn.ModuleList([nn.ModuleDict(layers)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        into, out = self.conc_se_layers[0].children()
        return x * torch.sigmoid(out(torch.relu(into(x.mean((2, 3))))))[:, :, None, None]


def _convolution(
    inside: int, out: int, kernel: int, activation: nn.Module, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    convolution = nn.Conv2d(inside, out, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out, eps=1e-3), activation)


def load_mobilenet(path: Path, device: torch.device) -> MobileNet:
    """The released network with the weights of a safetensors file.

    Raises:
        ModelUnavailable: it is missing or not of this network.
    """
    net = MobileNet()
    try:
        net.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelUnavailable(f"{path} cannot be loaded: {error}") from error
    return net.to(device).eval().requires_grad_(False)
