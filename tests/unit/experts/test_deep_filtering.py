"""The signal path of the speech expert."""

import numpy as np
import pytest

from riata_separator.experts import deep_filtering
from riata_separator.experts.deep_filtering import AHEAD, BANDS, BEHIND, DEEP_BINS, FILTER_FRAMES, HOP, N_FFT


@pytest.fixture
def frames() -> np.ndarray:
    return deep_filtering.spectrum(np.random.default_rng(0).normal(0, 0.1, 50 * HOP).astype(np.float32))


def padded(frames: np.ndarray) -> np.ndarray:
    return np.pad(frames, ((BEHIND, AHEAD), (0, 0)))


def untouched(count: int) -> np.ndarray:
    """Filters that give back the frame itself."""
    taps = np.zeros((count, DEEP_BINS, FILTER_FRAMES), np.complex64)
    taps[:, :, BEHIND] = 1
    return taps


def test_frames_become_the_samples_again():
    x = np.random.default_rng(0).normal(0, 0.1, 20 * HOP).astype(np.float32)
    frames = deep_filtering.spectrum(x)
    assert frames.shape == (21, N_FFT // 2 + 1)
    assert frames.dtype == np.complex64
    np.testing.assert_allclose(deep_filtering.samples(frames), x, atol=1e-6)


def test_a_click_is_in_the_frames_around_it():
    x = np.zeros(10 * HOP, np.float32)
    x[5 * HOP] = 1
    assert np.flatnonzero(np.abs(deep_filtering.spectrum(x)).sum(1) > 1e-3).tolist() == [5]


def test_bands_cover_all_bins_each_with_two_or_more_and_widen_upwards():
    widths = np.diff(deep_filtering._edges())
    assert widths.sum() == N_FFT // 2 + 1
    assert widths.min() == 2
    assert (np.diff(widths[12:]) >= 0).all()


def test_gains_of_one_and_filters_of_one_tap_change_nothing(frames):
    same = deep_filtering.filtered(padded(frames), np.ones((len(frames), BANDS), np.float32), untouched(len(frames)))
    np.testing.assert_allclose(same, frames, rtol=1e-6)


def test_gains_act_on_bands_above_the_filtered_bins_and_filters_below(frames):
    silent = deep_filtering.filtered(padded(frames), np.zeros((len(frames), BANDS), np.float32), untouched(len(frames)))
    np.testing.assert_array_equal(silent[:, DEEP_BINS:], 0)
    np.testing.assert_allclose(silent[:, :DEEP_BINS], frames[:, :DEEP_BINS], rtol=1e-6)


def test_the_first_tap_takes_the_earliest_frame(frames):
    taps = np.zeros((len(frames), DEEP_BINS, FILTER_FRAMES), np.complex64)
    taps[:, :, 0] = 1
    late = deep_filtering.filtered(padded(frames), np.ones((len(frames), BANDS), np.float32), taps)
    np.testing.assert_allclose(late[BEHIND:, :DEEP_BINS], frames[:-BEHIND, :DEEP_BINS], rtol=1e-6)


def test_a_steady_sound_is_heard_relative_to_its_own_mean():
    x = np.random.default_rng(0).normal(0, 1, 1000 * HOP).astype(np.float32)
    loudness, low = deep_filtering.features(deep_filtering.spectrum(x))
    assert loudness.shape == (1001, BANDS)
    assert low.shape == (2, 1001, DEEP_BINS)
    assert abs(loudness[-100:].mean()) < 0.05 < loudness[:20].mean()
    quiet, _ = deep_filtering.features(deep_filtering.spectrum(0.1 * x))
    np.testing.assert_allclose(quiet[-100:], loudness[-100:], atol=0.01)
