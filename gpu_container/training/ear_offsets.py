"""What the ear's logits want added to say of every class alike how likely it is there: python -m training.ear_offsets

Logistic regression per class (Platt, 1999) on mixtures of the training split, those with the class weighing as much as those
without it. Prints the table of `riata_separator.experts.ear`.
"""

import random
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.base import load_ear
from riata_separator.experts.ear import LABELS, OFFSETS, Ear
from training.scenes import Scenes
from training.workspace import RATE

MIXTURES, SEED = 1200, 5


def heard(ear: Ear, scenes: Scenes, count: int, choose: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """Logits (count, C) without offsets of random mixtures, and which classes are in them, (count, C)."""
    offsets = np.array([OFFSETS.get(name, 0) for name in ear.classes])
    logits, there = [], []
    for _ in range(count):
        scene = scenes.draw(choose)
        x = scene.stems.sum(0)[:LENGTH].astype(np.float32)
        logits.append(ear.presence(x[None])[0] - offsets)
        there.append([name in scene.labels for name in ear.classes])
    return np.array(logits), np.array(there)


def offset(logits: Sequence[float] | np.ndarray, there: Sequence[bool] | np.ndarray) -> float:
    """What to add to logits (n,) so that at 0 presence and absence are as likely."""
    x, y = np.asarray(logits, float), np.asarray(there, float)
    weight = np.where(y > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean()))

    def loss(by: np.ndarray) -> float:
        return float((weight * np.logaddexp(0, (1 - 2 * y) * (by[0] * x + by[1]))).mean())

    slope, constant = minimize(loss, np.array([1.0, 3.0])).x
    return float(constant / slope)


def main() -> None:
    """Print the table."""
    ear, missing = load_ear(CLASSES)
    if ear is None:
        raise SystemExit(" ".join(missing))
    logits, there = heard(ear, Scenes("train", LENGTH / RATE + 0.01), MIXTURES, random.Random(SEED))
    for k, name in enumerate(CLASSES):
        if name in LABELS:
            print(f'"{name}": {offset(logits[:, k], there[:, k]):.2f},')


if __name__ == "__main__":
    main()
