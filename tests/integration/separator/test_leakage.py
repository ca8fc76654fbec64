"""What is in a target that does not belong there, and what is in no stem."""

import numpy as np
import pytest
import torch
from test_stereo import stems, target_of

from riata_separator.backends.masking import MaskGrid, masked
from riata_separator.backends.riata_small.bands import HOP, N_FFT, RATE

__all__ = ["stems"]

FRAME = 2205
"""50 ms at the example's rate."""


def leakage_db(target: np.ndarray, unwanted: np.ndarray) -> float:
    """How loud ``unwanted`` still is in ``target``, in dB of itself: the projection of one on the other, frame by frame.

    Frames are weighed by the power of ``unwanted``; 0 dB is all of it.
    """
    count = len(unwanted) // FRAME * FRAME
    t, u = target[:count].reshape(-1, FRAME), unwanted[:count].reshape(-1, FRAME)
    power = np.square(u).sum(1)
    gain = (t * u).sum(1) / np.maximum(power, 1e-9)
    return float(10 * np.log10((np.square(gain) * power).sum() / power.sum() + 1e-12))


def test_the_leakage_metric_tells_how_much_was_left(stems):
    speech, music = stems["speech"], stems["music"]
    assert leakage_db(speech + music, music) == pytest.approx(0, abs=1)
    assert leakage_db(speech + 0.1 * music, music) < -10
    assert leakage_db(0.1 * music, music) == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize(("prompt", "wanted", "unwanted"), [("the speaker", "speech", "music"), ("the music", "music", "speech")])
def test_little_of_the_other_sound_leaks_into_the_target(riata_small, stems, prompt, wanted, unwanted):
    target = target_of(riata_small, (stems["speech"] + stems["music"])[None], prompt)[0]
    assert leakage_db(target, stems[unwanted]) < -6
    assert leakage_db(target, stems[wanted]) > -3


def test_the_stems_of_all_classes_add_up_to_the_input(riata_small, stems):
    """A bypass: what the network divides among its classes, and the filter takes out by them, is the whole again."""
    mixture = torch.from_numpy(stems["speech"] + stems["music"])[None]
    spec = torch.stft(mixture, N_FFT, HOP, window=torch.hann_window(N_FFT), return_complex=True)[None]
    network = riata_small.network
    with torch.inference_mode():
        shares = network.summed_shares(network.encode(spec), torch.zeros(len(network.classes)), torch.eye(len(network.classes)))
        grid = MaskGrid(RATE / N_FFT, HOP / RATE, 0)
        taken = [masked(mixture, 0, RATE, share, grid) for share in shares]
    assert all(stem.square().mean() < 0.99 * mixture.square().mean() for stem in taken)
    np.testing.assert_allclose(sum(taken).numpy(), mixture.numpy(), atol=1e-4)
