"""SAM-Audio behind the engine's seam."""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, cast

import numpy as np
import torch

from riata.domain.options import SeparationOptions
from riata.errors import BackendUnavailable, PromptRefused, RequestError

from ...chunking import Plan, overlap_add
from ...models import Store
from ...separator import Audio, Chunk, Separation, Summary, Workload
from ..batching import Batcher
from .folders import SPAN_PREDICTOR, TEXT_RANKER, Folders
from .hearing import Heard, file_gain, hear
from .package import SamAudioPackage
from .phrase import phrase_for
from .ranking import load_ranker
from .separation import SamAudioSeparation, Sounds
from .stretch import Generator, Pair, Ranker, Stretch

BATCH = {"cuda": 8, "cpu": 1}
"""Stretches per call of the model to begin with."""

CONTEXT_SECONDS = 4.0
LONGEST_SECONDS = 90.0
"""Longer chunks are generated in stretches of this length: attention costs the square of it, and positions end at 400 s."""

OVERLAP_SECONDS = 5.0
"""Shared by neighbouring stretches of one chunk, and cross-faded."""

GENERATED_VARIABLE = "RIATA_SAM_AUDIO_OUTPUT"


class SamAudio:
    """Any sound that can be named, at 48 kHz mono; the target is the mixture under the mask that the model implies.

    With ``generated`` the target is what the model generated, with phases and noise of its own: residual and target are then no
    sharper a division of the mixture than the model's invention is true to it.
    """

    name = "sam-audio"
    context = CONTEXT_SECONDS

    def __init__(self, model: Generator, folders: Folders | None = None, *, generated: bool = False) -> None:
        self.model, self.generated = model, generated
        self.sample_rate = model.rate
        self.stride = model.hop / model.rate
        self._folders = folders
        self._ranker: Ranker | None = None
        self._loading = threading.Lock()
        self._batcher = Batcher[Stretch, Pair](model.generate, BATCH[model.device.type], key=lambda stretch: stretch.group)

    @classmethod
    def load(cls, weights: Path | None = None) -> Self:
        """From the folder ``weights`` with a subfolder for each model, by default from what the model manager has pulled.

        Raises:
            BackendUnavailable: the package or the weights are missing, or do not fit each other.
        """
        folders = Folders.under(weights) if weights else Folders.pulled(Store())
        output = os.environ.get(GENERATED_VARIABLE) or "projected"
        if output not in {"projected", "generated"}:
            raise BackendUnavailable(f"{GENERATED_VARIABLE} is {output!r}: choose projected or generated.")
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return cls(SamAudioPackage.load(folders, device), folders, generated=output == "generated")

    def begin(self, options: SeparationOptions, summary: Summary, candidate: int = 0) -> SamAudioSeparation:
        """See :class:`~riata_separator.separator.Separator`. Loads the span predictor and the ranker when they are first needed."""
        try:
            phrase = phrase_for(options.prompt)
        except RequestError as refusal:
            raise PromptRefused(refusal) from refusal
        warnings = []
        with self._loading:
            if options.predict_spans and not self._spans_predictable():
                warnings.append("The span predictor is not here: the model finds the target without it. Pull pe-a-frame.")
            ranker = self._text_ranker() if options.reranking_candidates > 1 else None
            if options.reranking_candidates > 1 and ranker is None:
                warnings.append("The text ranker is not here: candidates are compared by how well they make up the mixture.")
        return SamAudioSeparation(self, phrase, options, summary, candidate, ranker, warnings)

    def targets(self, separations: Sequence[Separation], chunk: Chunk, checkpoint: Callable[[], None]) -> list[Audio]:
        """See :class:`~riata_separator.separator.JointSeparator`: all prompts go through the model in the same calls."""
        asked = cast(Sequence[SamAudioSeparation], separations)
        summary, gain, heard = asked[0].summary, file_gain(asked[0].summary), dict[bool, Heard]()
        for one in asked:
            if one.mixdown not in heard:
                heard[one.mixdown] = hear(
                    chunk, summary, self.model.rate, self.model.hop, mixdown=one.mixdown, gain=gain, device=self.model.device
                )
        views = [heard[one.mixdown] for one in asked]
        sounds = self._generated(asked, views, checkpoint)
        return [
            one.finished(chunk, view, sound, gain) for one, view, sound in zip(asked, views, sounds, strict=True)
        ]

    def workload(self) -> Workload:
        """See :class:`~riata_separator.separator.Metered`."""
        return self._batcher.workload()

    def _generated(
        self, asked: Sequence[SamAudioSeparation], heard: Sequence[Heard], checkpoint: Callable[[], None]
    ) -> list[Sounds]:
        """The generated pairs of the whole chunk, of each separation."""
        hop = self.model.hop
        frames = heard[0].views.shape[1] // hop
        per_second = self.model.rate / hop
        length = round(LONGEST_SECONDS * per_second)
        step = length - round(OVERLAP_SECONDS * per_second)
        parts: list[list[Audio]] = [[] for _ in asked]
        for first, end in Plan(frames, length, step, 0).cores():
            checkpoint()
            stretches = [one.stretches(view, first, end) for one, view in zip(asked, heard, strict=True)]
            pairs = iter(self._batcher([stretch for mine in stretches for stretch in mine]))
            for one, view, mine, part in zip(asked, heard, stretches, parts, strict=True):
                own = [next(pairs) for _ in mine]
                one.note(own, view.first + first)
                both = [pair.target for pair in own] + [pair.residual for pair in own]
                part.append(torch.stack(both).cpu().numpy())
        plan = Plan(frames * hop, length * hop, step * hop, 0)
        joined = [np.concatenate(list(overlap_add(part, plan)), axis=1) for part in parts]
        return [sound.reshape(2, -1, frames * hop) for sound in joined]

    def _spans_predictable(self) -> bool:
        if not self.model.predicts_spans and self._folders and (folder := self._folders.find(SPAN_PREDICTOR)):
            self.model.load_span_predictor(folder)
        return self.model.predicts_spans

    def _text_ranker(self) -> Ranker | None:
        if self._ranker is None and self._folders and (folder := self._folders.find(TEXT_RANKER)):
            self._ranker = load_ranker(folder, self.model.rate, self.model.device)
        return self._ranker
