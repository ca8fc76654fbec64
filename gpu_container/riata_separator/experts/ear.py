"""The ear: which of the separator's classes sound in a window, by a network that tells the labels of AudioSet apart.

It estimates no waveform. The network is EfficientAT's mn04_as (Schmid et al., ICASSP 2023); AudioSet: Gemmeke et al., ICASSP 2017.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from riata.errors import BackendUnavailable, ModelUnavailable
from riata_separator.arrays import Array, Place, in_memory, is_numpy_array, namespace, power
from riata_separator.arrays.spectra import stft
from riata_separator.compute import Compute, Runtime
from riata_separator.experts.ear_readout import Readout
from riata_separator.graphs import Graph

RATE = 32_000
N_FFT, WINDOW, HOP = 1024, 800, 320
BANDS, HIGHEST = 128, 15_000.0
"""Mel bands, and the Hz that they reach up to."""

LEVEL = 0.1
"""RMS of what the network hears."""

_SILENCE = 1e-3
"""What has a smaller RMS is amplified no further."""

_EMPHASIS = 0.97
_FLOOR, _CENTRE, _SPREAD = 1e-5, -4.5, 5.0
"""Of mel power before its logarithm, and how that is standardised."""

_GRAPH, _FILE = "ear-mobilenet", "ear.safetensors"

Net = Callable[[Array], Array]
"""From mel features (B, 1, BANDS, T) to the logits of all labels (B, LABELS)."""

Samples = np.ndarray[Any, Any]


class Ear:
    """Hears windows of sound, and tells of each class how surely it sounds in them.

    Args:
        net: the network.
        readout: what its labels say of the classes that are asked for.
        place: puts arrays where the network computes.
    """

    def __init__(self, net: Net, readout: Readout, place: Place) -> None:
        self.classes = readout.classes
        self._net, self._place, self._readout = net, place, readout.placed(place)
        self._window, self._bank = place(_window()), place(_mel_bank())

    @classmethod
    def load(cls, folder: Path, compute: Compute, classes: Sequence[str]) -> Self:
        """For ``classes``, from ``ear.safetensors`` in a folder, and with the packaged readout.

        Raises:
            ModelUnavailable: It is missing or not of this network.
        """
        path, readout = folder / _FILE, Readout.load().of(classes)
        if compute.runtime is Runtime.TORCH:
            import torch

            from riata_separator.arrays.tensors import placed_on
            from riata_separator.experts.mobilenet import load_mobilenet

            here = torch.device(compute.device)
            return cls(load_mobilenet(path, here), readout, placed_on(here))
        return cls(_graph(path, compute.threads), readout, in_memory)

    def presence(self, windows: Array) -> Array:
        """How surely each class sounds in each of the mono windows (B, samples) at :data:`RATE`, however loud they are:
        (B, classes), as :class:`~.ear_readout.Readout` says.

        The graph takes windows of :data:`~riata_separator.backends.riata_small.windows.LENGTH` samples only.
        """
        return self._readout.presence(self.logits(levelled(windows)))

    def logits(self, windows: Array) -> Array:
        """Of all labels, (B, LABELS), in windows as :meth:`presence` takes them."""
        return self._net(self.features(windows))

    def features(self, windows: Array) -> Array:
        """What the network sees of windows as :meth:`presence` takes them: log mel power (B, 1, BANDS, T)."""
        x = self._place(windows) if is_numpy_array(windows) else windows
        xp = namespace(x)
        emphasised = x[:, 1:] - _EMPHASIS * x[:, :-1]
        mel = xp.matmul(self._bank, power(stft(emphasised, N_FFT, HOP, reflected=True, window=self._window)))
        return ((xp.log(mel + _FLOOR) - _CENTRE) / _SPREAD)[:, None]


def levelled(windows: Array) -> Array:
    """Windows (B, samples) at an RMS of LEVEL, those of next to silence below it."""
    xp = namespace(windows)
    rms = xp.sqrt(xp.mean(xp.square(windows), axis=1, keepdims=True))
    return windows * (LEVEL / xp.clip(rms, min=_SILENCE))


def frames(samples: int) -> int:
    """T of the features of that many samples."""
    return (samples - 1) // HOP + 1


def _graph(path: Path, threads: int) -> Net:
    try:
        graph = Graph(_GRAPH, load_file(path), threads)
    except (OSError, SafetensorError, BackendUnavailable) as error:
        raise ModelUnavailable(f"{path} cannot be loaded: {error}") from error
    return lambda features: graph(np.ascontiguousarray(features))[0]


def _window() -> Samples:
    """The symmetric Hann window of WINDOW samples in the middle of N_FFT."""
    around = (N_FFT - WINDOW) // 2
    return np.pad(np.hanning(WINDOW), around).astype(np.float32)


def _mel_bank() -> Samples:
    """Triangles (BANDS, bins) on the mel scale, of the form that Kaldi has: their slopes are straight in mel, not in Hz."""
    edges = np.linspace(0, _mel(HIGHEST), BANDS + 2)
    low, centre, high = (edges[k : k + BANDS, None] for k in range(3))
    bins = _mel(np.arange(N_FFT // 2 + 1) * RATE / N_FFT)
    bank: Samples = np.clip(np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)), 0, None)
    return bank.astype(np.float32)


def _mel(hertz: Any) -> Any:
    return 1127 * np.log1p(hertz / 700)
