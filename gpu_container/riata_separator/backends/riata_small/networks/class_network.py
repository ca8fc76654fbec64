"""The class network: looks at a mixture and a weak hint, and divides every time-frequency bin among all sound classes.

Shapes: B windows, F frequency bins, T frames, K bands, G frequency groups, C classes.

- The spectrum is split into K bands with weights of their own (after Luo and Yu's band-split RNN, 2023), a U-Net with
  recurrent layers over time and over bands at its two coarsest scales looks at them, and a head per frequency group
  answers with one logit per class.
- A softmax over classes: the shares of all classes add up to one in every bin, so "everything but X" is exact.
- The hint, which classes a prompt names, modulates the decoder only (FiLM: Perez et al., 2018); zeros mean "no hint".
- Every normalisation looks at one frame, and the level at a second around it: a chunk never changes its neighbours.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ..bands import split_bands
from .base import CLASSES
from .group_head import GroupHead
from .pairs import mid_and_side
from .summing import for_each

BANDS = 64
LEVEL_FRAMES = 31
FEATURES = 5

Features = tuple[list[Tensor], Tensor, int]
"""What the encoder passes on: features at four scales, those of the middle, and the frame count."""


class FrameNorm(nn.Module):
    """Layer normalisation of each frame over channels and bands; input and output (B, channels, T, bands)."""

    def __init__(self, channels: int, bands: int) -> None:
        super().__init__()
        self.shape = (bands, channels)
        self.weight, self.bias = nn.Parameter(torch.ones(self.shape)), nn.Parameter(torch.zeros(self.shape))

    def forward(self, x: Tensor) -> Tensor:
        """Normalised x."""
        y: Tensor = functional.layer_norm(x.permute(0, 2, 3, 1), self.shape, self.weight, self.bias, 1e-3)
        return y.permute(0, 3, 1, 2)


class Block(nn.Module):
    """Residual block of one or two 3 × 3 convolutions, optionally modulated by a condition (B, condition)."""

    def __init__(self, channels: int, bands: int, condition: int = 0, deep: bool = True) -> None:
        super().__init__()
        self.first, self.first_norm = nn.Conv2d(channels, channels, 3, padding=1), FrameNorm(channels, bands)
        self.second = nn.Conv2d(channels, channels, 3, padding=1) if deep else None
        self.second_norm = FrameNorm(channels, bands) if deep else None
        self.film = nn.Linear(condition, 2 * channels) if condition else None
        if self.film is not None:
            nn.init.zeros_(self.film.weight)
            nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Output of the shape of x (B, channels, T, bands)."""
        h = self.first_norm(self.first(x))
        if self.film is not None and condition is not None:
            scale, shift = self.film(condition)[..., None, None].chunk(2, 1)
            h = h * (1 + scale) + shift
        h = functional.gelu(h)
        if self.second is not None and self.second_norm is not None:
            h = functional.gelu(self.second_norm(self.second(h)))
        return x + h


