"""What the network and the experts say of the real development set.

Every mixture is asked for its target ("present") and for a class that does not sound in it ("absent"); every other one also with
its target turned down to 15 dB below the mixture ("quiet"). For the fit, a few thousand bins of each answer do, drawn in proportion
to their amplitude: SI-SDR and levels are sums over bins, so that a weighted sample estimates them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from riata.understanding.classes import label as spoken
from riata_separator.backends.riata_small.bands import RATE
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.fusion import expert_shares
from riata_separator.backends.riata_small.networks.base import CLASSES, Network
from riata_separator.backends.riata_small.panel import resampled
from riata_separator.backends.riata_small.plan import VOICES, plan_for
from riata_separator.backends.riata_small.presence import Listener
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.base import Expert
from training import development_set
from training.bench_manifest import Mixture
from training.separators import PROMPTED, stft

KEPT_BINS, QUIET_DB = 6000, -15.0


@dataclass(frozen=True)
class Case:
    """One question to one mixture: N bins.

    ``shares`` (C, N) are the network's, ``experts`` (N,) each expert's, ``presence`` (C,) the ear's. ``mixture`` and
    ``reference`` (N,) are powers, ``overlap`` (N,) is the real part of the product of both; of sampled bins all are weighted.
    """

    prompt: str
    kind: str
    source: str
    state: str
    voiceless: bool
    shares: torch.Tensor
    experts: dict[str, torch.Tensor]
    mixture: torch.Tensor
    overlap: torch.Tensor
    reference: torch.Tensor
    presence: torch.Tensor | None = None

    def sampled(self) -> "Case":
        """The same with ``KEPT_BINS`` bins, the same ones for all questions to a mixture."""
        chance = self.mixture.sqrt() / self.mixture.sqrt().sum()
        kept = torch.multinomial(chance, KEPT_BINS, replacement=True, generator=torch.Generator().manual_seed(0))
        weight = 1 / (chance[kept] * KEPT_BINS)
        return replace(
            self, shares=self.shares[:, kept], experts={name: x[kept] for name, x in self.experts.items()},
            mixture=self.mixture[kept] * weight, overlap=self.overlap[kept] * weight, reference=self.reference[kept] * weight,
        )  # fmt: skip


def prompt_of(label: str) -> str:
    """The shortest prompt for a class."""
    return f"isolate the {spoken(PROMPTED.get(label, label))}"


def absent(mixture: Mixture, number: int, vocabulary: Vocabulary) -> str:
    """A class that cannot sound in a mixture and that the network can name, drawn by the number of the mixture."""
    sounding = vocabulary.of(PROMPTED.get(label, label) for label in mixture.present)
    sounding |= VOICES if sounding & VOICES else set()
    choices = [name for name in CLASSES if name != "other" and not vocabulary.of([PROMPTED.get(name, name)]) & sounding]
    return random.Random(f"absent {number}").choice(choices)


def turned_down(mixture: Mixture) -> Mixture:
    """The same with the target 15 dB below the mixture."""
    rest = mixture.samples - mixture.reference
    gain = np.sqrt((rest @ rest) / (mixture.reference @ mixture.reference) * 10 ** (QUIET_DB / 10))
    reference = (mixture.reference * np.float32(gain)).astype(np.float32)
    return Mixture(mixture.target, mixture.kind, rest + reference, reference, mixture.present, mixture.source)


def windowed(x: np.ndarray) -> torch.Tensor:
    """Samples (n,), at most a window long → (1, 1, LENGTH)."""
    return torch.nn.functional.pad(torch.from_numpy(x[:LENGTH]), (0, LENGTH - len(x[:LENGTH])))[None, None]


def estimates(experts: dict[str, Expert], mixture: np.ndarray) -> dict[str, np.ndarray]:
    """Each expert's estimate (n,) of a mono mixture (n,)."""
    found = {}
    for name, expert in experts.items():
        heard = resampled(mixture[None], RATE, expert.sample_rate)
        said = resampled(expert.estimate(heard, 0, heard.shape[1], lambda: None), expert.sample_rate, RATE)[0]
        found[name] = np.pad(said, (0, max(0, len(mixture) - len(said))))[: len(mixture)]
    return found


@torch.inference_mode()
def answers(
    network: Network, said: dict[str, np.ndarray], mixture: Mixture, asked: dict[str, str], ear: Listener | None = None
) -> Iterator[Case]:
    """The cases of one mixture, with all bins; ``asked`` names a class per state, ``said`` are the experts' estimates."""
    presence = None if ear is None else torch.as_tensor(ear.presence(windowed(mixture.samples)[0].numpy())[0])
    heard = windowed(mixture.samples)
    spectrum, reference = stft(heard[0])[0], stft(windowed(mixture.reference)[0])[0]
    estimated = {name: windowed(x) for name, x in said.items()}
    experts = {name: share.flatten() for name, share in expert_shares(heard, estimated, stft).items()}
    encoded, every = network.encode(spectrum[None, None]), torch.eye(len(network.classes))
    voiceless = not {"speech", "vocals"} & mixture.present
    for state, label in asked.items():
        plan = plan_for(prompt_of(label), Vocabulary(network.classes))
        hint = torch.tensor([float(name in plan.hinted) for name in network.classes])
        yield Case(
            prompt_of(label), mixture.kind, mixture.source, state, voiceless,
            network.summed_shares(encoded, hint, every).flatten(1), experts, spectrum.abs().square().flatten(),
            (spectrum.conj() * reference).real.flatten(), reference.abs().square().flatten(), presence,
        )  # fmt: skip


def questions(vocabulary: Vocabulary, every: int = 1) -> Iterator[tuple[Mixture, dict[str, str]]]:
    """The mixtures of the development set (one in ``every``), and which class each is asked for in which state."""
    for number, mixture in enumerate(development_set.mixtures()):
        if number % every or not vocabulary.of([PROMPTED.get(mixture.target, mixture.target)]):
            continue
        yield mixture, {"present": mixture.target, "absent": absent(mixture, number, vocabulary)}
        if number % 2 == 0:
            yield turned_down(mixture), {"quiet": mixture.target}


def collect(network: Network, experts: dict[str, Expert], every: int = 1, ear: Listener | None = None) -> list[Case]:
    """The sampled cases of the whole development set, or of one mixture in ``every``."""
    return [
        case.sampled()
        for mixture, asked in questions(Vocabulary(network.classes), every)
        for case in answers(network, estimates(experts, mixture.samples), mixture, asked, ear)
    ]
