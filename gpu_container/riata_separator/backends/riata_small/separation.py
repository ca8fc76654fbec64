"""One prompt at work on one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riata.domain.options import Acceleration, SeparationOptions
from riata.understanding import Understanding
from riata.understanding.classes import label

from ...arrays import Array, as_numpy, device, namespace
from ...separator import Audio, Chunk, Summary
from ...spans import likelihood
from ..masking import MaskGrid, masked
from .bands import HOP, N_FFT, RATE
from .doubts import doubts
from .estimates import Estimator
from .hearing import Heard, Way, chunk_masks
from .panel import Panel
from .plan import Plan
from .template import TemplateEstimator, stretches
from .windows import WindowGrid

if TYPE_CHECKING:
    from .backend import RiataSmall

STRIDES = {Acceleration.FAST: 190, Acceleration.BALANCED: 180, Acceleration.QUALITY: 180}
"""Frames between windows."""

INCLUDED_ODDS = 4.0
"""An including span multiplies the odds of the target by this, and divides them by it outside all including spans."""

UNSURE = 0.45
"""Below this confidence the result is said to be doubtful."""


_UNNAMED = "The prompt is not understood. The target is what the including spans have more of than what is around them."
_UNSURE = "The model is unsure which part of the sound is meant, or whether it is there: the result may be poor. "
_NAME_IT = "Name it differently."
_MARK_IT = "Include more of where it sounds, with little else."
_PULL = "Fetch it with: riata models pull {}"


class RiataSmallSeparation:
    """See :class:`~riata_separator.separator.Separation`.

    ``fast`` hears a mixdown where that loses nothing; ``quality`` averages two grids half a hop apart. Candidates after the first
    hear the file on a grid shifted by a number of samples that follows from the seed.
    """

    def __init__(self, separator: RiataSmall, plan: Plan, options: SeparationOptions, summary: Summary, candidate: int) -> None:
        self.separator, self.summary = separator, summary
        self._plan, self._options = plan, options
        self._seed = options.seed or 0
        shift = int(np.random.default_rng([self._seed, candidate]).integers(1, HOP)) if candidate else 0
        shifts = [shift, (shift + HOP // 2) % HOP] if options.acceleration is Acceleration.QUALITY else [shift]
        self.panel = Panel(separator.experts, plan, summary)
        total = -(-summary.total * RATE // summary.sample_rate)
        grids = tuple(WindowGrid(total, STRIDES[options.acceleration], s) for s in shifts)
        self.way = Way(grids, mixdown=options.acceleration is Acceleration.FAST)
        classes, place = separator.network.classes, separator.network.place
        self._template = TemplateEstimator(plan, classes, place) if plan.understanding is None else None
        self.estimator: Estimator = self._template or Estimator(plan, self.panel.asked, classes, place)

    def stretches(self) -> Sequence[tuple[int, int]]:
        """See :class:`~riata_separator.separator.Learner`."""
        rate, total = self.summary.sample_rate, self.summary.total
        if self._template is None:
            return ()
        return [(int(start * rate), min(total, round(end * rate))) for start, end in stretches(self._options.spans, total / rate)]

    def learn(self, heard: Sequence[Chunk], checkpoint: Callable[[], None]) -> None:
        """See :class:`~riata_separator.separator.Learner`."""
        if self._template is not None:
            at_rate = [Heard.of(chunk, self.summary, self.separator.network.place) for chunk in heard]
            self._template.learn(self.separator.model, at_rate, self._options.spans, checkpoint)

    def target(self, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.separator.Separation`."""
        return next(targets([self], chunk, checkpoint))

    def confidence(self) -> float:
        """See :class:`~riata_separator.separator.Separation`."""
        return self.estimator.confidence()

    def report(self) -> Mapping[str, Any]:
        """See :class:`~riata_separator.separator.Separation`."""
        confidence = min(self.confidence(), self.estimator.hearing.confidence())
        found = self._plan.understanding
        warnings = doubts(found, self.separator.vocabulary) if found else [_UNNAMED]
        if confidence < UNSURE:
            warnings.append(_UNSURE + (_NAME_IT if found else _MARK_IT))
        warnings += [f"The {name} expert is not here: the result is poorer. {_PULL.format(name)}" for name in self.panel.missing]
        return {
            "notes": [_said(found)] if found else [],
            "understood": found.as_dict() if found else None,
            "experts": [*self.panel.asked, *(["ear"] if self.separator.ear else [])],
            "classes": sorted(self._plan.wanted, key=self.separator.network.classes.index),
            "confidence": round(confidence, 3),
            "seed": self._seed,
            "warnings": warnings,
        }

    def hinted(self, mask: Array, origin: int) -> Array:
        """The mask (channels, bins, frames from ``origin`` on), raised inside including spans and lowered outside."""
        times = (origin + np.arange(mask.shape[2])) * (HOP / RATE)
        likelier = likelihood(self._options.spans, times.astype(np.float64))
        if likelier is None:
            return mask
        odds = namespace(mask).asarray((INCLUDED_ODDS**likelier).astype(np.float32), device=device(mask))
        return mask * odds / (1 + (odds - 1) * mask)


def targets(
    separations: Sequence[RiataSmallSeparation], chunk: Chunk, checkpoint: Callable[[], None]
) -> Iterator[Audio]:
    """See :class:`~riata_separator.separator.JointSeparator`."""
    first, *others = separations
    place, summary = first.separator.network.place, first.summary
    heard = Heard.of(chunk, summary, place)
    panel = first.panel.joined(other.panel for other in others)
    experts = panel.listen(chunk, heard.mixture.shape[1], checkpoint, place)
    asked = [(separation.way, separation.estimator) for separation in separations]
    model = first.separator.model
    masks = chunk_masks(model, asked, heard, experts, first.separator.ear, checkpoint)
    mixture = place(chunk.mixture)
    where = MaskGrid(RATE / N_FFT, HOP / RATE, heard.origin)
    for separation in separations:
        mask = separation.hinted(masks.pop(0), heard.origin)
        yield as_numpy(masked(mixture, chunk.start, summary.sample_rate, mask, where, model.threads))


def _said(found: Understanding) -> str:
    """The understanding as a sentence for the caller's log."""
    named = (("wanted", found.wanted), ("removed", found.removed))
    sides = [f"{side} {', '.join(map(label, classes))}" for side, classes in named if classes]
    read = f" ({'; '.join(found.notes)})" if found.notes else ""
    return f"Understood: {'; '.join(sides)}; the rest is {found.rest}{read}."
