"""The windows in which the network hears a file: on a grid counted from the file's start, so that chunks do not show."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it

RATE = 44_100
LENGTH = 10 * RATE
"""Samples of a window, as long as those that the network was trained on."""


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Windows begin ``shift`` samples before multiples of ``step``."""

    step: int
    shift: int = 0
    length: int = LENGTH

    def starts(self, first: int, end: int) -> range:
        """Where the windows begin that touch the samples ``first`` to ``end`` of the file; some lie partly outside."""
        low = (first + self.shift - self.length) // self.step + 1
        return range(low * self.step - self.shift, end, self.step)

    def cut(self, sound: torch.Tensor, first: int, start: int) -> torch.Tensor:
        """The window (…, length) at ``start`` of ``sound``, which begins at the file's sample ``first``; silence around it."""
        low, high = start - first, start - first + self.length
        inside = sound[..., max(low, 0) : max(high, 0)]
        return F.pad(inside, (max(-low, 0), self.length - inside.shape[-1] - max(-low, 0)))

    def taper(self, device: torch.device) -> torch.Tensor:
        """Weights (length,) that cross-fade neighbours linearly where they overlap."""
        rising = torch.arange(self.length, device=device) + 0.5
        return torch.minimum(rising, self.length - rising).clamp_max(self.length - self.step) / (self.length - self.step)
