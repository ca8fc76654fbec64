"""The voice expert: everything in front of the music, by Spleeter's two-stem networks.

They look at blocks of 512 frames. Blocks lie on a grid counted from the start of the file and overlap by a quarter, over
which their masks are cross-faded, so that no border shows and a chunk gives what the whole file would.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from riata.errors import BackendUnavailable, ModelUnavailable
from riata_separator.arrays import Array, Place, as_numpy, device, in_memory, namespace, padded
from riata_separator.arrays.spectra import istft, stft
from riata_separator.compute import Compute, Runtime
from riata_separator.graphs import Graph
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


Net = Callable[[Array], Array]
"""From the magnitudes of a mixture (1, 2, frames, bins) to those of a stem."""


class VoiceExpert:
    """Spleeter 2stems.

    Args:
        voice: the network of the voice.
        music: the network of everything else.
        place: puts arrays where the networks compute.
        frames: of a block; smaller only in tests.
        bins: that the networks see; likewise.
    """

    name = "voice"
    sample_rate = RATE
    context = FRAMES * HOP / RATE

    def __init__(self, voice: Net, music: Net, place: Place, *, frames: int = FRAMES, bins: int = BINS) -> None:
        self._nets, self._place = (voice, music), place
        self._frames, self._bins = frames, bins

    @classmethod
    def load(cls, folder: Path, compute: Compute) -> Self:
        """From ``voice.safetensors`` and ``music.safetensors``.

        Raises:
            ModelUnavailable: They are missing or not of this network.
        """
        paths = [folder / f"{name}.safetensors" for name in ("voice", "music")]
        if compute.runtime is Runtime.TORCH:
            import torch

            from riata_separator.arrays.tensors import placed_on
            from riata_separator.experts.unet import load_unet

            here = torch.device(compute.device)
            return cls(*(load_unet(path, here) for path in paths), placed_on(here))
        return cls(*(_graph(path, compute.threads) for path in paths), in_memory)

    def estimate(self, mixture: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.experts.base.Expert`. Channels go in pairs, a single one twice."""
        pairs = [mixture[i : i + 2] for i in range(0, len(mixture), 2)]
        return np.concatenate([self._pair(pair, start, total, checkpoint)[: len(pair)] for pair in pairs])

    def _pair(self, pair: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        """One block after the other, so that no more than some blocks of STFT are in memory."""
        samples = pair.shape[1]
        lead = start % HOP
        # Frames must lie on multiples of the hop counted from the start of the file.
        x = np.pad(pair if len(pair) == 2 else np.repeat(pair, 2, 0), ((0, 0), (lead, max(0, N_FFT - samples))))
        first, count = (start - lead) // HOP, x.shape[1] // HOP + 1
        blocks = [a - first for a in _blocks(first, first + count, -(-total // HOP), self._frames)]
        shares: dict[int, Array] = {}
        voice = np.empty_like(x)
        for at in range(0, count, self._frames):
            low, high = max(0, at - _MARGIN), min(count, at + self._frames + _MARGIN)
            near = [a for a in blocks if a < high and a + self._frames > low]
            shares = {a: shares[a] if a in shares else self._share(x, a, checkpoint) for a in near}
            spec = self._stft(x, low, high) * self._mask(shares, low, high)
            length = min(high * HOP - 1, x.shape[1]) - low * HOP
            piece = as_numpy(istft(spec, N_FFT, HOP, length))
            end = min((at + self._frames) * HOP, x.shape[1])
            voice[:, at * HOP : end] = piece[:, (at - low) * HOP : end - low * HOP]
        return voice[:, lead : lead + samples]

    def _stft(self, x: Audio, low: int, high: int) -> Array:
        """Frames ``low`` to ``high`` of ``x``, the outermost two on either side without what lies beyond them."""
        return stft(self._place(x[:, low * HOP : high * HOP - 1]), N_FFT, HOP)

    def _share(self, x: Audio, a: int, checkpoint: Callable[[], None]) -> Array:
        """The voice's share (2, bins, frames) of the block whose first frame is ``a`` of ``x``; silence beyond ``x``."""
        checkpoint()
        count = x.shape[1] // HOP + 1
        low, high = max(0, a), min(a + self._frames, count)
        heard = max(0, low - _MARGIN)
        spec = self._stft(x, heard, min(count, high + _MARGIN))
        xp = namespace(spec)
        magnitudes = padded(xp.abs(spec[:, : self._bins, low - heard : high - heard]), low - a, a + self._frames - high)
        block = xp.permute_dims(magnitudes, (0, 2, 1))[None]
        voice, music = (xp.square(net(block)[0]) for net in self._nets)
        return xp.permute_dims((voice + _EPSILON / 2) / (voice + music + _EPSILON), (0, 2, 1))

    def _mask(self, shares: dict[int, Array], low: int, high: int) -> Array:
        """Mask (2, all bins, frames) of the frames ``low`` to ``high``, cross-faded between the blocks that begin at the keys."""
        xp, here = namespace(next(iter(shares.values()))), device(next(iter(shares.values())))
        rising = xp.arange(self._frames, dtype=xp.float32, device=here) + 0.5
        taper = xp.clip(xp.minimum(rising, self._frames - rising), max=self._frames * OVERLAP)
        mask = xp.permute_dims(xp.zeros((2, high - low, self._bins), dtype=xp.float32, device=here), (0, 2, 1))
        weight = xp.zeros(high - low, dtype=xp.float32, device=here)
        for a, share in shares.items():
            here, there = max(a, low), min(a + self._frames, high)
            inside = slice(here - a, there - a)
            mask[:, :, here - low : there - low] += share[:, :, inside] * taper[inside]
            weight[here - low : there - low] += taper[inside]
        mask /= weight
        top = xp.mean(mask[:, -_TOP:], axis=1, keepdims=True)
        return xp.concat([mask, xp.repeat(top, N_FFT // 2 + 1 - self._bins, axis=1)], axis=1)


def _graph(path: Path, threads: int) -> Net:
    try:
        graph = Graph("voice-unet", load_file(path), threads)
    except (OSError, SafetensorError, BackendUnavailable) as error:
        raise ModelUnavailable(f"{path} cannot be loaded: {error}") from error
    return lambda block: graph(np.ascontiguousarray(block))[0]


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
