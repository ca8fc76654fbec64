"""Do chunk borders show? Two measures, one against a whole-file run, one that needs none."""

import numpy as np

FRAME_SECONDS = 0.05


def difference_db(chunked: np.ndarray, whole: np.ndarray, rate: int) -> tuple[float, float]:
    """Median and worst level of ``chunked - whole`` in frames of 50 ms, in dB relative to the whole run's level."""
    frame = round(FRAME_SECONDS * rate)
    count = whole.shape[1] // frame * frame
    errors = np.square(chunked - whole)[:, :count].mean(0).reshape(-1, frame).mean(1)
    levels = 10 * np.log10(errors / np.square(whole).mean() + 1e-20)
    return float(np.median(levels)), float(levels.max())


def border_outlier_db(samples: np.ndarray, borders: list[int], rate: int) -> float:
    """How far the roughness at the worst border sticks out of its surroundings, in dB.

    Roughness is the power of the second difference, in blocks of 1 ms; a border's own blocks are compared with the loudest block
    within 250 ms on both sides.
    """
    block = max(4, rate // 1000)
    rough = np.square(np.diff(samples, 2, axis=1)).sum(0)
    rough = rough[: len(rough) // block * block].reshape(-1, block).max(1) + 1e-20
    worst = -np.inf
    for border in borders:
        at, reach = border // block, max(4, round(0.25 * rate / block))
        near = rough[max(0, at - 1) : at + 2].max()
        around = np.concatenate([rough[max(0, at - reach) : max(0, at - 3)], rough[at + 4 : at + reach]])
        worst = max(worst, 10 * np.log10(near / around.max()))
    return float(worst)
