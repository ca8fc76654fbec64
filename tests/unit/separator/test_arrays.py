"""What NumPy lacks beside torch gives what torch gives."""

import numpy as np
import pytest
import torch

from riata_separator.arrays import padded, sigmoid
from riata_separator.arrays.pooling import moving_mean, neighbourhood_mean
from riata_separator.arrays.spectra import istft, stft
from riata_separator.backends.stereo import united

SIZES = [(2048, 1024), (4096, 1024), (3072, 768)]


def noise(*shape):
    return np.random.default_rng(0).normal(0, 0.1, shape).astype(np.float32)


def alike(ours, theirs, tolerance=1e-6):
    assert ours.dtype == np.asarray(theirs).dtype
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=0, atol=tolerance)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reflected", [True, False])
def test_a_spectrogram_is_that_of_torch(size, reflected):
    x = noise(3, 2, 20_001)
    alike(stft(x, *size, reflected=reflected), stft(torch.from_numpy(x), *size, reflected=reflected), 1e-4)


def test_a_spectrogram_may_have_a_window_of_its_own():
    x, window = noise(2, 5000), np.pad(np.hanning(800), 112).astype(np.float32)
    ours = stft(x, 1024, 320, window=window)
    alike(ours, stft(torch.from_numpy(x), 1024, 320, window=torch.from_numpy(window)), 1e-4)
    alike(ours, torch.stft(torch.from_numpy(x), 1024, 320, 800, torch.from_numpy(window[112:-112]), pad_mode="constant",
                           return_complex=True), 1e-4)  # fmt: skip


@pytest.mark.parametrize(("n_fft", "hop"), SIZES)
def test_a_spectrogram_comes_back_as_the_sound_it_was_made_of(n_fft, hop):
    x = noise(2, 20 * hop)
    spectrogram = stft(x, n_fft, hop)
    alike(istft(spectrogram, n_fft, hop, 20 * hop), x)
    for length in (20 * hop, 7 * hop + 13):
        alike(istft(spectrogram, n_fft, hop, length), istft(torch.from_numpy(spectrogram), n_fft, hop, length))


@pytest.mark.parametrize("shape", [(3, 30, 40), (1, 3, 4)])
def test_a_neighbourhood_at_the_edge_has_fewer_members(shape):
    x = np.abs(noise(*shape))
    alike(neighbourhood_mean(x, 5, 9), neighbourhood_mean(torch.from_numpy(x), 5, 9))


def test_a_moving_mean_goes_on_with_the_last_value():
    assert moving_mean(np.array([3.0, 0.0, 0.0, 6.0]), 3).tolist() == [2.0, 1.0, 2.0, 4.0]


def test_the_logistic_function_is_never_infinite():
    with np.errstate(all="raise"):
        alike(sigmoid(np.array([-1e9, -1.0, 0.0, 1e9], np.float32)), np.array([0, 1 / (1 + np.e), 0.5, 1], np.float32), 1e-7)


def test_zeros_are_put_before_and_after():
    assert padded(np.ones((1, 2)), 1, 2).tolist() == [[0, 1, 1, 0, 0]]


def test_masks_of_several_channels_are_united_alike():
    specs = (noise(3, 20, 30) + 1j * noise(3, 20, 30)).astype(np.complex64)
    specs[1] = specs[0] * 0.5
    masks = np.random.default_rng(1).random((3, 20, 30), np.float32)
    alike(united(masks, specs), united(torch.from_numpy(masks), torch.from_numpy(specs)))
