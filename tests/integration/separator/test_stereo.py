"""Stereo goes in, the same stereo comes out."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sound_files import read, si_sdr, sound, write_wav

from riata.domain.options import Acceleration, SeparationOptions
from riata_separator.backends.masking import MaskGrid, fft_size, masked
from riata_separator.separator import Chunk, Summary

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "speech-over-music"


@pytest.fixture(scope="module")
def stems() -> dict[str, np.ndarray]:
    return {name: read(EXAMPLE / f"{name}.flac")[0].mean(0).astype(np.float32) for name in ("speech", "music")}


def target_of(separator, mixture: np.ndarray, prompt: str = "isolate the speaker", rate: int = 44_100, **options) -> np.ndarray:
    summary = Summary(rate, *mixture.shape, float(np.abs(mixture).max()), float(np.sqrt(np.square(mixture).mean())))
    separation = separator.begin(SeparationOptions(prompt, **options), summary)
    return separation.target(Chunk(mixture.astype(np.float32), 0), lambda: None)


@pytest.mark.parametrize("acceleration", Acceleration)
def test_phase_inverted_stereo_is_separated_like_its_one_channel(riata_small, stems, acceleration):
    one = stems["speech"] + stems["music"]
    alone = target_of(riata_small, one[None], acceleration=acceleration)[0]
    left, right = target_of(riata_small, np.stack([one, -one]), acceleration=acceleration)
    assert si_sdr(left, stems["speech"]) > si_sdr(one, stems["speech"]) + 3
    assert si_sdr(left, alone) > 15
    np.testing.assert_allclose(left, -right, atol=1e-3)


def test_sources_panned_apart_stay_apart(riata_small, stems):
    left, right = target_of(riata_small, np.stack([stems["speech"], stems["music"]]))
    lost = 10 * np.log10(np.square(left).mean() / np.square(stems["speech"]).mean())
    leaked = 10 * np.log10(np.square(right).mean() / np.square(stems["music"]).mean())
    assert lost > -3
    assert leaked < -5


def test_a_source_in_the_middle_stays_in_the_middle(riata_small, stems):
    wide = stems["music"]
    mixture = np.stack([stems["speech"] + wide, stems["speech"] + 0.5 * wide])
    left, right = target_of(riata_small, mixture)
    balance = 10 * np.log10(np.square(left).mean() / np.square(right).mean())
    assert abs(balance) < 1.5


def test_what_a_prompt_and_its_opposite_take_is_the_whole(riata_small, stems):
    mixture = (stems["speech"] + stems["music"])[None]
    taken = target_of(riata_small, mixture, "the drums") + target_of(riata_small, mixture, "everything but the drums")
    assert si_sdr(taken, mixture) > 50


def test_an_absent_sound_is_hardly_found_and_said_so(separate, riata_small, stems, tmp_path):
    log: list[str] = []
    source = write_wav(tmp_path / "voice.wav", 0.1 * sound(6, 32_000, 1), 32_000)
    result = separate(source, riata_small, prompt="the dog barking", log=log)
    assert result.extra["target_db"] < -10
    assert result.extra["warnings"]
    assert any(line.startswith("Warning") for line in log)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 44_101, 48_000, 96_000])
def test_a_mask_of_ones_returns_the_mixture_at_any_rate(rate):
    mixture = torch.from_numpy(sound(12.0, rate, 2).astype(np.float32))
    ones = torch.ones(1, 1025, 400)
    returned = masked(mixture, 0, rate, ones, MaskGrid(32_000 / 2048, 1024 / 32_000, 0))
    assert torch.allclose(returned, mixture, atol=1e-5)


def test_sound_above_the_models_band_is_filtered_and_not_thrown_away(riata_small):
    rate = 96_000
    t = np.arange(8 * rate) / rate
    mixture = (0.3 * np.sin(2 * np.pi * 30_000 * t) + 0.01 * np.sin(2 * np.pi * 300 * t))[None]
    target = target_of(riata_small, mixture, "the piano", rate=rate)
    rest = target_of(riata_small, mixture, "everything but the piano", rate=rate)
    assert np.square(target + rest).mean() > 0.9 * np.square(mixture).mean()


@pytest.mark.parametrize("rate", [2_000, 8_000, 11_025, 44_100, 48_000, 96_000, 192_000, 384_000])
def test_the_transform_is_a_quick_one_near_64_milliseconds(rate):
    size = fft_size(rate)
    assert size % 4 == 0
    assert abs(size / rate - 0.064) < 0.004
