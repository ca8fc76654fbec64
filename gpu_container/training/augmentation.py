"""Random tone, loudness, room, codec and stereo placing, applied to the stems' spectrograms.

Filters are gains per bin, a room is a decaying tail of earlier frames with random phases, a codec silences weak bins of
the whole mixture, and a place is a share of the side signal. All randomness comes from the step's own generators.
"""

import math
import random

import torch
from torch import Tensor

from training.workspace import RATE

TAIL_FRAMES = 12
BODY_CHANCE, SWELL_CHANCE = 0.35, 0.25
MOST_DB = 27.0


def _bumps(octave: Tensor, count: int, widths: tuple[float, float], most_db: float, choose: random.Random) -> Tensor:
    """Gain (F,) in dB of peaks and dips; `octave` (F,) and the widths are in octaves."""
    gain = torch.zeros_like(octave)
    for _ in range(count):
        centre, width, height = choose.uniform(6, 14), choose.uniform(*widths), choose.uniform(-most_db, most_db)
        gain = gain + height * torch.exp(-(((octave - centre) / width) ** 2))
    return gain


def tone(bins: int, choose: random.Random) -> Tensor:
    """Gain (F,) of one stem.

    Three broad peaks or dips as of an equaliser, at times many narrow ones as of another instrument's body, a low-pass (nobody
    may be recognised by missing highs) or a high-pass.
    """
    frequency = torch.linspace(1, RATE / 2, bins)
    octave, decibel = torch.log2(frequency), torch.zeros(bins)
    if choose.random() < 0.6:
        decibel = decibel + _bumps(octave, 3, (0.4, 2), 9, choose)
    if choose.random() < BODY_CHANCE:
        decibel = decibel + _bumps(octave, choose.randint(6, 16), (0.06, 0.3), 12, choose)
    gain = 10 ** (decibel.clamp(-MOST_DB, MOST_DB) / 20)
    if choose.random() < 0.22:
        cutoff = math.exp(choose.uniform(math.log(2500), math.log(14000)))
        gain = gain / (1 + (frequency / cutoff) ** choose.choice((4, 8, 24)))
    if choose.random() < 0.12:
        gain = gain / (1 + (choose.uniform(50, 350) / frequency) ** 4)
    return gain


def swell(frames: int, choose: random.Random) -> Tensor:
    """Gain (T,) that wanders by some dB: who plays or moves is not equally loud all the time."""
    knots = torch.tensor([choose.uniform(-8, 4) for _ in range(choose.randint(2, 6))])
    decibel = torch.nn.functional.interpolate(knots[None, None], frames, mode="linear", align_corners=True)[0, 0]
    return 10 ** (decibel / 20)


def reverberate(stem: Tensor, choose: random.Random, generator: torch.Generator) -> Tensor:
    """A stem (F, T) with a tail of its earlier frames."""
    tail, decay = torch.zeros_like(stem), choose.uniform(2, 9)
    for lag in range(1, min(TAIL_FRAMES, stem.shape[1] - 1) + 1):
        angle = torch.rand(len(stem), 1, generator=generator) * 2 * math.pi
        tail[:, lag:] += stem[:, :-lag] * torch.polar(torch.full_like(angle, math.exp(-lag / decay)), angle)
    return stem + choose.uniform(0.1, 0.45) * tail


def codec(mixture: Tensor, choose: random.Random) -> Tensor:
    """Real mask (F, T) of the bins that a lossy codec would keep of a mixture (F, T)."""
    power = torch.view_as_real(mixture).square().sum(-1)
    around = torch.nn.functional.avg_pool2d(power[None, None], (33, 1), 1, (16, 0), count_include_pad=False)[0, 0]
    keep = (power > around * 10 ** (-choose.uniform(12, 25) / 10)).float()
    keep[int(choose.uniform(0.62, 1.0) * len(keep)) :] = 0
    return keep


def augment(
    stems: Tensor, owner: Tensor, choose: random.Random, generator: torch.Generator, stereo: bool = True
) -> tuple[Tensor, Tensor | None]:
    """Stems (N, F, T) of the mixtures `owner` (N,) → mid and side spectrograms of the stems, each (N, F, T) complex.

    Without `stereo` there is no side.
    """
    n, bins, _ = stems.shape
    stems = stems * torch.stack([tone(bins, choose) for _ in range(n)])[:, :, None]
    for k in (k for k in range(n) if choose.random() < SWELL_CHANCE):
        stems[k] = stems[k] * swell(stems.shape[2], choose)
    for k in (k for k in range(n) if choose.random() < 0.2):
        stems[k] = reverberate(stems[k], choose, generator)
    mixtures = int(owner.max()) + 1
    for b in range(mixtures):
        mine = (owner == b).nonzero()[:, 0]
        if choose.random() < 0.15:
            stems[mine] = stems[mine] * codec(stems[mine].sum(0), choose)
    if not stereo:
        return stems, None
    spread = [choose.random() < 0.5 for _ in range(mixtures)]
    place = torch.tensor([choose.triangular(-0.9, 0.9, 0) if spread[b] else 0.0 for b in owner.tolist()])
    width = torch.tensor([choose.random() ** 2 * 0.6 if spread[b] else 0.0 for b in owner.tolist()])
    angle = torch.rand(n, bins, 1, generator=generator) * 2 * math.pi
    side = stems * (place[:, None, None] + width[:, None, None] * torch.polar(torch.ones_like(angle), angle))
    return stems, side
