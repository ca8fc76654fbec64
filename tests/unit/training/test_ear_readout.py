"""What the ear's labels say of our classes is learnt from mixtures."""

import random

import numpy as np
import pytest
from training.ear_readout import AUDIBLE_DB, fitted, heard

from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.ear_readout import LABELS, SPEAKING

DOG = list(SPEAKING).index("dog")
HINTING, UNRELATED = 500, 501


@pytest.fixture(scope="module")
def mixtures() -> tuple[np.ndarray, np.ndarray]:
    """Logits in which the labels of a class that sounds are likelier, and one label more than they say that dogs do."""
    draw = np.random.default_rng(0)
    there = draw.random((600, len(SPEAKING))) < 0.3
    logits = draw.normal(-6, 1, (600, LABELS)).astype(np.float32)
    for k, labels in enumerate(SPEAKING.values()):
        logits[:, next(iter(labels))] += 2 * there[:, k]
    logits[:, HINTING] += 4 * there[:, DOG]
    return logits, np.where(there, -5.0, -np.inf)


def test_a_class_is_told_by_its_own_labels_and_by_what_sounds_with_it(mixtures):
    logits, level = mixtures
    readout = fitted(logits, level)
    right = (readout.presence(logits) > 0) == np.isfinite(level)
    assert right.mean() > 0.8
    assert right[:, DOG].mean() > np.delete(right, DOG, 1).mean()
    assert readout.by_label[DOG, HINTING] > 5 * abs(readout.by_label[DOG, UNRELATED])


def test_what_is_hardly_audible_counts_neither_as_there_nor_as_absent(mixtures):
    logits, level = mixtures
    faint = level.copy()
    faint[:300, DOG] = AUDIBLE_DB - 5
    without = fitted(logits[300:], level[300:]).presence(logits)[:, DOG]
    assert np.corrcoef(fitted(logits, faint).presence(logits)[:, DOG], without)[0, 1] > 0.95


class Listening:
    """An ear that remembers how long the windows were."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def logits(self, windows: np.ndarray) -> np.ndarray:
        self.lengths.append(windows.shape[1])
        return np.zeros((1, LABELS), np.float32)


class OneScene:
    """A dog twice as loud as a bird."""

    labels = ("dog", "birds")

    def draw(self, choose: random.Random) -> "OneScene":
        noise = np.random.default_rng(choose.randrange(9)).normal(0, 0.1, (2, 300_000))
        noise[0] *= 2
        self.stems = noise
        return self


def test_levels_are_of_what_sounds_and_nothing_else():
    ear = Listening()
    ((_, level),) = heard(ear, [OneScene()], 1, random.Random(0))
    assert ear.lengths == [LENGTH]
    assert level[DOG] - level[list(SPEAKING).index("birds")] == pytest.approx(6.0, abs=0.2)
    assert np.isneginf(np.delete(level, [DOG, list(SPEAKING).index("birds")])).all()
