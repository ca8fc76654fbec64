import numpy as np
import pytest

from riata_separator.codecs.grid import float_grid, grid_for, pcm_grid


def noise(count: int, peak: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-peak, peak, (2, count))


@pytest.mark.parametrize(
    ("integer", "lossless", "depth", "peak", "subtype"),
    [
        (True, True, 8, 0.5, "PCM_16"),
        (True, True, 16, 1.0, "PCM_16"),
        (True, True, 20, 0.5, "PCM_24"),
        (True, True, 24, 1.0, "PCM_24"),
        (True, True, 32, 0.5, "PCM_32"),
        (False, True, 0, 0.5, "FLOAT"),
        (False, False, 0, 0.9, "PCM_16"),
        (False, False, 0, 1.01, "FLOAT"),
    ],
)
def test_outputs_have_the_depth_of_their_source(integer, lossless, depth, peak, subtype):
    assert grid_for(integer=integer, lossless=lossless, depth=depth, peak=peak).subtype == subtype


@pytest.mark.parametrize("grid", [pcm_grid(16), pcm_grid(24), pcm_grid(32), float_grid(0.7), float_grid(5.0)])
def test_target_and_residual_add_up_to_the_mixture_even_when_the_target_overshoots(grid):
    mixture = grid.quantised(noise(5000, 0.999))
    target, residual = grid.split(mixture, noise(5000, 1.8, seed=1))
    assert np.array_equal(target + residual, mixture)
    for stem in (target, residual):
        assert stem.min() >= grid.lowest
        assert stem.max() <= grid.highest


def test_float_outputs_add_up_in_float32_as_a_client_would_add_them():
    grid = float_grid(3.3)
    mixture = grid.quantised(noise(5000, 3.3))
    target, residual = grid.split(mixture, noise(5000, 3.0, seed=1))
    as_written = [(x * grid.step).astype(np.float32) for x in (target, residual, mixture)]
    assert np.array_equal(as_written[0] + as_written[1], as_written[2])


def test_integers_of_the_decoder_keep_their_value_on_the_grid_of_their_depth():
    left_aligned = np.array([[-(1 << 31), -(5 << 16), 0, 7 << 16, (1 << 31) - (1 << 16)]], dtype=np.int32)
    assert pcm_grid(16).quantised(left_aligned).tolist() == [[-32768, -5, 0, 7, 32767]]
