"""A class network as ONNX graphs: the same weights without torch, on the processor, in float32.

Graphs take and give frames as rows, so that spectrograms, which lie in memory frame by frame, need no copy.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from riata.errors import BackendUnavailable

from ....arrays import in_memory
from ....compute import Compute
from ....graphs import Graph
from .pairs import mid_and_side

Values = np.ndarray[Any, Any]
Encoded = tuple[Sequence[Values], int]
"""Features of each window, or of each channel of it, and how many channels share them."""

PAIRED = {"class-network": True, "class-separator": False}
"""Kinds of networks with graphs, and whether they hear a pair of channels as one."""


class OnnxNetwork:
    """See :class:`~.base.PlacedNetwork`.

    Args:
        kind: of the network, one of :data:`PAIRED`.
        classes: that it knows, in the order of its outputs.
        weights: of the network, as in its file.
        threads: of one call.

    Raises:
        BackendUnavailable: there is no onnxruntime, or no graph for these weights.
    """

    def __init__(self, kind: str, classes: tuple[str, ...], weights: Mapping[str, Values], threads: int) -> None:
        if kind not in PAIRED:
            raise BackendUnavailable(f"There is no graph of the network {kind!r}, only of: {', '.join(PAIRED)}.")
        self.classes, self._paired = classes, PAIRED[kind]
        self._encoder = Graph(f"{kind}.encoder", weights, threads)
        self._decoder = Graph(f"{kind}.decoder", weights, threads)

    @classmethod
    def load(cls, path: Path, compute: Compute) -> tuple["OnnxNetwork", dict[str, str]]:
        """The network of a safetensors file, and the file's metadata (see :mod:`.loading`).

        Raises:
            BackendUnavailable: the file is missing, or not of a network that is known here.
        """
        try:
            with safe_open(path, "np") as file:
                metadata = dict(file.metadata() or {})
                weights = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
            classes = tuple(json.loads(metadata["classes"]))
            return cls(metadata["network"], classes, weights, compute.threads), metadata
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise BackendUnavailable(f"The weights of riata-small in {path} cannot be loaded: {error}") from error

    def place(self, values: Values) -> Values:
        """See :class:`~.base.PlacedNetwork`."""
        placed: Values = in_memory(values)
        return placed

    def encode(self, spec: Values) -> Encoded:
        """See :class:`~.base.Network`."""
        if not self._paired:
            return self._encoder(_planes(spec.reshape(-1, *spec.shape[2:]))), 1
        if spec.shape[1] == 2:
            return self._encoder(*(_planes(x) for x in mid_and_side(spec, np.where))), 2
        alone = _planes(spec.reshape(-1, *spec.shape[2:]))
        return self._encoder(alone, np.zeros_like(alone)), 1

    def summed_shares(self, encoded: Encoded, hint: Values, groups: Values) -> Values:
        """See :class:`~.base.Network`."""
        features, channels = encoded
        rows = len(features[0])
        if hint.ndim == 2:
            hint, groups = (np.repeat(x, rows // len(x), axis=0) for x in (hint, groups))
        else:
            hint, groups = (np.repeat(x[None], rows, axis=0) for x in (hint, groups))
        (shares,) = self._decoder(*features, hint, groups)
        return np.repeat(shares, channels, axis=0).transpose(1, 0, 3, 2) if channels > 1 else shares.transpose(1, 0, 3, 2)


def _planes(spec: Values) -> Values:
    """Complex (B, F, T) as real and imaginary planes (B, T, F, 2)."""
    by_frames = np.ascontiguousarray(spec.swapaxes(1, 2), np.complex64)
    return by_frames.view(np.float32).reshape(*by_frames.shape, 2)
