"""What the bench compares: our network, the prototype, harmonic-percussive separation and the oracle mask.

A separator is a function (mixture (n,), target class, reference (n,)) → estimate (n,) or None where it has no answer; only the
oracle looks at the reference.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy.ndimage import median_filter

from riata_separator.backends.riata_small.bands import HOP, N_FFT
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.networks.base import Network

Separate = Callable[[np.ndarray, str, np.ndarray], np.ndarray | None]

PROMPTED = {"weather": "weather_water"}
"""Names of the training's classes that differ from those in which prompts are understood."""

_WINDOW = torch.hann_window(N_FFT)


def stft(x: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Samples (…, n) → complex spectrogram (…, F, T)."""
    samples = torch.from_numpy(x) if isinstance(x, np.ndarray) else x
    spectrogram = torch.stft(samples.reshape(-1, samples.shape[-1]), N_FFT, HOP, window=_WINDOW, return_complex=True)
    return spectrogram.reshape(*samples.shape[:-1], *spectrogram.shape[1:])


def istft(spectrogram: torch.Tensor, length: int) -> np.ndarray:
    """Complex spectrogram (F, T) → samples (length,)."""
    return np.asarray(torch.istft(spectrogram, N_FFT, HOP, window=_WINDOW, length=length))


class Own:
    """A class network alone. It has no answer for classes it lacks. The mixture heard last is encoded only once."""

    def __init__(self, network: Network) -> None:
        self._network, self._vocabulary = network, Vocabulary(network.classes)
        self._heard: np.ndarray | None = None
        self._spectrogram, self._encoded = torch.zeros(0), None

    def __call__(self, mixture: np.ndarray, label: str, _: np.ndarray) -> np.ndarray | None:
        """With the hint that names the target."""
        return self.asked(mixture, label, hinted=True)

    def unhinted(self, mixture: np.ndarray, label: str, _: np.ndarray) -> np.ndarray | None:
        """Without any hint."""
        return self.asked(mixture, label, hinted=False)

    @torch.inference_mode()
    def asked(self, mixture: np.ndarray, label: str, *, hinted: bool) -> np.ndarray | None:
        """The class's stem, or None."""
        named = self._vocabulary.of({PROMPTED.get(label, label)})
        if not named:
            return None
        if self._heard is not mixture:
            self._heard, self._spectrogram = mixture, stft(mixture)
            self._encoded = self._network.encode(self._spectrogram[None, None])
        wanted = torch.tensor([float(name in named) for name in self._network.classes])
        mask = self._network.summed_shares(self._encoded, wanted * float(hinted), wanted[None])[0, 0]
        return istft(self._spectrogram * mask, len(mixture))


def oracle() -> Separate:
    """The best real mask of the networks' own resolution, limited to 0–1: the ceiling of any answer it can give."""

    def separate(mixture: np.ndarray, _: str, reference: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x, s = stft(mixture), stft(reference)
            mask = ((x.conj() * s).real / (x.abs().square() + 1e-9)).clamp(0, 1)
            return istft(x * mask, len(mixture))

    return separate


def percussive(width: int = 17) -> Separate:
    """Harmonic-percussive separation by median filtering (FitzGerald, 2010): an answer for drums only."""

    def separate(mixture: np.ndarray, label: str, _: np.ndarray) -> np.ndarray | None:
        if label != "drums":
            return None
        with torch.inference_mode():
            x = stft(mixture)
            power = x.abs().square().numpy()
            along_time, along_frequency = median_filter(power, (1, width)), median_filter(power, (width, 1))
            mask = torch.from_numpy(along_frequency**2 / (along_time**2 + along_frequency**2 + 1e-12))
            return istft(x * mask, len(mixture))

    return separate
