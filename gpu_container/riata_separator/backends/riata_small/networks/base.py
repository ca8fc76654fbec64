"""What a class network is."""

from typing import Any, Protocol

import numpy as np

from ....arrays import Array


class Network(Protocol):
    """Hears a mixture and a hint, and gives every time-frequency bin shares of the sound classes it knows.

    Shapes: B windows, F bins, T frames, C classes, G groups of classes.
    """

    classes: tuple[str, ...]
    """Names of the classes, in the order of the network's outputs."""

    def encode(self, spec: Array) -> Any:
        """What the network hears in ``spec`` (B, channels, F, T), complex, at the rate of :mod:`..bands`, whatever the prompt."""
        ...

    def summed_shares(self, encoded: Any, hint: Array, groups: Array) -> Array:
        """Shares (G, B · channels, F, T), summed over the classes of each of ``groups`` (G, C), 0 or 1 each.

        In every bin the shares of all classes add up to one. ``hint`` (C,) is 1 where the prompt names a class. Windows that
        are asked different things have hints (B, C) and groups (B, G, C) of their own.
        """
        ...


class PlacedNetwork(Network, Protocol):
    """A network on its runtime: takes and gives arrays of that runtime, shares in float32, and has finished when it returns."""

    def place(self, values: "np.ndarray[Any, Any]") -> Array:
        """``values`` where the network computes."""
        ...