class DualPath(nn.Module):
    """Recurrence over time within each band, then over bands within each frame, both residual and bidirectional."""

    def __init__(self, channels: int, time_width: int, band_width: int) -> None:
        super().__init__()
        self.time = nn.GRU(channels, time_width, batch_first=True, bidirectional=True)
        self.time_out = nn.Linear(2 * time_width, channels)
        self.band = nn.GRU(channels, band_width, batch_first=True, bidirectional=True)
        self.band_out = nn.Linear(2 * band_width, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Output of the shape of x (B, channels, T, bands)."""
        b, c, t, k = x.shape
        h = x.permute(0, 3, 2, 1).reshape(b * k, t, c)
        h = h + self.time_out(self.time(h)[0])
        h = h.view(b, k, t, c).transpose(1, 2).reshape(b * t, k, c)
        h = h + self.band_out(self.band(h)[0])
        mixed: Tensor = h.view(b, t, k, c).permute(0, 3, 1, 2)
        return mixed


class ClassNetwork(nn.Module):
    """See :class:`~.base.Network`. About 7 million parameters with the default widths."""

    hears_sides = True

    gather: Tensor
    valid: Tensor

    def __init__(
        self,
        channels: tuple[int, ...] = (32, 64, 160, 256),
        recurrent: int = 256,
        condition: int = 64,
        classes: tuple[str, ...] = CLASSES,
    ) -> None:
        super().__init__()
        self.channels, self.recurrent, self.classes = channels, recurrent, classes
        split = split_bands(BANDS)
        widths, self.width, self.runs = split.widths, split.width, split.groups
        self._constant("gather", split.gather)
        self._constant("valid", split.valid)
        c0, c1, c2, c3 = channels
        scale = torch.tensor(1 / np.sqrt(FEATURES * widths), dtype=torch.float32)[:, None, None]
        self.band_in = nn.Parameter(torch.randn(BANDS, FEATURES * self.width, c0) * scale)
        self.band_in_bias = nn.Parameter(torch.zeros(BANDS, 1, c0))
        self.encoder = nn.ModuleList(
            [Block(c0, 64, deep=False), Block(c1, 32), Block(c2, 16), Block(c3, 8)]
        )  # fmt: skip
        self.down = nn.ModuleList([nn.Conv2d(a, b, 2, stride=2) for a, b in ((c0, c1), (c1, c2), (c2, c3))])
        self.middle = nn.ModuleList([DualPath(c3, recurrent, recurrent // 2) for _ in range(2)])
        self.fine = DualPath(c2, recurrent // 2, recurrent // 4)
        self.hint = nn.Sequential(nn.Linear(len(self.classes), condition), nn.GELU(), nn.Linear(condition, condition))
        self.up = nn.ModuleList([nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in ((c0, c1), (c1, c2), (c2, c3))])
        self.decoder = nn.ModuleList(
            [Block(c0, 64, condition, deep=False), Block(c1, 32, condition), Block(c2, 16, condition), Block(c3, 8, condition)]
        )  # fmt: skip
        self.head = GroupHead(c0, len(self.classes), BANDS)

    def _constant(self, name: str, values: "np.ndarray[Any, Any]") -> None:
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values)), persistent=False)

    def _features(self, mid: Tensor, side: Tensor | None) -> Tensor:
        """Mid and side spectrograms (B, F, T) → real features (F, 5, B · T): level, phase and place of each bin."""
        power = torch.view_as_real(mid).square().sum(-1)
        local = functional.avg_pool1d(
            power.mean(1, keepdim=True), LEVEL_FRAMES, 1, LEVEL_FRAMES // 2, count_include_pad=False
        )  # fmt: skip
        level = (local.sqrt() + 1e-5).reshape(1, -1)

        def by_bin(x: Tensor) -> Tensor:
            return x.transpose(0, 1).reshape(x.shape[1], -1)

        power, real, imaginary = by_bin(power), by_bin(mid.real), by_bin(mid.imag)
        magnitude = (power + 1e-12).sqrt() / level
        squeeze = (magnitude + 1e-6).pow(-0.6) / level * 0.5
        planes = [torch.log1p(magnitude * 20) * 0.5 - 0.5, real * squeeze, imaginary * squeeze]
        if side is None:
            planes += [torch.zeros_like(power)] * 2
        else:
            side_real, side_imaginary = by_bin(side.real), by_bin(side.imag)
            other = side_real.square() + side_imaginary.square()
            total = power + other + 1e-4 * level.square()
            planes += [2 * (side_real * real + side_imaginary * imaginary) / total, other / total]
        return torch.stack(planes, 1)

    def _bands(self, mid: Tensor, side: Tensor | None) -> Tensor:
        """Features of every band (B, c0, T, K), in channels-last order."""
        b, _, t = mid.shape
        features, weight = self._features(mid, side), self.band_in * self.valid.repeat_interleave(FEATURES, 1)[..., None]
        parts = []
        for first, last, width in self.runs:
            rows = features.index_select(0, self.gather[first:last, :width].reshape(-1)).view(last - first, -1, b * t)
            bias, matrix = self.band_in_bias[first:last], weight[first:last, : width * FEATURES]
            parts.append(torch.baddbmm(bias, rows.transpose(1, 2), matrix))
        x = torch.cat(parts).view(BANDS, b, t, -1).permute(1, 3, 2, 0)
        return functional.pad(x, (0, 0, 0, -t % 8)).contiguous(memory_format=torch.channels_last)

    def heard(self, mid: Tensor, side: Tensor | None) -> Features:
        """The encoder; mid and side as in :meth:`logits`."""
        x, skips = self._bands(mid, side), []
        for k, encoder in enumerate(self.encoder):
            x = encoder(self.down[k - 1](x) if k else x)
            x = self.fine(x) if k == 2 else x
            skips.append(x)
        for layer in self.middle:
            x = layer(x)
        return skips, x.contiguous(memory_format=torch.channels_last), mid.shape[2]

    def _decoded(self, heard: Features, hint: Tensor) -> Tensor:
        """Features of every band (B, c0, T, K) under hints (B, C)."""
        (skips, x, frames), condition = heard, self.hint(hint)
        x = self.decoder[3](x, condition)
        for k in (2, 1, 0):
            x = self.decoder[k](self.up[k](x) + skips[k], condition)
        return x[:, :, :frames]

    def divided(self, heard: Features, hint: Tensor, groups: Tensor) -> Tensor:
        """Shares (G, B, T, F) under hints (B, C), summed over groups of classes (B, G, C)."""
        return self.head.shares(self._decoded(heard, hint), groups)

    def logits(self, mid: Tensor, side: Tensor | None, hint: Tensor) -> Tensor:
        """See :class:`~.base.Trainable`. ``side`` is None for mono."""
        return self.head.logits(self._decoded(self.heard(mid, side), hint))

    def encode(self, spec: Tensor) -> tuple[Features, int]:
        """See :class:`~.base.Network`. A pair of channels is heard as one, any other number one by one."""
        if spec.shape[1] != 2:
            return self.heard(spec.flatten(0, 1), None), 1
        return self.heard(*mid_and_side(spec, torch.where)), 2

    def summed_shares(self, encoded: tuple[Features, int], hint: Tensor, groups: Tensor) -> Tensor:
        """See :class:`~.base.Network`. A pair of channels is given the same shares."""
        heard, channels = encoded
        return self.divided(heard, *for_each(hint, groups, len(heard[1]))).transpose(2, 3).repeat_interleave(channels, 1)
