"""How good a separation is, against the true stem."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray


def si_sdr(estimate: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """Scale-invariant signal-to-distortion ratio in dB, of all channels together.

    Le Roux, Wisdom, Erdogan, Hershey: "SDR – half-baked or well done?", ICASSP 2019, equation 4.

    Args:
        estimate: Samples of any shape.
        reference: The true stem, of the same shape and not silent.
    """
    scale = np.vdot(reference, estimate) / np.vdot(reference, reference)
    target = scale * reference
    noise = estimate - target
    return float(10 * np.log10(np.vdot(target, target) / max(float(np.vdot(noise, noise)), 1e-20)))


def si_sdr_improvement(mixture: Path, target: Path, stem: Path) -> float:
    """By how many dB the separated ``target`` is nearer to the true ``stem`` than the ``mixture`` was."""
    truth, before, after = (_read(path) for path in (stem, mixture, target))
    length = min(len(truth), len(before), len(after))
    return si_sdr(after[:length], truth[:length]) - si_sdr(before[:length], truth[:length])


def _read(path: Path) -> NDArray[np.float64]:
    samples, _ = soundfile.read(path, dtype="float64", always_2d=True)
    result: NDArray[np.float64] = samples
    return result
