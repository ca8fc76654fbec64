"""One file, one prompt: decode, chunk, separate, cross-fade, split, encode.

The pipeline is a chain of generators, so that memory depends on the chunk and not on the file. The file is decoded twice: first to
learn its length, loudness and bit depth (:mod:`~riata_separator.survey`), then to be separated.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riata.domain.options import OutputFormat, SeparationOptions
from riata.errors import Cancelled, MediaUnreadable

from .activity import ActivityMeter
from .candidates import best_candidate
from .chunking import plan
from .codecs.video import with_new_sound
from .codecs.writers import open_writer
from .pipeline import Mixture, stems
from .separator import Separation, Separator
from .survey import Survey, survey

CONTENT_TYPES = {OutputFormat.WAV: "audio/wav", OutputFormat.MP3: "audio/mpeg"}
HARDLY_FOUND_DB = -30.0
"""A target this far below the mixture draws a warning."""

MOST_SPANS, LOGGED_SPANS = 1000, 20
"""Of the spans that were found, so many are returned, and so many of those are written to the log."""

_SURVEYED, _SEPARATED = 0.02, 0.95
"""Progress after the first pass, and after the last chunk."""


@dataclass(frozen=True, slots=True)
class OutputMedia:
    """A written output; ``video_path`` is the original picture with this sound, for input with a picture."""

    path: Path
    content_type: str
    file_name: str
    video_path: Path | None = None


@dataclass(frozen=True, slots=True)
class SeparationResult:
    """What a separation wrote. ``duration`` in seconds of decoded input; ``sample_rate`` (Hz) and ``channels`` are the
    outputs'; ``extra`` is JSON-compatible and tells what the backend did.
    """

    duration: float
    sample_rate: int
    channels: int
    target: OutputMedia
    residual: OutputMedia
    extra: dict[str, Any] = field(default_factory=dict)


def separate_file(
    source: Path,
    destination: Path,
    options: SeparationOptions,
    separator: Separator,
    *,
    progress: Callable[[float], None],
    log: Callable[[str], None],
    cancelled: Callable[[], bool],
    max_seconds: float | None = None,
) -> SeparationResult:
    """Separate ``source`` into ``target`` and ``residual`` files in the folder ``destination``.

    Args:
        source: local file of hostile media.
        destination: an existing folder.
        options: prompt and wishes.
        separator: the loaded backend.
        progress: is called with a share of the work, 0…1, never falling.
        log: is called with sentences for the caller.
        cancelled: is asked between model calls and while waiting.
        max_seconds: the longest audio accepted, below the general limit.

    Raises:
        SeparationFailed: in the subclass that says why. Nothing is left in ``destination`` then but unfinished outputs.
    """

    def checkpoint() -> None:
        if cancelled():
            raise Cancelled("The request was cancelled.")

    progress(0.0)
    found = survey(source, max_seconds=max_seconds, checkpoint=checkpoint)
    _tell(found, log)
    progress(_SURVEYED)
    separation, scores = best_candidate(separator, options, source, found, checkpoint)
    rate, channels, total = found.summary.sample_rate, found.summary.channels, found.summary.total
    chunking, notes = plan(
        total, rate, channels, duration=options.max_chunk_duration, overlap=options.chunk_overlap,
        context=separator.context, stride=separator.stride,
    )  # fmt: skip
    for note in notes:
        log(note)
    paths = [destination / f"{stem}.{options.output_format.value}" for stem in ("target", "residual")]
    meter, done = ActivityMeter(rate), 0
    mixture = Mixture(source, found, checkpoint)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                open_writer(path, options.output_format, sample_rate=rate, channels=channels, total=total, grid=found.grid)
            )
            for path in paths
        ]
        for pair in stems(mixture, found, separation, chunking, options.spans, meter, checkpoint):
            for writer, samples in zip(writers, pair, strict=True):
                writer.write(samples)
            done += pair[0].shape[1]
            progress(_SURVEYED + (_SEPARATED - _SURVEYED) * done / total)
    videos = [_video(source, path, found, checkpoint, log) for path in paths]
    progress(1.0)
    content_type = CONTENT_TYPES[options.output_format]
    target, residual = (OutputMedia(p, content_type, p.name, v) for p, v in zip(paths, videos, strict=True))
    return SeparationResult(
        total / rate, writers[0].sample_rate, writers[0].channels, target, residual,
        _extra(separator, separation, scores, meter, options, log),
    )  # fmt: skip


def _tell(found: Survey, log: Callable[[str], None]) -> None:
    summary, form = found.summary, found.format
    log(
        f"Decoded {summary.total / summary.sample_rate:.2f} s of {form.codec} in {form.container}: "
        f"{summary.sample_rate} Hz, {summary.channels} channel{'s' if summary.channels > 1 else ''}."
    )
    if found.damaged:
        log(f"{found.damaged} damaged packets were skipped.")


def _extra(
    separator: Separator,
    separation: Separation,
    scores: list[float],
    meter: ActivityMeter,
    options: SeparationOptions,
    log: Callable[[str], None],
) -> dict[str, Any]:
    """The result's extra data; warnings and found spans go to the log as well."""
    extra: dict[str, Any] = {"backend": separator.name, "target_db": round(meter.target_share_db(), 1), **separation.report()}
    if scores:
        extra["candidate_scores"] = [round(score, 4) for score in scores]
    for note in extra.pop("notes", ()):
        log(note)
    warnings = list(extra.get("warnings", ()))
    if extra["target_db"] < HARDLY_FOUND_DB:
        warnings.append(f"The target is {-extra['target_db']:.0f} dB below the mixture: what the prompt names was hardly found.")
    extra["warnings"] = warnings
    for warning in warnings:
        log(f"Warning: {warning}")
    if options.predict_spans:
        found = meter.spans()
        extra["spans"] = [{"start": span.start, "end": span.end} for span in found[:MOST_SPANS]]
        listed = ", ".join(f"{span.start:g}-{span.end:g} s" for span in found[:LOGGED_SPANS])
        more = f" and {len(found) - LOGGED_SPANS} more" if len(found) > LOGGED_SPANS else ""
        log(f"The target sounds at {listed}{more}." if found else "The target sounds nowhere.")
    return extra


def _video(
    source: Path, sound: Path, found: Survey, checkpoint: Callable[[], None], log: Callable[[str], None]
) -> Path | None:
    if not found.format.has_video:
        return None
    try:
        return with_new_sound(source, sound, sound.with_name(f"{sound.stem}-video"), checkpoint)
    except MediaUnreadable as error:
        log(f"No video was made for {sound.name}: {error.message}")
        return None
