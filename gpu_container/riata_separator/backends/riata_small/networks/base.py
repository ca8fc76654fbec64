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

        In every bin the shares of all classes add up to one. ``hint`` (C,) is 1 where the prompt names a class.
        """
        ...
