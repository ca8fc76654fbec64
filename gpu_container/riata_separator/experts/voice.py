"""The voice expert: everything in front of the music, by Spleeter's two-stem networks.

They look at blocks of 512 frames. Blocks lie on a grid counted from the start of the file and overlap by a quarter, over
which their masks are cross-faded, so that no border shows and a chunk gives what the whole file would.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from safetensors import SafetensorError
from safetensors.torch import load_file

from riata.errors import ModelUnavailable
from riata_separator.experts.unet import UNet
from riata_separator.separator import Audio

RATE = 44_100
N_FFT, HOP = 4096, 1024
FRAMES = 512
"""STFT frames of a block (11.9 s)."""

OVERLAP = 0.25
"""Share of a block that the next one covers too."""

BINS = 1024
"""Bins that the networks see, up to 11 kHz; above them goes on the mean mask of the uppermost ``_TOP``."""

_TOP = 64
_EPSILON = 1e-10


class VoiceExpert:
    """Spleeter 2stems; ``frames`` and ``bins`` are smaller only in tests."""

    name = "voice"
    sample_rate = RATE
    context = FRAMES * HOP / RATE

    def __init__(self, voice: UNet, music: UNet, *, frames: int = FRAMES, bins: int = BINS) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._nets = [net.to(self.device).eval().requires_grad_(False) for net in (voice, music)]
        self._frames, self._bins = frames, bins
        self._window = torch.hann_window(N_FFT, device=self.device)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From ``voice.safetensors`` and ``music.safetensors``.

        Raises:
            ModelUnavailable: They are missing or not of this network.
        """
        nets = []
        for name in ("voice", "music"):
            net = UNet()
            try:
                state = load_file(folder / f"{name}.safetensors")
                net.load_state_dict({key: state[key] for key in net.state_dict() if not key.endswith("num_batches_tracked")},
                                    strict=False)  # fmt: skip
            except (OSError, SafetensorError, RuntimeError, KeyError) as error:
                raise ModelUnavailable(f"The voice expert in {folder} cannot be loaded: {error}") from error
            nets.append(net)
        return cls(*nets)

    @torch.inference_mode()
    def estimate(self, mixture: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.experts.base.Expert`. Channels go in pairs, a single one twice."""
        pairs = [mixture[i : i + 2] for i in range(0, len(mixture), 2)]
        return np.concatenate([self._pair(pair, start, total, checkpoint)[: len(pair)] for pair in pairs])

    def _pair(self, pair: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        samples = pair.shape[1]
        lead = start % HOP
        # Frames must lie on multiples of the hop counted from the start of the file.
        x = torch.from_numpy(np.ascontiguousarray(pair if len(pair) == 2 else np.repeat(pair, 2, 0))).to(self.device)
        x = F.pad(x, (lead, max(0, N_FFT - samples)))
        spec = torch.stft(x, N_FFT, HOP, window=self._window, pad_mode="constant", return_complex=True)
        mask = self._mask(spec, (start - lead) // HOP, -(-total // HOP), checkpoint)
        voice = torch.istft(spec * mask, N_FFT, HOP, window=self._window, length=x.shape[1])
        return voice[:, lead : lead + samples].cpu().numpy()

    def _mask(self, spec: torch.Tensor, first: int, last: int, checkpoint: Callable[[], None]) -> torch.Tensor:
        """Mask (2, bins, frames) of ``spec``, whose first frame has the number ``first`` of ``last`` in the file."""
        magnitudes, count = spec[:, : self._bins].abs(), spec.shape[2]
        rising = torch.arange(self._frames, device=spec.device) + 0.5
        taper = torch.minimum(rising, self._frames - rising).clamp_max(self._frames * OVERLAP)
        mask, weight = torch.zeros_like(magnitudes), torch.zeros(count, device=spec.device)
        for a in _blocks(first, first + count, last, self._frames):
            checkpoint()
            low, high = max(a, first), min(a + self._frames, first + count)
            block = magnitudes[:, :, low - first : high - first]
            block = F.pad(block, (low - a, a + self._frames - high)).transpose(1, 2)[None]
            voice, music = (net(block)[0].square() for net in self._nets)
            share = ((voice + _EPSILON / 2) / (voice + music + _EPSILON)).transpose(1, 2)
            inside = slice(low - a, high - a)
            mask[:, :, low - first : high - first] += share[:, :, inside] * taper[inside]
            weight[low - first : high - first] += taper[inside]
        mask /= weight
        top = mask[:, -_TOP:].mean(1, keepdim=True).expand(-1, spec.shape[1] - self._bins, -1)
        return torch.cat([mask, top], 1)


def _blocks(first: int, end: int, last: int, frames: int) -> list[int]:
    """First frames of the blocks that cover frames ``first`` to ``end`` of a file of ``last`` frames.

    Blocks that lie wholly inside are preferred: only frames near the edges are left to blocks that reach beyond.
    """
    overlap = round(frames * OVERLAP)
    stride = frames - overlap
    grid = range((first // stride - 1) * stride, end, stride)
    touching = [a for a in grid if a + frames > first and a >= 0 and (a == 0 or a + overlap < last)]
    whole = [a for a in touching if a >= first and a + frames <= end]
    covered = {frame for a in whole for frame in range(a, a + frames)}
    return [a for a in touching if a in whole or any(f not in covered for f in range(max(a, first), min(a + frames, end)))]
