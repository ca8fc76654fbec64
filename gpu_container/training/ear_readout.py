"""Learn what the ear's labels say of our classes: python -m training.ear_readout

Logistic regression of every class on what the ear's network says of mixtures of the training split, those with the class weighing
as much as those without it. The labels that name a class are trusted more than all others (their decay is smaller). Writes the file
that `riata_separator.experts.ear_readout` loads.
"""

import random
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.base import load_ear
from riata_separator.experts.ear import Ear, levelled
from riata_separator.experts.ear_readout import PACKAGED, SPEAKING, Readout, clipped, largest, others
from training.scenes import Scenes
from training.workspace import RATE

MIXTURES, SEED = 6000, 8
GAINS = ((-8.0, 5.0), (-18.0, 5.0))
"""In dB, of the stems of every other mixture: quiet sounds are to be heard too."""
AUDIBLE_DB = -25.0
"""What is there and quieter than this against the mixture counts neither as there nor as absent."""
CLASS_DECAY, LABEL_DECAY = 0.003, 1.0
"""Of squared weights of standardised logits. Chosen on the real development set, like a dozen other ways that did alike or worse:
without the largest logits by class, with the activations before the last layer, with logits of parts of a window."""
STEPS = 150


def heard(ear: Ear, scenes: list[Scenes], count: int, choose: random.Random) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of random mixtures the logits (LABELS,), and the level (K,) in dB of each class in SPEAKING against the mixture."""
    for k in range(count):
        scene = scenes[k % len(scenes)].draw(choose)
        stems = scene.stems[:, :LENGTH].astype(np.float64)
        mixture = stems.sum(0)
        power = {name: x @ x for name, x in zip(scene.labels, stems, strict=True)}
        share = np.array([power.get(name, 0.0) for name in SPEAKING]) / (mixture @ mixture + 1e-9)
        with np.errstate(divide="ignore"):
            yield ear.logits(levelled(mixture[None].astype(np.float32)))[0], 10 * np.log10(share)


def fitted(logits: np.ndarray, level: np.ndarray) -> Readout:
    """The readout of logits (n, LABELS) that tells best which classes have an audible ``level`` (n, K) in dB."""
    said = [torch.from_numpy(x) for x in (largest(logits, others()), clipped(logits))]
    means, spreads = zip(*((x.mean(0), x.std(0) + 1e-3) for x in said), strict=True)
    x = torch.cat([(x - mean) / spread for x, mean, spread in zip(said, means, spreads, strict=True)], 1)
    there = torch.from_numpy(level > AUDIBLE_DB).float()
    counts = torch.from_numpy((level > AUDIBLE_DB) | np.isneginf(level)).float()
    decay = torch.cat([torch.full((one.shape[1], 1), by) for one, by in zip(said, (CLASS_DECAY, LABEL_DECAY), strict=True)])
    rarity = (1 - there.mean(0)) / there.mean(0).clamp_min(1e-3)
    weight = torch.zeros(x.shape[1], there.shape[1], requires_grad=True)
    bias = torch.zeros(there.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        errors = functional.binary_cross_entropy_with_logits(x @ weight + bias, there, pos_weight=rarity, reduction="none")
        total: torch.Tensor = (errors * counts).mean(0).sum() + (decay * weight.square()).sum()
        total.backward()
        return total

    optimiser.step(loss)
    with torch.no_grad():
        raw = weight / torch.cat(spreads)[:, None]
        constant = bias - torch.cat(means) @ raw
    by_class, by_label = raw.numpy().T[:, : len(SPEAKING)], raw.numpy().T[:, len(SPEAKING) :]
    return Readout.made(by_class, by_label, constant.numpy())


def main() -> None:
    """Write the packaged readout."""
    torch.set_num_threads(1)
    ear, missing = load_ear(CLASSES)
    if ear is None:
        raise SystemExit(" ".join(missing))
    scenes = [Scenes("train", LENGTH / RATE + 0.01, gains) for gains in GAINS]
    logits, level = zip(*heard(ear, scenes, MIXTURES, random.Random(SEED)), strict=True)
    fitted(np.stack(logits), np.stack(level)).save(PACKAGED)


if __name__ == "__main__":
    main()
