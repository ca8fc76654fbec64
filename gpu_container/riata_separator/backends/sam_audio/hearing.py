"""What a mono model listens to of a chunk of any rate and layout, and how its masks come back together."""

from dataclasses import dataclass

import numpy as np
import soxr
import torch

from ...separator import Audio, Chunk, Summary
from ..stereo import united
from .projection import spectrum

_LOWEST_RMS, _HIGHEST_RMS = 0.01, 0.2
"""Full scale; louder and quieter files are brought to these, all chunks by the same gain."""

_CPU = torch.device("cpu")
_MIXDOWN_KEEPS = 0.5
"""A mixdown that keeps less than this share of the channels' mean power (phase-inverted, unrelated) is not listened to."""


def file_gain(summary: Summary) -> float:
    """The gain that brings a file to a level the model knows; 1 for most."""
    if not summary.rms:
        return 1.0
    wanted = min(max(summary.rms, _LOWEST_RMS), _HIGHEST_RMS) / summary.rms
    return min(wanted, 1 / summary.peak) if summary.peak * wanted > 1 else wanted


@dataclass(frozen=True, slots=True)
class Heard:
    """A chunk as the model hears it.

    ``views`` (views, samples) at the model's rate begins on the latent frame ``first`` of the file; ``lead`` samples of it are
    silence before the chunk. A single view stands for all channels, several are the channels themselves.
    """

    views: torch.Tensor
    channels: torch.Tensor
    first: int
    lead: int

    def to_channels(self, masks: torch.Tensor) -> torch.Tensor:
        """Masks (channels, bins, frames) that keep the stereo image, of masks per view."""
        if len(masks) == len(self.channels):
            return united(masks, spectrum(self.channels))
        return masks.expand(len(self.channels), -1, -1)


def hear(
    chunk: Chunk, summary: Summary, rate: int, hop: int, *,
    mixdown: bool, gain: float = 1.0, device: torch.device = _CPU,
) -> Heard:  # fmt: skip
    """Listen to ``chunk`` at ``rate`` Hz in latent frames of ``hop`` samples.

    The channels are views of their own, for a downmix of phase-inverted stereo is silence. They share one view where they are
    equal, and with ``mixdown`` also where their mean keeps most of their power.
    """
    source = summary.sample_rate
    sound = chunk.mixture if source == rate else soxr.resample(chunk.mixture.T, source, rate).T
    start = round(chunk.start * rate / source)
    lead = start % hop
    sound = np.pad(sound * np.float32(gain), ((0, 0), (lead, -(sound.shape[1] + lead) % hop)))
    channels = torch.from_numpy(np.ascontiguousarray(sound, np.float32)).to(device)
    return Heard(_views(channels, mixdown=mixdown), channels, start // hop, lead)


def _views(channels: torch.Tensor, *, mixdown: bool) -> torch.Tensor:
    mean = channels.mean(0, keepdim=True)
    if torch.equal(channels, mean.expand_as(channels)):
        return mean
    kept = mean.square().mean() / channels.square().mean().clamp_min(1e-12)
    return mean if mixdown and kept > _MIXDOWN_KEEPS else channels


def unheard(sound: torch.Tensor, heard: Heard, chunk: Chunk, summary: Summary, rate: int) -> Audio:
    """Sound per view at the model's rate, back at the chunk's own rate and layout, cut or padded to its length."""
    trimmed = sound[:, heard.lead :].cpu().numpy()
    own = trimmed if summary.sample_rate == rate else soxr.resample(trimmed.T, rate, summary.sample_rate).T
    own = np.pad(own, ((0, 0), (0, max(0, chunk.mixture.shape[1] - own.shape[1]))))[:, : chunk.mixture.shape[1]]
    return np.ascontiguousarray(np.broadcast_to(own, chunk.mixture.shape), np.float32)
