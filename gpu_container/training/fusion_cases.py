"""What the network and the experts say of the real development set, kept so that the fusion can be fitted in seconds.

python -m training.fusion_cases WEIGHTS     writes $RIATA_TRAINING_DIR/fusion/cases.pt

Every mixture is asked for its target ("present") and for a class that does not sound in it ("absent"); every other one also with
its target turned down to 15 dB below the mixture ("quiet"). Of each answer a few thousand bins are kept, drawn in proportion to
their amplitude: SI-SDR and levels are sums over bins, so that a weighted sample estimates them.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from riata.understanding.classes import label as spoken
from riata_separator.backends.riata_small.bands import HOP, N_FFT, RATE
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.fusion import expert_shares
from riata_separator.backends.riata_small.networks.base import Network
from riata_separator.backends.riata_small.networks.class_network import CLASSES
from riata_separator.backends.riata_small.networks.loading import load_network
from riata_separator.backends.riata_small.panel import resampled
from riata_separator.backends.riata_small.plan import VOICES, plan_for
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.experts.base import Expert, load_experts
from training import development_set
from training.bench_manifest import Mixture
from training.separators import PROMPTED
from training.workspace import folder

KEPT_BINS, QUIET_DB = 6000, -15.0


@dataclass(frozen=True)
class Case:
    """One question to one mixture: N bins with their weights.

    ``shares`` (C, N) are the network's, ``experts`` (N,) each expert's. ``mixture`` and ``reference`` (N,) are
    powers, ``overlap`` (N,) is the real part of the product of both, all weighted.
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


def prompt_of(label: str) -> str:
    """The shortest prompt for a class."""
    return f"isolate the {spoken(PROMPTED.get(label, label))}"


def absent(mixture: Mixture, number: int, vocabulary: Vocabulary) -> str:
    """A class that does not sound in a mixture and that the network can name, another for every number."""
    sounding = vocabulary.of(PROMPTED.get(label, label) for label in mixture.present)
    sounding |= VOICES if sounding & VOICES else set()
    choices = [name for name in CLASSES if name != "other" and not vocabulary.of([PROMPTED.get(name, name)]) & sounding]
    return choices[number % len(choices)]


def turned_down(mixture: Mixture) -> Mixture:
    """The same with the target 15 dB below the mixture."""
    rest = mixture.samples - mixture.reference
    gain = np.sqrt((rest @ rest) / (mixture.reference @ mixture.reference) * 10 ** (QUIET_DB / 10))
    reference = (mixture.reference * np.float32(gain)).astype(np.float32)
    return Mixture(mixture.target, mixture.kind, rest + reference, reference, mixture.present, mixture.source)


def _windows(x: np.ndarray) -> torch.Tensor:
    """Samples (n,), at most a window long → (1, 1, LENGTH)."""
    return torch.nn.functional.pad(torch.from_numpy(x[:LENGTH]), (0, LENGTH - len(x[:LENGTH])))[None, None]


def _stft(x: torch.Tensor) -> torch.Tensor:
    return torch.stft(x, N_FFT, HOP, window=torch.hann_window(N_FFT), return_complex=True)


def estimates(experts: dict[str, Expert], mixture: np.ndarray) -> dict[str, np.ndarray]:
    """Each expert's estimate (n,) of a mono mixture (n,)."""
    found = {}
    for name, expert in experts.items():
        heard = resampled(mixture[None], RATE, expert.sample_rate)
        said = resampled(expert.estimate(heard, 0, heard.shape[1], lambda: None), expert.sample_rate, RATE)[0]
        found[name] = np.pad(said, (0, max(0, len(mixture) - len(said))))[: len(mixture)]
    return found


@torch.inference_mode()
def answers(network: Network, experts: dict[str, Expert], mixture: Mixture, asked: dict[str, str]) -> Iterator[Case]:
    """The cases of one mixture; ``asked`` names a class per state."""
    heard = _windows(mixture.samples)
    spectrum, reference = _stft(heard[0])[0], _stft(_windows(mixture.reference)[0])[0]
    said = {name: _windows(x) for name, x in estimates(experts, mixture.samples).items()}
    shares = {name: share.flatten() for name, share in expert_shares(heard, said, _stft).items()}
    power = spectrum.abs().square().flatten()
    chance = power.sqrt() / power.sqrt().sum()
    kept = torch.multinomial(chance, KEPT_BINS, replacement=True, generator=torch.Generator().manual_seed(0))
    weight = 1 / (chance[kept] * KEPT_BINS)
    overlap = (spectrum.conj() * reference).real.flatten()[kept] * weight
    encoded, every = network.encode(spectrum[None, None]), torch.eye(len(network.classes))
    voiceless = not {"speech", "vocals"} & mixture.present
    for state, label in asked.items():
        plan = plan_for(prompt_of(label), Vocabulary(network.classes))
        hint = torch.tensor([float(name in plan.hinted) for name in network.classes])
        own = network.summed_shares(encoded, hint, every).flatten(1)[:, kept]
        yield Case(
            prompt_of(label), mixture.kind, mixture.source, state, voiceless, own, {name: x[kept] for name, x in shares.items()},
            power[kept] * weight, overlap, reference.abs().square().flatten()[kept] * weight,
        )  # fmt: skip


def collect(network: Network) -> list[Case]:
    """The cases of the whole development set. Raises FileNotFoundError where an expert has not been pulled."""
    experts, missing = load_experts()
    if missing:
        raise FileNotFoundError(" ".join(missing))
    vocabulary, cases = Vocabulary(network.classes), []
    for number, mixture in enumerate(development_set.mixtures()):
        if not vocabulary.of([PROMPTED.get(mixture.target, mixture.target)]):
            continue
        asked = {"present": mixture.target, "absent": absent(mixture, number, vocabulary)}
        cases += answers(network, experts, mixture, asked)
        if number % 2 == 0:
            cases += answers(network, experts, turned_down(mixture), {"quiet": mixture.target})
    return cases


def main() -> None:
    """Command line of the first half of `make fusion`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("--threads", type=int, default=1)
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    network, metadata = load_network(chosen.weights)
    cases = collect(network)
    path = folder("fusion") / "cases.pt"
    torch.save({"classes": network.classes, "metadata": metadata, "cases": [vars(case) for case in cases]}, path)
    print(f"{len(cases)} cases in {path}")


if __name__ == "__main__":
    main()
