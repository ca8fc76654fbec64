"""One prompt at work on one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
import torch

from riata.domain.options import Acceleration, SeparationOptions
from riata.understanding import Understanding
from riata.understanding.classes import label

from ...separator import Audio, Chunk, Summary
from ...spans import likelihood
from ..masking import MaskGrid, masked
from .bands import BINS, HOP, N_FFT, RATE
from .estimates import Estimator
from .panel import Panel
from .plan import Plan
from .windows import FRAMES, WindowGrid, taper

if TYPE_CHECKING:
    from .backend import RiataSmall

STRIDES = {Acceleration.FAST: 190, Acceleration.BALANCED: 150, Acceleration.QUALITY: 150}
"""Frames between windows."""

INCLUDED_ODDS = 4.0
"""An including span multiplies the odds of the target by this, and divides them by it outside all including spans."""

UNSURE = 0.45
"""Below this confidence the result is said to be doubtful."""


_PULL = "Fetch it with: riata models pull {}"


class RiataSmallSeparation:
    """See :class:`~riata_separator.separator.Separation`.

    ``fast`` hears a mixdown where that loses nothing; ``quality`` averages two grids half a hop apart. Candidates after the first
    hear the file on a grid shifted by a number of samples that follows from the seed.
    """

    def __init__(self, separator: RiataSmall, plan: Plan, options: SeparationOptions, summary: Summary, candidate: int) -> None:
        self._separator, self._plan, self._options, self._summary = separator, plan, options, summary
        self._seed = options.seed or 0
        shift = int(np.random.default_rng([self._seed, candidate]).integers(1, HOP)) if candidate else 0
        shifts = [shift, (shift + HOP // 2) % HOP] if options.acceleration is Acceleration.QUALITY else [shift]
        self._panel = Panel(separator.experts, plan, summary)
        total = -(-summary.total * RATE // summary.sample_rate)
        self._grids = [WindowGrid(total, STRIDES[options.acceleration], s) for s in shifts]
        self._estimator = Estimator(
            separator, plan, self._panel.asked, channels=summary.channels, mixdown=options.acceleration is Acceleration.FAST
        )

    @torch.inference_mode()
    def target(self, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.separator.Separation`."""
        rate, device = self._summary.sample_rate, self._separator.device
        heard = soxr.resample(chunk.mixture.T, rate, RATE).T if rate != RATE else chunk.mixture
        listened = torch.from_numpy(np.ascontiguousarray(heard, np.float32)).to(device)
        first = round(chunk.start * RATE / rate)
        origin = -(-first // HOP)
        experts = self._panel.listen(chunk, listened.shape[1], checkpoint, device)
        frames = listened.shape[1] // HOP + 2
        mask = torch.zeros(len(listened), BINS, frames, device=device)
        for grid in self._grids:
            mask += self._mask(grid, listened, experts, first, origin, frames, checkpoint) / len(self._grids)
        mask = self._hinted(mask, origin)
        mixture = torch.from_numpy(np.ascontiguousarray(chunk.mixture)).to(device)
        where = MaskGrid(RATE / N_FFT, HOP / RATE, origin)
        target: Audio = masked(mixture, chunk.start, rate, mask, where).cpu().numpy()
        return target

    def confidence(self) -> float:
        """See :class:`~riata_separator.separator.Separation`."""
        return self._estimator.confidence()

    def report(self) -> Mapping[str, Any]:
        """See :class:`~riata_separator.separator.Separation`."""
        confidence = self.confidence()
        warnings = []
        if confidence < UNSURE:
            warnings.append("The model is unsure which part of the sound is meant: the result may be poor. Name it differently.")
        warnings += [f"The {name} expert is not here: the result is poorer. {_PULL.format(name)}" for name in self._panel.missing]
        return {
            "notes": [_said(self._plan.understanding)],
            "understood": self._plan.understanding.as_dict(),
            "experts": list(self._panel.asked),
            "classes": sorted(self._plan.wanted, key=self._separator.network.classes.index),
            "confidence": round(confidence, 3),
            "seed": self._seed,
            "warnings": warnings,
        }

    def _mask(
        self, grid: WindowGrid, heard: torch.Tensor, experts: dict[str, torch.Tensor], first: int, origin: int, frames: int,
        checkpoint: Callable[[], None],
    ) -> torch.Tensor:
        """Masks (channels, bins, frames) from frame ``origin`` on of what is ``heard`` from sample ``first`` on."""
        weights = taper(heard.device)
        mask = torch.zeros(len(heard), BINS, frames + FRAMES, device=heard.device)
        total = torch.zeros(frames + FRAMES, device=heard.device)
        starts = list(grid.frames(first, first + heard.shape[1]))
        size = self._estimator.windows_per_call
        for batch in (starts[i : i + size] for i in range(0, len(starts), size)):
            checkpoint()
            windows = torch.stack([grid.cut(heard, first, frame) for frame in batch])
            said = {name: torch.stack([grid.cut(x, first, frame) for frame in batch]) for name, x in experts.items()}
            for frame, estimate in zip(batch, self._estimator.masks(windows, said), strict=True):
                at = slice(frame - origin, frame - origin + FRAMES)
                mask[:, :, at] += estimate * weights
                total[at] += weights
        return grid.unshifted(mask / total.clamp_min(1e-9))[:, :, :frames]

    def _hinted(self, mask: torch.Tensor, origin: int) -> torch.Tensor:
        times = (origin + np.arange(mask.shape[2])) * (HOP / RATE)
        likelier = likelihood(self._options.spans, times.astype(np.float64))
        if likelier is None:
            return mask
        odds = torch.from_numpy(INCLUDED_ODDS**likelier).to(mask)
        return mask * odds / (1 + (odds - 1) * mask)


def _said(found: Understanding) -> str:
    """The understanding as a sentence for the caller's log."""
    named = (("wanted", found.wanted), ("removed", found.removed))
    sides = [f"{side} {', '.join(map(label, classes))}" for side, classes in named if classes]
    read = f" ({'; '.join(found.notes)})" if found.notes else ""
    return f"Understood: {'; '.join(sides)}; the rest is {found.rest}{read}."
