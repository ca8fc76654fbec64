"""The first pass over a file: how long, how loud, how deep, before any model time is spent."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from riata.domain.media import MAX_DURATION_SECONDS
from riata.errors import MediaSilent, MediaTooLong, MediaUnreadable

from .codecs.decode import decoding
from .codecs.format import Format
from .codecs.grid import Grid, grid_for
from .separator import Summary

SILENT_PEAK = 10 ** (-90 / 20)
"""A peak of one step of 16-bit audio: nothing to separate."""

_LARGEST_PADDING = 4096
"""Samples of encoder padding that a codec may leave at the end; a larger surplus means that the header lies."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first pass found.

    ``summary`` holds after trimming, ``grid`` is that of the outputs, ``damaged`` counts undecodable packets, ``loudest`` is the
    second in which the file is loudest.
    """

    format: Format
    summary: Summary
    grid: Grid
    damaged: int
    loudest: float


def survey(source: Path, *, max_seconds: float | None, checkpoint: Callable[[], None]) -> Survey:
    """Decode ``source`` once and describe it.

    Raises:
        MediaUnreadable: not one sample can be decoded.
        MediaSilent: it decodes to silence.
        MediaTooLong: it is longer than ``max_seconds`` or than any file may be.
    """
    limit = min(max_seconds or MAX_DURATION_SECONDS, MAX_DURATION_SECONDS)
    total, peak, power, bits, loudest = 0, 0.0, 0.0, 0, (0.0, 0.0)
    with decoding(source, checkpoint) as decoder:
        form = decoder.format
        for block in decoder.blocks():
            checkpoint()
            total += block.shape[1]
            if total > limit * form.sample_rate:
                raise MediaTooLong(f"The audio is longer than {limit:.0f} seconds. Cut it into shorter files.")
            if form.integer:
                bits |= int(np.bitwise_or.reduce(block, axis=None))
                block = block / 2.0**31
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            energy = float(np.square(block).sum())
            power += energy
            loudest = max(loudest, (energy / max(1, block.shape[1]), total / form.sample_rate))
        damaged = decoder.damaged
    if not total:
        raise MediaUnreadable("The file has no decodable sound. Check that it plays, or convert it to WAV, FLAC or MP3.")
    if peak <= SILENT_PEAK:
        raise MediaSilent("The file is silent. Upload a recording with sound in it.")
    depth = 32 - (bits & -bits).bit_length() + 1 if bits else 0
    if form.known is not None and 0 < total - form.known <= _LARGEST_PADDING:
        total = form.known
    rms = float(np.sqrt(power / (total * form.channels)))
    return Survey(
        form,
        Summary(form.sample_rate, form.channels, total, peak, rms),
        grid_for(integer=form.integer, lossless=form.lossless, depth=depth, peak=peak),
        damaged,
        loudest[1],
    )
