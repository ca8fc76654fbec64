"""Which recordings teach and are measured too."""

import numpy as np
from training.overlap import Library
from training.workspace import RATE


def melody(seed: int, seconds: float = 8.0) -> np.ndarray:
    """Random tones with random onsets over noise."""
    r, n = np.random.default_rng(seed), int(seconds * RATE)
    x = 0.01 * r.normal(0, 1, n)
    for _ in range(60):
        at, length = r.integers(0, n - RATE // 2), RATE // 3
        time = np.arange(length) / RATE
        x[at : at + length] += np.sin(2 * np.pi * r.uniform(200, 4000) * time) * np.exp(-6 * time)
    return x.astype(np.float32)


def test_a_quieter_noisy_excerpt_is_recognised() -> None:
    whole = melody(1)
    excerpt = 0.2 * whole[2 * RATE + 77 : 6 * RATE] + 0.002 * np.random.default_rng(9).normal(0, 1, 4 * RATE - 77)
    found = Library([("whole", whole), ("another", melody(2))]).shared(excerpt.astype(np.float32))
    assert found is not None
    assert found[0] == "whole"


def test_another_recording_of_the_same_kind_is_not() -> None:
    assert Library([("whole", melody(1))]).shared(melody(3)) is None


def test_silence_shares_nothing() -> None:
    assert Library([("whole", melody(1))]).shared(np.zeros(RATE, np.float32)) is None
