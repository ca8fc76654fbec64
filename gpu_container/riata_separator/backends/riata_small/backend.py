"""The embedded separator behind the engine's seam."""

from pathlib import Path
from typing import Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from riata.domain.options import SeparationOptions
from riata.errors import BackendUnavailable

from ...separator import Summary
from .bands import HOP, N_FFT, RATE
from .network import ClassSeparator
from .prompts import understand
from .separation import RiataSmallSeparation
from .text_encoder import TextEncoder
from .windows import LENGTH

WEIGHTS = Path(__file__).parents[2] / "weights" / "riata-small"
ALIGNMENT = 5
"""Frames of which chunk starts are multiples: 0.16 s, a whole number of samples at every rate that 25 Hz divides."""


class RiataSmall:
    """The class separator with its reader of prompts."""

    name = "riata-small"
    sample_rate = RATE
    context = LENGTH / RATE
    stride = ALIGNMENT * HOP / RATE

    def __init__(self, network: ClassSeparator, encoder: TextEncoder, device: torch.device) -> None:
        self.network = network.to(device).eval().requires_grad_(False)
        self.encoder = encoder.eval().requires_grad_(False)
        self.device = device
        self.window = torch.hann_window(N_FFT, device=device)

    @classmethod
    def load(cls, weights: Path | None = None) -> Self:
        """From a folder with ``separator.safetensors`` and ``text.safetensors``, by default the packaged one.

        Raises:
            BackendUnavailable: the weights are missing or not of this network.
        """
        folder = weights or WEIGHTS
        network, encoder = ClassSeparator(), TextEncoder()
        try:
            for module, name in ((network, "separator"), (encoder, "text")):
                state = load_file(folder / f"{name}.safetensors")
                module.load_state_dict({key: value.float() for key, value in state.items()})
        except (OSError, SafetensorError, RuntimeError) as error:
            raise BackendUnavailable(f"The weights of riata-small in {folder} cannot be loaded: {error}") from error
        return cls(network, encoder, torch.device("cuda" if torch.cuda.is_available() else "cpu"))

    def begin(self, options: SeparationOptions, summary: Summary, candidate: int = 0) -> RiataSmallSeparation:
        """See :class:`~riata_separator.separator.Separator`."""
        return RiataSmallSeparation(self, understand(options.prompt, self.encoder), options, summary, candidate)
