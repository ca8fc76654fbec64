"""Hybrid Demucs behind the engine's seam: vocals, drums, bass and the other instruments of music."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, cast

import numpy as np
import soxr
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from riata.domain.options import SeparationOptions
from riata.errors import BackendUnavailable, ModelUnavailable, PromptRefused, RequestError

from ...models import Store
from ...separator import Audio, Chunk, Separation, Summary, Workload
from ..batching import Batcher
from .separation import HDemucsSeparation
from .stems import SOURCES, stems_for
from .windows import LENGTH, RATE, WindowGrid

MODEL = "hdemucs"
BATCH = {"cuda": 8, "cpu": 1}
"""Windows per call of the network to begin with."""


class HDemucs:
    """The network of torchaudio's ``HDEMUCS_HIGH_MUSDB_PLUS`` pipeline. One pass gives all stems, whatever is asked for."""

    name = "hdemucs"
    sample_rate = RATE
    context = LENGTH / RATE
    stride = 0.04
    """A whole number of samples at 44.1 kHz and at every usual rate, so that chunks are resampled without a shift."""

    def __init__(self, network: torch.nn.Module, device: torch.device) -> None:
        self.device = device
        self._network = network.to(device).eval().requires_grad_(False)
        self._batcher = Batcher[torch.Tensor, torch.Tensor](self._separated, BATCH[device.type], key=lambda window: window.shape)

    @classmethod
    def load(cls, weights: Path | None = None) -> Self:
        """From a folder with ``hdemucs.safetensors``, by default that of the model manager.

        Raises:
            BackendUnavailable: torchaudio or the weights are missing, or do not fit each other.
        """
        try:
            hdemucs_high = importlib.import_module("torchaudio.models").hdemucs_high
        except (ImportError, OSError, RuntimeError, AttributeError) as error:
            raise BackendUnavailable(
                f"The backend 'hdemucs' needs torchaudio, which cannot be imported here: {error}. "
                "It is part of the GPU image; elsewhere choose the backend 'riata-small'."
            ) from error
        try:
            folder = weights or Store().obtain(MODEL)
            network = hdemucs_high(sources=list(SOURCES))
            network.load_state_dict(load_file(folder / f"{MODEL}.safetensors"))
        except ModelUnavailable as error:
            raise BackendUnavailable(f"The backend 'hdemucs' lacks its weights. {error}") from error
        except (OSError, SafetensorError, RuntimeError) as error:
            raise BackendUnavailable(f"The weights of hdemucs in {folder} cannot be loaded: {error}") from error
        return cls(network, torch.device("cuda" if torch.cuda.is_available() else "cpu"))

    def begin(self, options: SeparationOptions, summary: Summary, candidate: int = 0) -> HDemucsSeparation:
        """See :class:`~riata_separator.separator.Separator`."""
        try:
            stems = stems_for(options.prompt)
        except RequestError as refusal:
            raise PromptRefused(refusal) from refusal
        return HDemucsSeparation(self, stems, options, summary, candidate)

    def targets(self, separations: Sequence[Separation], chunk: Chunk, checkpoint: Callable[[], None]) -> list[Audio]:
        """See :class:`~riata_separator.separator.JointSeparator`: the network hears the chunk once for all prompts."""
        asked = cast(Sequence[HDemucsSeparation], separations)
        stems: dict[WindowGrid, dict[str, Audio]] = {}
        for one in asked:
            if one.grid not in stems:
                stems[one.grid] = self.stems(chunk, one.summary, one.grid, checkpoint)
        return [one.selected(stems[one.grid], chunk) for one in asked]

    @torch.inference_mode()
    def stems(self, chunk: Chunk, summary: Summary, grid: WindowGrid, checkpoint: Callable[[], None]) -> dict[str, Audio]:
        """Every stem of ``chunk``, (channels, samples) at 44.1 kHz; the level is normalised by that of the whole file."""
        heard = chunk.mixture if summary.sample_rate == RATE else soxr.resample(chunk.mixture.T, summary.sample_rate, RATE).T
        level = summary.rms or 1.0
        sound = torch.from_numpy(np.ascontiguousarray(heard / np.float32(level), np.float32))
        first = round(chunk.start * RATE / summary.sample_rate)
        pairs = [sound[i : i + 2] for i in range(0, len(sound), 2)]
        found = torch.cat([self._pair(pair, first, grid, checkpoint) for pair in pairs], 1) * level
        return dict(zip(SOURCES, found.cpu().numpy(), strict=True))

    def workload(self) -> Workload:
        """See :class:`~riata_separator.separator.Metered`."""
        return self._batcher.workload()

    def _pair(self, pair: torch.Tensor, first: int, grid: WindowGrid, checkpoint: Callable[[], None]) -> torch.Tensor:
        """The stems (sources, channels, samples) of two channels, or of one, which is heard twice."""
        heard = (pair if len(pair) == 2 else pair.expand(2, -1)).to(self.device)
        samples = heard.shape[1]
        total = torch.zeros(len(SOURCES), 2, samples, device=self.device)
        weight = torch.zeros(samples, device=self.device)
        taper = grid.taper(self.device)
        starts = list(grid.starts(first, first + samples))
        for batch in (starts[i : i + self._batcher.most] for i in range(0, len(starts), self._batcher.most)):
            checkpoint()
            for start, found in zip(batch, self._batcher([grid.cut(heard, first, start) for start in batch]), strict=True):
                low, high = max(start - first, 0), min(start - first + grid.length, samples)
                inside = slice(low - (start - first), high - (start - first))
                total[:, :, low:high] += found[:, :, inside] * taper[inside]
                weight[low:high] += taper[inside]
        total /= weight
        return total if len(pair) == 2 else total.mean(1, keepdim=True)

    @torch.inference_mode()
    def _separated(self, windows: list[torch.Tensor]) -> Sequence[torch.Tensor]:
        return list(self._network(torch.stack(windows)))
