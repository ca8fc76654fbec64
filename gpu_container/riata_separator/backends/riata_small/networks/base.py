"""What a class network is."""

from typing import Any, Protocol

import torch


class Network(Protocol):
    """Hears a mixture and a hint, and gives every time-frequency bin shares of the sound classes it knows.

    Shapes: B windows, F bins, T frames, C classes, G groups of classes.
    """

    classes: tuple[str, ...]
    """Names of the classes, in the order of the network's outputs."""

    def encode(self, spec: torch.Tensor) -> Any:
        """What the network hears in ``spec`` (B, channels, F, T), complex, at the rate of :mod:`..bands`, whatever the prompt."""
        ...

    def summed_shares(self, encoded: Any, hint: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
        """Shares (G, B · channels, F, T), summed over the classes of each of ``groups`` (G, C), 0 or 1 each.

        In every bin the shares of all classes add up to one. ``hint`` (C,) is 1 where the prompt names a class. Windows that
        are asked different things have hints (B, C) and groups (B, G, C) of their own.
        """
        ...


def summed(shares: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Shares (C, B, T, P) summed over the classes of groups, (G, C) or of each window (B, G, C): (G, B, T, P), in float32."""
    with torch.autocast(shares.device.type, enabled=False):
        if groups.dim() == 2:
            return (groups @ shares.flatten(1)).view(len(groups), *shares.shape[1:])
        of_each = groups @ shares.transpose(0, 1).flatten(2)
        return of_each.view(*groups.shape[:2], *shares.shape[2:]).transpose(0, 1)
