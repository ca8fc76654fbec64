"""The noise that a sound is generated from, keyed by seed, candidate and absolute latent frame.

The model would draw its own, another one for each call. Then neighbouring chunks would invent different details in the seconds that
they share, and their cross-fade would flutter. Here a latent frame of the file has one noise, whichever chunk it is heard in, and
the same seed gives the same separation. The generator is seeded anew for every block of frames, so that any stretch can be drawn
without what comes before it.
"""

from typing import Any

import numpy as np

_BLOCK = 64
"""Frames drawn from one generator."""


def noise(seed: int, candidate: int, first: int, frames: int, channels: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Standard normal noise (frames, channels) of the latent frames from ``first`` on."""
    blocks = range(first // _BLOCK, -(-(first + frames) // _BLOCK))
    drawn = [
        np.random.default_rng([seed, candidate, block]).standard_normal((_BLOCK, channels), np.float32) for block in blocks
    ]
    offset = first - blocks.start * _BLOCK
    return np.concatenate(drawn or [np.zeros((0, channels), np.float32)])[offset : offset + frames]
