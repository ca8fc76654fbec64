"""The smaller network: looks at one channel and a hint, and divides every bin among all sound classes.

Shapes: B windows, F bins, T frames, K bands, C classes. The encoder needs no prompt; the U-Net decoder is modulated by the
hint (FiLM, Perez et al. 2018), which says what classes are probably there. A softmax over classes makes all masks add up to
one. Normalisations look at the whole window.
"""

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import nn

from ..bands import split_bands
from .base import CLASSES
from .gradients import gradient_as_image
from .group_head import GroupHead
from .summing import for_each

_QUIETEST_LEVEL = 1e-3
"""Floor of a window's spectral level: silence must not be amplified to noise."""

Encoded = tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]
"""Features at three scales, and the frame count."""


class Block(nn.Module):
    """A residual convolution block, modulated by a condition vector where ``condition`` gives its size."""

    def __init__(self, inputs: int, outputs: int, condition: int | None = None, *, deep: bool = True) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, (5, 3), padding=(2, 1)) if deep else None
        self.norm2 = nn.GroupNorm(4, outputs) if deep else None
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.film = nn.Linear(condition, 2 * outputs) if condition else None

    def forward(self, x: torch.Tensor, condition: torch.Tensor | None = None) -> torch.Tensor:
        """Features (B, inputs, T, K) to (B, outputs, T, K)."""
        h = self.norm1(self.conv1(x))
        if self.film is not None and condition is not None:
            scale, shift = self.film(condition)[..., None, None].chunk(2, 1)
            h = h * (1 + scale) + shift
        h = F.gelu(h)
        if self.conv2 is not None and self.norm2 is not None:
            h = F.gelu(self.norm2(self.conv2(h)))
        skipped: torch.Tensor = self.skip(x)
        return skipped + h


class ClassSeparator(nn.Module):
    """See :class:`~.base.Network`. Every channel is heard by itself."""

    hears_sides = False

    def __init__(
        self,
        classes: tuple[str, ...] = CLASSES,
        bands: int = 64,
        channels: tuple[int, int, int] = (32, 64, 128),
        hidden: int = 160,
        condition: int = 64,
    ) -> None:
        super().__init__()
        split = split_bands(bands)
        # Plain numbers: torch.compile takes arrays for inputs.
        self.bands, self.width, self.runs, self.classes = bands, split.width, split.groups, classes
        self.gather = nn.Buffer(torch.tensor(split.gather), persistent=False)
        self.valid = nn.Buffer(torch.tensor(split.valid), persistent=False)
        c0, c1, c2 = channels
        scale = torch.tensor(3 * split.widths, dtype=torch.float32).rsqrt()[:, None, None]
        self.in_w = nn.Parameter(torch.randn(bands, 3 * self.width, c0) * scale)
        self.in_b = nn.Parameter(torch.zeros(bands, 1, c0))
        self.enc0, self.down01 = Block(c0, c0, deep=False), nn.Conv2d(c0, c1, 2, stride=2)
        self.enc1, self.down12 = Block(c1, c1), nn.Conv2d(c1, c2, 2, stride=2)
        self.enc2 = Block(c2, c2)
        self.time_gru, self.time_out = nn.GRU(c2, hidden, batch_first=True, bidirectional=True), nn.Linear(2 * hidden, c2)
        self.band_gru, self.band_out = nn.GRU(c2, hidden // 2, batch_first=True, bidirectional=True), nn.Linear(hidden, c2)
        self.hint = nn.Sequential(nn.Linear(len(classes), condition), nn.GELU(), nn.Linear(condition, condition))
        self.dec2, self.up21 = Block(c2, c2, condition), nn.ConvTranspose2d(c2, c1, 2, stride=2)
        self.dec1, self.up10 = Block(c1, c1, condition), nn.ConvTranspose2d(c1, c0, 2, stride=2)
        self.dec0 = Block(c0, c0, condition, deep=False)
        self.head = GroupHead(c0, len(classes), bands)
        self.hint_bias = nn.Linear(condition, len(classes))

    def encode(self, spec: torch.Tensor) -> Encoded:
        """See :class:`~.base.Network`. Every window and channel is brought to the same level."""
        return self.heard(torch.view_as_real(spec.flatten(0, 1)))

    def heard(self, planes: torch.Tensor) -> Encoded:
        """As :meth:`encode`, of the real and imaginary planes (B, F, T, 2) of single channels."""
        b, f, t, _ = planes.shape
        planes = planes.permute(3, 1, 0, 2).reshape(2, f, b, t)
        power = planes.square().sum(0)
        # One axis after the other: runtimes that add all at once lose digits.
        level = power.mean(2, keepdim=True).mean(0, keepdim=True).sqrt().clamp_min(_QUIETEST_LEVEL)
        magnitude = (power / level.square() + 1e-14).sqrt()
        squeezed = planes * ((magnitude + 1e-6).pow(-0.6) * 0.5 / level)
        features = torch.stack([torch.log1p(magnitude * 20) * 0.5 - 0.5, squeezed[0], squeezed[1]], 1).reshape(f, 3, b * t)
        weight, parts = self.in_w * self.valid.repeat_interleave(3, 1)[..., None], []
        for first, last, width in self.runs:
            rows = features.index_select(0, self.gather[first:last, :width].reshape(-1)).view(last - first, width * 3, b * t)
            parts.append(torch.baddbmm(self.in_b[first:last], rows.transpose(1, 2), weight[first:last, : width * 3]))
        x = torch.cat(parts).view(self.bands, b, t, -1).permute(1, 3, 2, 0)
        x = F.pad(x, (0, 0, 0, -t % 4)).contiguous(memory_format=torch.channels_last)
        e0 = self.enc0(x)
        e1 = self.enc1(self.down01(e0))
        return e0, e1, self._along_time_and_bands(self.enc2(self.down12(e1))), t

    def _along_time_and_bands(self, x: torch.Tensor) -> torch.Tensor:
        b, c, t, k = x.shape
        h = x.permute(0, 3, 2, 1).reshape(b * k, t, c)
        h = h + self.time_out(self.time_gru(h)[0])
        h = h.view(b, k, t, c).transpose(1, 2).reshape(b * t, k, c)
        h = h + self.band_out(self.band_gru(h)[0])
        out: torch.Tensor = h.reshape(b, t, k, c).permute(0, 3, 1, 2)
        return out

    def decoded(self, encoded: Encoded, hint: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features of every band (B, c0, T, K) under the ``hint`` (B, C) of 0…1, and what it adds to all logits (B, C)."""
        e0, e1, e2, t = encoded
        q = self.hint(hint * 2 - 0.2)
        h = self.dec2(e2, q)
        h = self.dec1(self.up21(h) + e1, q)
        return gradient_as_image(self.dec0(self.up10(h) + e0, q))[:, :, :t], self.hint_bias(q)

    def logits(self, mid: torch.Tensor, _: torch.Tensor | None, hint: torch.Tensor) -> torch.Tensor:
        """See :class:`~.base.Trainable`. Only ``mid`` is heard."""
        features, offset = self.decoded(self.heard(torch.view_as_real(mid)), hint)
        return self.head.logits(features) + offset.T[:, :, None]

    def summed_shares(self, encoded: Encoded, hint: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
        """See :class:`~.base.Network`."""
        return self.divided(encoded, *for_each(hint, groups, len(encoded[0]))).transpose(2, 3)

    def divided(self, encoded: Encoded, hint: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
        """Shares (G, B, T, F) under hints (B, C), summed over groups of classes (B, G, C)."""
        features, offset = self.decoded(encoded, hint)
        return self.head.shares(features, groups, offset)
