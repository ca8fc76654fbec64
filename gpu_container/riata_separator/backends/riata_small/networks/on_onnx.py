"""A class network as ONNX graphs: the same weights without torch, on the processor, in float32.

Graphs take and give frames as rows, so that spectrograms, which lie in memory frame by frame, need no copy. What is computed in
one call is divided among threads that each run the whole network on a part: recurrent layers leave little to do for several
threads on the same part.
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
from ....side_by_side import side_by_side
from .pairs import mid_and_side

Values = np.ndarray[Any, Any]
Encoded = tuple[Sequence[Sequence[Values]], int]
"""Parts of the features of all windows, or of all channels of them, and how many channels share them."""

PAIRED = {"class-network": True, "class-separator": False}
"""Kinds of networks with graphs, and whether they hear a pair of channels as one."""


class OnnxNetwork:
    """See :class:`~.base.PlacedNetwork`.

    Args:
        kind: of the network, one of :data:`PAIRED`.
        classes: that it knows, in the order of its outputs.
        weights: of the network, as in its file.
        threads: of one call, at most.
        parts: into which a call is divided at most.

    Raises:
        BackendUnavailable: there is no onnxruntime, or no graph for these weights.
    """

    def __init__(self, kind: str, classes: tuple[str, ...], weights: Mapping[str, Values], threads: int, parts: int) -> None:
        if kind not in PAIRED:
            raise BackendUnavailable(f"There is no graph of the network {kind!r}, only of: {', '.join(PAIRED)}.")
        self.classes, self._paired = classes, PAIRED[kind]
        self._parts = min(threads, parts)
        self._encoder, self._decoder = (Graph(f"{kind}.{part}", weights, threads // self._parts) for part in ("encoder", "decoder"))

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
            return cls(metadata["network"], classes, weights, compute.threads, compute.batch), metadata
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise BackendUnavailable(f"The weights of riata-small in {path} cannot be loaded: {error}") from error

    def place(self, values: Values) -> Values:
        """See :class:`~.base.PlacedNetwork`."""
        placed: Values = in_memory(values)
        return placed

    def encode(self, spec: Values) -> Encoded:
        """See :class:`~.base.Network`."""
        if self._paired and spec.shape[1] == 2:
            return self._encoded(*(_planes(x) for x in mid_and_side(spec, np.where))), 2
        alone = _planes(spec.reshape(-1, *spec.shape[2:]))
        return self._encoded(alone, *([np.zeros_like(alone)] if self._paired else [])), 1

    def summed_shares(self, encoded: Encoded, hint: Values, groups: Values) -> Values:
        """See :class:`~.base.Network`."""
        features, channels = encoded
        sizes = [len(part[0]) for part in features]
        hints, asked = (_for_parts(x, sizes, each=hint.ndim == 2) for x in (hint, groups))
        questions = [(*part, hint, groups) for part, hint, groups in zip(features, hints, asked, strict=True)]
        answers = side_by_side(lambda question: self._decoder(*question), questions, self._parts)
        shares = np.concatenate([shares for (shares,) in answers]) if len(answers) > 1 else answers[0][0]
        return np.repeat(shares, channels, axis=0).transpose(1, 0, 3, 2) if channels > 1 else shares.transpose(1, 0, 3, 2)

    def _encoded(self, *planes: Values) -> Sequence[Sequence[Values]]:
        parts = min(self._parts, len(planes[0]))
        divided = list(zip(*(np.array_split(x, parts) for x in planes), strict=True))
        return side_by_side(lambda part: self._encoder(*part), divided, parts)


def _for_parts(values: Values, sizes: Sequence[int], *, each: bool) -> list[Values]:
    """A row of ``values`` for every row of parts of ``sizes``: the same for all, or one for ``each`` window."""
    count = sum(sizes)
    rows = np.repeat(values, count // len(values), axis=0) if each else np.repeat(values[None], count, axis=0)
    return np.split(rows, np.cumsum(sizes)[:-1])


def _planes(spec: Values) -> Values:
    """Complex (B, F, T) as real and imaginary planes (B, T, F, 2)."""
    by_frames = np.ascontiguousarray(spec.swapaxes(1, 2), np.complex64)
    return by_frames.view(np.float32).reshape(*by_frames.shape, 2)
