"""Procedural sound effects."""

import numpy as np
import pytest
from training.effects import MAKERS, babble, hawk, owl, plane, playground
from training.workspace import RATE

N = 4 * RATE
SOUNDS = [maker for makers in MAKERS.values() for maker in dict.fromkeys(makers)]


def _centroid(x: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(x)) ** 2
    return float((power * np.fft.rfftfreq(len(x), 1 / RATE)).sum() / power.sum())


@pytest.mark.parametrize("maker", SOUNDS, ids=lambda maker: maker.__name__)
def test_every_sound_fills_its_time_with_something_and_follows_from_its_generator(maker):
    x, again = (maker(np.random.default_rng(3), N) for _ in range(2))
    assert x.shape == (N,)
    assert np.isfinite(x).all()
    assert np.abs(x).max() > 1e-3
    np.testing.assert_array_equal(x, again)


@pytest.mark.parametrize("maker", [babble, playground])
def test_many_voices_leave_no_pauses_where_each_pauses(maker):
    r = np.random.default_rng(4)
    voices = [(r.normal(0, 0.1, 6 * RATE) * (np.arange(6 * RATE) // RATE % 2)).astype(np.float32) for _ in range(4)]
    x = maker(np.random.default_rng(5), N, voices)
    assert x.shape == (N,)
    quarters = np.sqrt((x[: N // 16 * 16].reshape(16, -1) ** 2).mean(1))
    assert quarters.min() > 0.01 * quarters.max()


def test_owls_hoot_low_and_hawks_scream_high():
    assert all(_centroid(owl(np.random.default_rng(seed), N)) < 1500 for seed in range(5))
    assert all(_centroid(hawk(np.random.default_rng(seed), N)) > 900 for seed in range(5))


def test_a_plane_is_loudest_while_it_passes():
    for seed in range(5):
        x = plane(np.random.default_rng(seed), 20 * RATE)
        seconds = np.sqrt((x.reshape(20, -1) ** 2).mean(1))
        assert seconds.max() > 1.5 * min(seconds[0], seconds[-1])
