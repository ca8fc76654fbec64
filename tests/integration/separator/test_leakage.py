"""What is in a target that does not belong there, and what is in no stem."""

import numpy as np
import pytest
from test_stereo import stems, target_of

from riata_separator.backends.masking import MaskGrid, masked
from riata_separator.backends.riata_small.bands import HOP, N_FFT, RATE
from riata_separator.backends.riata_small.estimates import stft
from riata_separator.backends.riata_small.windows import LENGTH

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
    mixture = (stems["speech"] + stems["music"])[None, :LENGTH]
    network, grid = riata_small.network, MaskGrid(RATE / N_FFT, HOP / RATE, 0)
    every = np.eye(len(network.classes), dtype=np.float32)
    shares = network.summed_shares(network.encode(stft(mixture)[None]), np.zeros(len(every), np.float32), every)
    taken = [masked(mixture, 0, RATE, share, grid) for share in shares]
    assert all(np.square(stem).mean() < 0.99 * np.square(mixture).mean() for stem in taken)
    np.testing.assert_allclose(sum(taken), mixture, atol=1e-4)
