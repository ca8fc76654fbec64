"""One file, one prompt: decode, chunk, separate, cross-fade, split, encode.

The pipeline is a chain of generators, so that memory depends on the chunk and not on the file. The file is decoded twice: first to
learn its length, loudness and bit depth (:mod:`~riata_separator.survey`), then to be separated.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from riata.domain.options import OutputFormat, SeparationOptions
from riata.errors import Cancelled, MediaUnreadable, ModelFailed

from .chunking import Plan, chunks, overlap_add, plan
from .codecs.decode import decoding
from .codecs.grid import Integers
from .codecs.video import with_new_sound
from .codecs.writers import open_writer
from .separator import Audio, Separation, Separator
from .survey import Survey, survey

CONTENT_TYPES = {OutputFormat.WAV: "audio/wav", OutputFormat.MP3: "audio/mpeg"}
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
    separation = separator.begin(options, found.summary)
    rate, channels, total = found.summary.sample_rate, found.summary.channels, found.summary.total
    chunking, notes = plan(
        total, rate, channels, duration=options.max_chunk_duration, overlap=options.chunk_overlap,
        context=separator.context, stride=separator.stride,
    )  # fmt: skip
    for note in notes:
        log(note)
    paths = [destination / f"{stem}.{options.output_format.value}" for stem in ("target", "residual")]
    done = 0
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                open_writer(path, options.output_format, sample_rate=rate, channels=channels, total=total, grid=found.grid)
            )
            for path in paths
        ]
        for stems in _split(source, found, separation, chunking, checkpoint):
            for writer, samples in zip(writers, stems, strict=True):
                writer.write(samples)
            done += stems[0].shape[1]
            progress(_SURVEYED + (_SEPARATED - _SURVEYED) * done / total)
    videos = [_video(source, path, found, checkpoint, log) for path in paths]
    progress(1.0)
    content_type = CONTENT_TYPES[options.output_format]
    target, residual = (OutputMedia(p, content_type, p.name, v) for p, v in zip(paths, videos, strict=True))
    return SeparationResult(
        total / rate, writers[0].sample_rate, writers[0].channels, target, residual,
        {"backend": separator.name, **separation.report()},
    )  # fmt: skip


def _tell(found: Survey, log: Callable[[str], None]) -> None:
    summary, form = found.summary, found.format
    log(
        f"Decoded {summary.total / summary.sample_rate:.2f} s of {form.codec} in {form.container}: "
        f"{summary.sample_rate} Hz, {summary.channels} channel{'s' if summary.channels > 1 else ''}."
    )
    if found.damaged:
        log(f"{found.damaged} damaged packets were skipped.")


def _split(
    source: Path, found: Survey, separation: Separation, chunking: Plan, checkpoint: Callable[[], None]
) -> Iterator[tuple[Integers, Integers]]:
    """Target and residual on the file's grid, in blocks that follow each other without gap."""
    grid, held = found.grid, _Held()

    def mixture() -> Iterator[Audio]:
        with decoding(source, checkpoint) as decoder:
            left = found.summary.total
            for block in decoder.blocks():
                samples = grid.quantised(block[:, :left])
                left -= samples.shape[1]
                held.add(samples)
                yield (samples * grid.step).astype(np.float32)
        if left:
            raise MediaUnreadable("The file decodes differently each time. Convert it to WAV, FLAC or MP3.")

    def targets() -> Iterator[Audio]:
        spans = chunking.cores()
        for chunk in chunks(mixture(), chunking):
            checkpoint()
            start, end = next(spans)
            target = separation.target(chunk, checkpoint)
            if target.shape != chunk.mixture.shape or not np.isfinite(target).all():
                raise ModelFailed("The model gave no usable sound. Try again with another prompt.")
            yield target[:, start - chunk.start : end - chunk.start]

    for target in overlap_add(targets(), chunking):
        yield grid.split(held.take(target.shape[1]), target)


class _Held:
    """Quantised mixture between its decoding and the moment its target is known."""

    def __init__(self) -> None:
        self._blocks: list[Integers] = []

    def add(self, samples: Integers) -> None:
        self._blocks.append(samples.astype(np.int32))

    def take(self, count: int) -> Integers:
        taken = []
        while count:
            block = self._blocks.pop(0)
            taken.append(block[:, :count].astype(np.int64))
            if block.shape[1] > count:
                self._blocks.insert(0, block[:, count:])
            count -= taken[-1].shape[1]
        return np.concatenate(taken, axis=1)


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
