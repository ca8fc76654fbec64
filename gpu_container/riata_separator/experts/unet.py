"""The U-Net of Spleeter (Hennequin et al., JOSS 2020), as in Jansson et al., ISMIR 2017.

Shapes: B blocks, 2 channels, T frames, F bins. Attribute names follow the keys of the converted checkpoint.
"""

from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from riata.errors import ModelUnavailable

WIDTHS = (16, 32, 64, 128, 256, 512)
"""Channels of the six levels of the released network."""


class UNet(nn.Module):
    """Magnitudes of a mixture to the magnitudes of one stem.

    Args:
        widths: channels per level; T and F must be multiples of 2 to the number of levels.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.depth = len(widths)
        for i, (a, b) in enumerate(pairwise((2, *widths)), 1):
            self.add_module(f"down{i}_conv", nn.Sequential(nn.Identity(), nn.Conv2d(a, b, 5, stride=2)))
            self.add_module(f"down{i}_act", nn.Sequential(nn.BatchNorm2d(b, eps=1e-3), nn.LeakyReLU(0.2)))
        wide = widths[-1]
        for i, b in enumerate((*reversed(widths[:-1]), 1), 1):
            up = (nn.ConvTranspose2d(wide, b, 5, stride=2), nn.Identity(), nn.ReLU(), nn.BatchNorm2d(b, eps=1e-3))
            self.add_module(f"up{i}", nn.Sequential(*up))
            wide = 2 * b
        self.add_module(f"up{self.depth + 1}", nn.Sequential(nn.Conv2d(1, 2, 4, dilation=2, padding=3), nn.Sigmoid()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, 2, T, F) to the same shape."""
        h, skips = x, []
        for i in range(1, self.depth + 1):
            skips.append(self.get_submodule(f"down{i}_conv")(F.pad(h, (1, 2, 1, 2))))
            h = self.get_submodule(f"down{i}_act")(skips[-1])
        h = skips.pop()
        # The released network sends its deepest level up without the activation.
        for i in range(1, self.depth + 1):
            deconvolution, _, activation, norm = self.get_submodule(f"up{i}").children()
            h = norm(activation(deconvolution(h)[:, :, 1:-2, 1:-2]))
            if skips:
                h = torch.cat([skips.pop(), h], 1)
        mask: torch.Tensor = self.get_submodule(f"up{self.depth + 1}")(h)
        return mask * x


def load_unet(path: Path, device: torch.device) -> UNet:
    """The released network with the weights of a safetensors file.

    Raises:
        ModelUnavailable: it is missing or not of this network.
    """
    net = UNet()
    try:
        state = load_file(path)
        wanted = {key: state[key] for key in net.state_dict() if not key.endswith("num_batches_tracked")}
        net.load_state_dict(wanted, strict=False)
    except (OSError, SafetensorError, RuntimeError, KeyError) as error:
        raise ModelUnavailable(f"{path} cannot be loaded: {error}") from error
    return net.to(device).eval().requires_grad_(False)
