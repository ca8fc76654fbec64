"""One order on its way: from the targets of chunk after chunk to two files and what is told of them."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from riata.domain.options import OutputFormat
from riata.errors import MediaUnreadable, ModelFailed

from .activity import ActivityMeter
from .chunking import CrossFade, Plan
from .codecs.video import with_new_sound
from .codecs.writers import open_writer
from .mixture import Held
from .orders import Order, OutputMedia, SeparationResult
from .separator import Audio, Chunk, Separation, Separator
from .spans import target_gain
from .survey import Survey

CONTENT_TYPES = {OutputFormat.WAV: "audio/wav", OutputFormat.MP3: "audio/mpeg"}
HARDLY_FOUND_DB = -30.0
"""A target this far below the mixture draws a warning."""

MOST_SPANS, LOGGED_SPANS = 1000, 20
"""Of the spans that were found, so many are returned, and so many of those are written to the log."""

PIECE_SECONDS = 5.0
"""Length of what is quantised and written at a time: wide integers of a whole chunk would be most of the memory."""


class Pipeline:
    """One order at work; as a context manager it closes its files.

    Args:
        order: whose it is.
        separation: the model at work on the order's prompt.
        scores: what the candidates reached, if there were several.
        found: the file.
        chunking: where the chunks lie.
    """

    def __init__(
        self, order: Order, separation: Separation, scores: list[float], found: Survey, chunking: Plan
    ) -> None:
        self.order, self.separation = order, separation
        self._scores, self._found = scores, found
        self._fade, self._meter = CrossFade(chunking), ActivityMeter(found.summary.sample_rate)
        self._position = 0
        form = order.options.output_format
        self._paths = [order.destination / f"{stem}.{form.value}" for stem in ("target", "residual")]
        rate, channels, total = found.summary.sample_rate, found.summary.channels, found.summary.total
        with ExitStack() as opened:
            self._writers = [
                opened.enter_context(
                    open_writer(path, form, sample_rate=rate, channels=channels, total=total, grid=found.grid)
                )
                for path in self._paths
            ]
            self._files = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._files.__exit__(kind, error, trace)

    def joined(self, target: Audio, chunk: Chunk, core: tuple[int, int]) -> Audio:
        """What follows in the stream of the target, given that of a chunk whose core, absolute, is without hidden context.

        Raises:
            ModelFailed: the backend returned no usable sound.
        """
        if target.shape != chunk.mixture.shape or not np.isfinite(target).all():
            raise ModelFailed("The model gave no usable sound. Try again with another prompt.")
        start, end = core
        return self._fade.add(target[:, start - chunk.start : end - chunk.start], start, end)

    def write(self, mixture: Held, target: Audio, progress: Callable[[float], None]) -> None:
        """Split the next stretch of the mixture, (channels, samples) of the grid, and append it to both files.

        ``progress`` is told the share of the file that is written.
        """
        grid, rate, total = self._found.grid, self._found.summary.sample_rate, self._found.summary.total
        size = round(PIECE_SECONDS * rate)
        for at in range(0, mixture.shape[1], size):
            samples, wanted = mixture[:, at : at + size].astype(np.int64), target[:, at : at + size]
            gain = target_gain(self.order.options.spans, self._position, wanted.shape[1], rate)
            pair = grid.split(samples, wanted if gain is None else wanted * gain)
            self._meter.add(samples * grid.step, pair[0] * grid.step)
            for writer, part in zip(self._writers, pair, strict=True):
                writer.write(part)
            self._position += wanted.shape[1]
            progress(self._position / total)

    def result(self, source: Path, separator: Separator) -> SeparationResult:
        """Close the files, give a picture its sounds, and describe all.

        Raises:
            Cancelled: the order is cancelled meanwhile.
        """
        self._files.close()
        videos = [self._video(source, path) for path in self._paths]
        content_type = CONTENT_TYPES[self.order.options.output_format]
        target, residual = (OutputMedia(p, content_type, p.name, v) for p, v in zip(self._paths, videos, strict=True))
        summary, writer = self._found.summary, self._writers[0]
        return SeparationResult(
            summary.total / summary.sample_rate, writer.sample_rate, writer.channels, target, residual, self._extra(separator)
        )

    def _extra(self, separator: Separator) -> dict[str, Any]:
        """The result's extra data; warnings and found spans go to the log as well."""
        log = self.order.log
        share = round(self._meter.target_share_db(), 1)
        extra: dict[str, Any] = {"backend": separator.name, "target_db": share, **self.separation.report()}
        if self._scores:
            extra["candidate_scores"] = [round(score, 4) for score in self._scores]
        for note in extra.pop("notes", ()):
            log(note)
        warnings = list(extra.get("warnings", ()))
        if share < HARDLY_FOUND_DB:
            warnings.append(f"The target is {-share:.0f} dB below the mixture: what the prompt names was hardly found.")
        extra["warnings"] = warnings
        for warning in warnings:
            log(f"Warning: {warning}")
        if self.order.options.predict_spans:
            found = self._meter.spans()
            extra["spans"] = [{"start": span.start, "end": span.end} for span in found[:MOST_SPANS]]
            listed = ", ".join(f"{span.start:g}-{span.end:g} s" for span in found[:LOGGED_SPANS])
            more = f" and {len(found) - LOGGED_SPANS} more" if len(found) > LOGGED_SPANS else ""
            log(f"The target sounds at {listed}{more}." if found else "The target sounds nowhere.")
        return extra

    def _video(self, source: Path, sound: Path) -> Path | None:
        if not self._found.format.has_video:
            return None
        try:
            return with_new_sound(source, sound, sound.with_name(f"{sound.stem}-video"), self.order.checkpoint)
        except MediaUnreadable as error:
            self.order.log(f"No video was made for {sound.name}: {error.message}")
            return None
