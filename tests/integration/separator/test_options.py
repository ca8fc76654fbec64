"""What the options of a request change."""

import numpy as np
import pytest
from sound_files import read, sound, write_wav
from test_stereo import EXAMPLE, stems, target_of

from riata.domain.options import Acceleration, Span

__all__ = ["stems"]


def test_an_excluding_span_silences_the_target_and_leaves_the_mixture_whole(separate, fake, tmp_path):
    source = write_wav(tmp_path / "in.wav", sound(20, 8_000, 2), 8_000)
    result = separate(source, fake, spans=(Span(4.0, 9.0, include=False),), max_chunk_duration=5.0, chunk_overlap=1.0)
    target, residual = read(result.target.path)[0], read(result.residual.path)[0]
    mixture = read(source)[0]
    assert not target[:, 32_000:72_001].any()
    assert np.abs(target[:, :30_000]).max() > 0.05
    assert np.array_equal(target + residual, mixture)


def test_an_including_span_brings_more_of_the_target_there_and_less_elsewhere(riata_small, stems):
    mixture = (stems["speech"] + stems["music"])[None]
    plain = np.square(target_of(riata_small, mixture))[0]
    hinted = np.square(target_of(riata_small, mixture, spans=(Span(2.0, 4.0),)))[0]
    inside, outside = slice(90_000, 175_000), slice(200_000, 370_000)
    assert hinted[inside].sum() > plain[inside].sum()
    assert hinted[outside].sum() < plain[outside].sum()


def test_predicted_spans_are_returned_and_logged(separate, riata_small):
    log: list[str] = []
    result = separate(EXAMPLE / "mixture.flac", riata_small, prompt="isolate the speaker", predict_spans=True, log=log)
    spans = result.extra["spans"]
    assert spans
    assert all(0 <= span["start"] < span["end"] <= 8.7 for span in spans)
    assert any(line.startswith("The target sounds at") for line in log)


def test_spans_are_not_returned_unless_asked_for(separate, fake, tmp_path):
    result = separate(write_wav(tmp_path / "in.wav", sound(1, 8_000, 1), 8_000), fake)
    assert "spans" not in result.extra


def test_the_surest_of_several_candidates_is_kept(separate, riata_small):
    result = separate(EXAMPLE / "mixture.flac", riata_small, prompt="isolate the speaker", reranking_candidates=3, seed=5)
    scores = result.extra["candidate_scores"]
    assert len(scores) == 3
    assert len(set(scores)) > 1
    assert result.extra["confidence"] == pytest.approx(max(scores), abs=0.02)
    assert result.extra["seed"] == 5


def test_candidates_follow_from_the_seed(riata_small, stems):
    mixture = (stems["speech"] + stems["music"])[None, :300_000].astype(np.float32)

    def attempt(seed: int, candidate: int) -> np.ndarray:
        from riata.domain.options import SeparationOptions
        from riata_separator.separator import Chunk, Summary

        options = SeparationOptions("isolate the speaker", seed=seed)
        separation = riata_small.begin(options, Summary(44_100, 1, mixture.shape[1], 1.0, 0.1), candidate)
        return separation.target(Chunk(mixture, 0), lambda: None)

    assert np.array_equal(attempt(1, 1), attempt(1, 1))
    assert not np.array_equal(attempt(1, 1), attempt(2, 1))
    assert np.array_equal(attempt(1, 0), attempt(2, 0))


@pytest.mark.parametrize("acceleration", Acceleration)
def test_every_acceleration_separates_the_example(separate, riata_small, acceleration):
    from sound_files import si_sdr

    result = separate(EXAMPLE / "mixture.flac", riata_small, prompt="isolate the speaker", acceleration=acceleration)
    mixture, speech = read(EXAMPLE / "mixture.flac")[0], read(EXAMPLE / "speech.flac")[0]
    assert si_sdr(read(result.target.path)[0], speech) - si_sdr(mixture, speech) > 3
