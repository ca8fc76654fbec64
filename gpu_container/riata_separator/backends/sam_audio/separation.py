"""One prompt at work on one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from riata.domain.options import Acceleration, SeparationOptions, Span

from ...separator import Audio, Chunk, Summary
from ..masking import MaskGrid, masked
from .anchors import Latents, anchors, merged
from .grouping import group_of
from .hearing import Heard, unheard
from .noise import noise
from .phrase import Phrase
from .projection import HOP, N_FFT, agreement, mask
from .stretch import Pair, Ranker, Stretch

if TYPE_CHECKING:
    from .backend import SamAudio

Sounds = np.ndarray[Any, np.dtype[np.float32]]
"""(2, views, samples): the generated target and residual of every view of a chunk, at the model's rate."""


class SamAudioSeparation:
    """See :class:`~riata_separator.separator.Separation`. Candidates differ by the noise that they are generated from."""

    def __init__(
        self, separator: SamAudio, phrase: Phrase, options: SeparationOptions, summary: Summary, candidate: int,
        ranker: Ranker | None, warnings: Sequence[str],
    ) -> None:  # fmt: skip
        self._separator, self._phrase, self._options, self.summary = separator, phrase, options, summary
        self._seed, self._candidate, self._ranker, self._warnings = options.seed or 0, candidate, ranker, list(warnings)
        self._score, self._heard_seconds = 0.0, 0.0
        self._found: list[Span] = []
        self.mixdown = options.acceleration is Acceleration.FAST

    def target(self, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        """See :class:`~riata_separator.separator.Separation`."""
        return self._separator.targets([self], chunk, checkpoint)[0]

    def stretches(self, heard: Heard, first: int, end: int) -> list[Stretch]:
        """What the model is to be called with for the latent frames ``first`` to ``end`` of what was ``heard``, one per view."""
        model = self._separator.model
        start = heard.first + first
        drawn = torch.from_numpy(noise(self._seed, self._candidate, start, end - first, model.channels))
        spans = tuple(anchors(self._options.spans, Latents(model.rate, model.hop), start, end - first))
        group = group_of(self._options, end - first)
        sounds = heard.views[:, first * model.hop : end * model.hop]
        return [Stretch(sound, self._phrase.text, spans, drawn, group) for sound in sounds]

    def note(self, pairs: Sequence[Pair], start: int) -> None:
        """Remember the spans that the model found in a stretch that begins at the file's latent frame ``start``."""
        offset = start * self._separator.model.hop / self._separator.model.rate
        self._found += [Span(round(span.start + offset, 4), round(span.end + offset, 4)) for pair in pairs for span in pair.found]
        self._found = merged(self._found)

    @torch.inference_mode()
    def finished(self, chunk: Chunk, heard: Heard, sounds: Sounds, gain: float) -> Audio:
        """The chunk's target, at its own rate and layout, by what was generated for it."""
        model = self._separator.model
        target, residual = torch.from_numpy(sounds).to(heard.views.device)
        self._judge(heard.views, target, residual)
        if self._separator.generated:
            wanted = residual if self._phrase.removed else target
            return unheard(wanted / gain, heard, chunk, self.summary, model.rate)
        shares = heard.to_channels(mask(target, residual))
        if self._phrase.removed:
            shares = 1 - shares
        grid = MaskGrid(model.rate / N_FFT, HOP / model.rate, heard.first * model.hop // HOP)
        mixture = torch.from_numpy(np.ascontiguousarray(chunk.mixture)).to(shares.device)
        found: Audio = masked(mixture, chunk.start, self.summary.sample_rate, shares, grid).cpu().numpy()
        return found

    def confidence(self) -> float:
        """See :class:`~riata_separator.separator.Separation`.

        By the text ranker where candidates are compared (its score has a scale of its own: the logistic function keeps the order),
        else by how well the generated pair makes up the mixture.
        """
        return self._score / self._heard_seconds if self._heard_seconds else 0.0

    def report(self) -> Mapping[str, Any]:
        """See :class:`~riata_separator.separator.Separation`."""
        options, solver = self._options, group_of(self._options, 0)
        kept = "everything but" if self._phrase.removed else "the sound"
        extra = {"predicted_spans": [{"start": s.start, "end": s.end} for s in self._found]} if options.predict_spans else {}
        return {
            "notes": [f"Understood as: {kept} “{self._phrase.text}”."],
            "phrase": self._phrase.text,
            "removed": self._phrase.removed,
            "solver": {"method": solver.method, "step": float(solver.step)},
            "output": "generated" if self._separator.generated else "projected",
            "confidence": round(self.confidence(), 3),
            "seed": self._seed,
            "candidate": self._candidate,
            "warnings": self._warnings,
            **extra,
        }

    def _judge(self, views: torch.Tensor, target: torch.Tensor, residual: torch.Tensor) -> None:
        seconds = views.shape[1] / self._separator.model.rate
        if self._ranker is None:
            score = agreement(views, target, residual)
        else:
            loudest = int(views.square().mean(1).argmax())
            score = float(torch.sigmoid(torch.tensor(self._ranker(target[loudest], views[loudest], self._phrase.text))))
        self._score += score * seconds
        self._heard_seconds += seconds
