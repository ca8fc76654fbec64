"""Chunk borders do not show, and the measures would see it if they did."""

from pathlib import Path

import numpy as np
import pytest
from conftest import FakeSeparation, FakeSeparator
from seam_metric import border_outlier_db, difference_db
from sound_files import read, sound, write_wav

from riata.domain.options import Acceleration, SeparationOptions
from riata_separator.chunking import chunks, overlap_add, plan
from riata_separator.separator import Chunk, Summary

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "speech-over-music" / "mixture.flac"
MEDIAN_DB, WORST_DB, OUTLIER_DB = -40.0, -30.0, 6.0


@pytest.fixture(scope="module")
def mixture() -> tuple[np.ndarray, int]:
    """The example, softer when it returns."""
    samples, rate = read(EXAMPLE)
    parts = [samples[:1] * gain for gain in (1.0, 0.25)]
    return np.concatenate(parts, axis=1).astype(np.float32), rate


def summary_of(samples: np.ndarray, rate: int) -> Summary:
    return Summary(rate, *samples.shape, float(np.abs(samples).max()), float(np.sqrt(np.square(samples).mean())))


def whole_run(separator, samples: np.ndarray, rate: int, options: SeparationOptions) -> np.ndarray:
    return separator.begin(options, summary_of(samples, rate)).target(Chunk(samples, 0), lambda: None)


def chunked_run(separator, samples: np.ndarray, rate: int, options: SeparationOptions) -> tuple[np.ndarray, list[int]]:
    pattern, _ = plan(
        samples.shape[1], rate, len(samples), duration=options.max_chunk_duration, overlap=options.chunk_overlap,
        context=separator.context, stride=separator.stride,
    )  # fmt: skip
    separation = separator.begin(options, summary_of(samples, rate))
    cores = (
        separation.target(chunk, lambda: None)[:, start - chunk.start : end - chunk.start]
        for chunk, (start, end) in zip(chunks(iter([samples]), pattern), pattern.cores(), strict=True)
    )
    joined = np.concatenate(list(overlap_add(cores, pattern)), axis=1)
    return joined, [border for core in pattern.cores() for border in core][1:-1]


@pytest.mark.parametrize("overlap", [0.0, 2.0])
def test_a_chunked_run_is_the_whole_run(on_each_runtime, mixture, overlap):
    options = SeparationOptions(prompt="isolate the speaker", max_chunk_duration=5.0, chunk_overlap=overlap)
    whole = whole_run(on_each_runtime, *mixture, options)
    chunked, borders = chunked_run(on_each_runtime, *mixture, options)
    median, worst = difference_db(chunked, whole, mixture[1])
    assert len(borders) >= 4
    assert median <= MEDIAN_DB
    assert worst <= WORST_DB
    assert border_outlier_db(chunked, borders, mixture[1]) < OUTLIER_DB


@pytest.mark.slow
@pytest.mark.parametrize("acceleration", [Acceleration.FAST, Acceleration.QUALITY])
def test_a_chunked_run_is_the_whole_run_at_every_acceleration(riata_small, mixture, acceleration):
    options = SeparationOptions(prompt="the music", max_chunk_duration=5.0, acceleration=acceleration)
    whole = whole_run(riata_small, *mixture, options)
    median, worst = difference_db(chunked_run(riata_small, *mixture, options)[0], whole, mixture[1])
    assert median <= MEDIAN_DB
    assert worst <= WORST_DB


def test_plain_concatenation_fails_the_measure(riata_small, mixture):
    samples, rate = mixture
    options = SeparationOptions(prompt="isolate the speaker")
    whole = whole_run(riata_small, samples, rate, options)
    pieces = [samples[:, at : at + 5 * rate] for at in range(0, samples.shape[1], 5 * rate)]
    joined = np.concatenate([whole_run(riata_small, piece, rate, options) for piece in pieces], axis=1)
    median, worst = difference_db(joined, whole, rate)
    assert median > MEDIAN_DB or worst > WORST_DB


class Moody(FakeSeparator):
    """Takes another share of every chunk: the worst a model can do to its borders."""

    def begin(self, options, summary, candidate=0):
        calls = iter([0.9, 0.2] * 1000)

        class Swinging(FakeSeparation):
            def target(self, chunk, checkpoint):
                self.gain = next(calls)
                return super().target(chunk, checkpoint)

        return Swinging(1.0)


def test_the_cross_fade_hides_what_concatenation_shows(mixture):
    rate = 16_000
    samples = np.sin(2 * np.pi * 50 * np.arange(40 * rate) / rate + 0.7)[None].astype(np.float32)
    faded, borders = chunked_run(Moody(), samples, rate, SeparationOptions("x", max_chunk_duration=8.0, chunk_overlap=1.0))
    cut, cuts = chunked_run(Moody(), samples, rate, SeparationOptions("x", max_chunk_duration=8.0, chunk_overlap=0.0))
    assert border_outlier_db(faded, borders, rate) < OUTLIER_DB
    assert border_outlier_db(cut, cuts, rate) > 3 * OUTLIER_DB


def test_wishes_for_chunks_that_are_not_granted_are_logged(separate, fake, tmp_path):
    log: list[str] = []
    source = write_wav(tmp_path / "in.wav", sound(12, 8_000, 1), 8_000)
    separate(source, fake, log=log, max_chunk_duration=1.0, chunk_overlap=4.0)
    assert any("max_chunk_duration" in line and "raised to 5 s" in line for line in log)
    assert any("chunk_overlap" in line and "lowered to 2.5 s" in line for line in log)
