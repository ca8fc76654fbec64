"""A generated pair → a mask on the mixture.

The model generates its target: the sound is right, the phases are its own, and adding it to its residual does not give the
mixture back. What it says about the mixture is how much of each time-frequency bin belongs to the target, and that is all that is
taken from it: the target is the masked mixture, as loud, as stereo and as wide as the mixture is, and the residual is the rest.
"""

import torch

N_FFT = 2048
HOP = 480
"""10 ms at 48 kHz; a latent frame is a whole number of them."""

_QUIETEST = 1e-6
"""Bins in which both generated sounds are below this amplitude (−120 dB) belong to the residual."""


def spectrum(sound: torch.Tensor) -> torch.Tensor:
    """STFT (…, bins, frames) of (…, samples), frames on multiples of the hop."""
    window = torch.hann_window(N_FFT, device=sound.device)
    flat = sound.reshape(-1, sound.shape[-1])
    spec = torch.stft(flat, N_FFT, HOP, window=window, pad_mode="constant", return_complex=True)
    return spec.reshape(*sound.shape[:-1], *spec.shape[1:])


def mask(target: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
    """The share of the target, 0…1, (…, bins, frames), of the generated pair (…, samples): a Wiener mask of its powers."""
    wanted, rest = (torch.view_as_real(spectrum(sound)).square().sum(-1) for sound in (target, residual))
    floor = (_QUIETEST * N_FFT / 2) ** 2
    return wanted / (wanted + rest + floor)


def agreement(mixture: torch.Tensor, target: torch.Tensor, residual: torch.Tensor) -> float:
    """How well the pair's powers make up those of the mixture (…, samples), 0…1: low when the model invents or forgets sound."""
    heard = spectrum(mixture).abs()
    made = (spectrum(target).abs().square() + spectrum(residual).abs().square()).sqrt()
    total = float(heard.square().sum() + made.square().sum())
    return 1 - float((heard - made).square().sum()) / total if total else 0.0
