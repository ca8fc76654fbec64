"""What a class network is."""

from typing import Any, Protocol

import numpy as np

from ....arrays import Array

CLASSES = (
    "vocals", "drums", "bass", "piano", "electric_guitar", "acoustic_guitar", "synthesizer", "strings", "brass",
    "woodwind", "organ", "speech", "dog", "birds", "crowd", "weather", "vehicles", "other",
)  # fmt: skip
"""Names of the classes of our own networks, in the order of their outputs."""


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


class Trainable(Protocol):
    """A network that training can drive: a module of torch, with its logits before they are divided or summed."""

    hears_sides: bool
    """Whether it listens to more than the half sum of the channels."""

    def logits(self, mid: Array, side: Array | None, hint: Array) -> Array:
        """Logits (frequency groups, C, B, T).

        ``mid`` and ``side`` are the half sum and half difference of the channels as complex (B, F, T); ``hint`` (B, C) is 1
        where the prompt names a class.
        """
        ...
