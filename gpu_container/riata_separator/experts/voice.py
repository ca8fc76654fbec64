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
_MARGIN = N_FFT // HOP
"""Frames around a stretch whose samples are to be those that the whole would give."""

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
        """One block after the other, so that no more than some blocks of STFT are in memory."""
        samples = pair.shape[1]
        lead = start % HOP
        # Frames must lie on multiples of the hop counted from the start of the file.
        x = torch.from_numpy(np.ascontiguousarray(pair if len(pair) == 2 else np.repeat(pair, 2, 0)))
        x = F.pad(x, (lead, max(0, N_FFT - samples)))
        first, count = (start - lead) // HOP, x.shape[1] // HOP + 1
        blocks = [a - first for a in _blocks(first, first + count, -(-total // HOP), self._frames)]
        shares: dict[int, torch.Tensor] = {}
        voice = np.empty_like(x.numpy())
        for at in range(0, count, self._frames):
            low, high = max(0, at - _MARGIN), min(count, at + self._frames + _MARGIN)
            near = [a for a in blocks if a < high and a + self._frames > low]
            shares = {a: shares[a] if a in shares else self._share(x, a, checkpoint) for a in near}
            spec = self._stft(x, low, high) * self._mask(shares, low, high)
            length = min(high * HOP - 1, x.shape[1]) - low * HOP
            piece = torch.istft(spec, N_FFT, HOP, window=self._window, length=length).cpu().numpy()
            end = min((at + self._frames) * HOP, x.shape[1])
            voice[:, at * HOP : end] = piece[:, (at - low) * HOP : end - low * HOP]
        return voice[:, lead : lead + samples]

    def _stft(self, x: torch.Tensor, low: int, high: int) -> torch.Tensor:
        """Frames ``low`` to ``high`` of ``x``, the outermost two on either side without what lies beyond them."""
        piece = x[:, low * HOP : high * HOP - 1].to(self.device)
        return torch.stft(piece, N_FFT, HOP, window=self._window, pad_mode="constant", return_complex=True)

    def _share(self, x: torch.Tensor, a: int, checkpoint: Callable[[], None]) -> torch.Tensor:
        """The voice's share (2, bins, frames) of the block whose first frame is ``a`` of ``x``; silence beyond ``x``."""
        checkpoint()
        count = x.shape[1] // HOP + 1
        low, high = max(0, a), min(a + self._frames, count)
        heard = max(0, low - _MARGIN)
        magnitudes = self._stft(x, heard, min(count, high + _MARGIN))[:, : self._bins, low - heard : high - heard].abs()
        block = F.pad(magnitudes, (low - a, a + self._frames - high)).transpose(1, 2)[None]
        voice, music = (net(block)[0].square() for net in self._nets)
        share: torch.Tensor = (voice + _EPSILON / 2) / (voice + music + _EPSILON)
        return share.transpose(1, 2)

    def _mask(self, shares: dict[int, torch.Tensor], low: int, high: int) -> torch.Tensor:
        """Mask (2, all bins, frames) of the frames ``low`` to ``high``, cross-faded between the blocks that begin at the keys."""
        rising = torch.arange(self._frames, device=self.device) + 0.5
        taper = torch.minimum(rising, self._frames - rising).clamp_max(self._frames * OVERLAP)
        mask = torch.zeros(2, self._bins, high - low, device=self.device)
        weight = torch.zeros(high - low, device=self.device)
        for a, share in shares.items():
            here, there = max(a, low), min(a + self._frames, high)
            inside = slice(here - a, there - a)
            mask[:, :, here - low : there - low] += share[:, :, inside] * taper[inside]
            weight[here - low : there - low] += taper[inside]
        mask /= weight
        top = mask[:, -_TOP:].mean(1, keepdim=True).expand(-1, N_FFT // 2 + 1 - self._bins, -1)
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
