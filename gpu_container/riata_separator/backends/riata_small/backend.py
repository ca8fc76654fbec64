"""The embedded separator behind the engine's seam."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import soxr
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn.functional import pad

from riata.domain.options import SeparationOptions
from riata.errors import BackendUnavailable

from ...separator import Audio, Chunk, Summary
from ..masking import MaskGrid, masked
from ..stereo import united
from .bands import BINS, HOP, N_FFT, RATE
from .classes import CLASSES
from .grammar import Wish
from .network import ClassSeparator
from .prompts import understand
from .text_encoder import TextEncoder
from .windows import FRAMES, LENGTH, STRIDE, taper, window_frames

WEIGHTS = Path(__file__).parents[2] / "weights" / "riata-small"
BATCH = 4
"""Windows (of one channel) per call of the network."""

_QUIETEST_LEVEL = 1e-3
"""Floor of a window's spectral level: silence must not be amplified to noise."""


class RiataSmall:
    """The class separator with its reader of prompts."""

    name = "riata-small"
    sample_rate = RATE
    context = LENGTH / RATE
    stride = STRIDE * HOP / RATE

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

    def begin(self, options: SeparationOptions, summary: Summary) -> "RiataSmallSeparation":
        """See :class:`~riata_separator.separator.Separator`."""
        return RiataSmallSeparation(self, understand(options.prompt, self.encoder), summary)


class RiataSmallSeparation:
    """One prompt at work on one file."""

    def __init__(self, separator: RiataSmall, wish: Wish, summary: Summary) -> None:
        self._separator = separator
        self._wish = wish
        self._summary = summary
        self._total = -(-summary.total * RATE // summary.sample_rate)
        device = separator.device
        self._hint = torch.tensor([[float(name in wish.named) for name in CLASSES]], device=device)
        self._wanted = torch.tensor([float(name in wish.wanted) for name in CLASSES], device=device)

    @torch.inference_mode()
    def target(self, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.separator.Separation`."""
        rate, device = self._summary.sample_rate, self._separator.device
        heard = np.ascontiguousarray(soxr.resample(chunk.mixture.T, rate, RATE).T) if rate != RATE else chunk.mixture
        first = round(chunk.start * RATE / rate)
        mask, first_frame = self._masks(torch.from_numpy(heard).to(device), first, checkpoint)
        grid = MaskGrid(RATE / N_FFT, HOP / RATE, first_frame)
        mixture = torch.from_numpy(np.ascontiguousarray(chunk.mixture)).to(device)
        return masked(mixture, chunk.start, rate, mask, grid).cpu().numpy()

    def report(self) -> Mapping[str, Any]:
        """See :class:`~riata_separator.separator.Separation`."""
        return {"classes": sorted(self._wish.wanted, key=CLASSES.index)}

    def _masks(self, heard: torch.Tensor, first: int, checkpoint: Callable[[], None]) -> tuple[torch.Tensor, int]:
        """Masks (channels, bins, frames) of what is ``heard`` from sample ``first`` on, and the first frame's number."""
        starts = list(window_frames(first, first + heard.shape[1], self._total))
        if not starts:
            return torch.zeros(len(heard), BINS, 1, device=heard.device), -(-first // HOP)
        weights = taper(heard.device)
        span = starts[-1] + FRAMES - starts[0]
        mask = torch.zeros(len(heard), BINS, span, device=heard.device)
        total = torch.zeros(span, device=heard.device)
        per_call = max(1, BATCH // len(heard))
        for i in range(0, len(starts), per_call):
            checkpoint()
            batch = starts[i : i + per_call]
            windows = torch.stack([_window(heard, frame * HOP - first) for frame in batch])
            for frame, estimate in zip(batch, self._estimates(windows), strict=True):
                at = slice(frame - starts[0], frame - starts[0] + FRAMES)
                mask[:, :, at] += estimate * weights
                total[at] += weights
        return mask / total.clamp_min(1e-9), starts[0]

    def _estimates(self, windows: torch.Tensor) -> torch.Tensor:
        """Masks (windows, channels, bins, frames) of ``windows`` (windows, channels, samples)."""
        network, (count, channels, _) = self._separator.network, windows.shape
        spec = torch.stft(windows.flatten(0, 1), N_FFT, HOP, window=self._separator.window, return_complex=True)
        level = spec.abs().square().mean((1, 2), keepdim=True).sqrt().clamp_min(_QUIETEST_LEVEL)
        shares = network.shares(network.encode(spec, level), self._hint.expand(len(spec), -1))
        masks = torch.einsum("cbft,c->bft", shares, self._wanted).unflatten(0, (count, channels))
        return torch.stack([united(m, s) for m, s in zip(masks, spec.unflatten(0, (count, channels)), strict=True)])


def _window(heard: torch.Tensor, start: int) -> torch.Tensor:
    """LENGTH samples from ``start`` on, padded with silence where the file ends."""
    piece = heard[:, start : start + LENGTH]
    return pad(piece, (0, LENGTH - piece.shape[1]))
