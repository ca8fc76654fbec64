"""The embedded separator behind the engine's seam."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self

from riata.domain.options import SeparationOptions
from riata.errors import PromptNotUnderstood, PromptRefused, RequestError
from riata.understanding.admission import with_way_out

from ...compute import Compute, Runtime, compute_here
from ...experts.base import Expert, load_ear, load_experts
from ...packaged import WEIGHTS
from ...separator import Audio, Chunk, Summary, Workload
from .bands import HOP, RATE
from .classes import Vocabulary
from .exponents import PLAIN, Exponents
from .model import Model
from .networks.base import PlacedNetwork
from .plan import plan_for, plan_without_name
from .presence import Listener
from .separation import RiataSmallSeparation, targets
from .template import stretches
from .windows import LENGTH

_log = logging.getLogger(__name__)

ALIGNMENT = 5
"""Frames of which chunk starts are multiples: 0.16 s, a whole number of samples at every rate that 25 Hz divides."""


class RiataSmall:
    """The class separator, with the experts that are there to help it. Without them it works alone."""

    name = "riata-small"
    sample_rate = RATE
    stride = ALIGNMENT * HOP / RATE

    def __init__(
        self,
        network: PlacedNetwork,
        compute: Compute,
        experts: Mapping[str, Expert] = MappingProxyType({}),
        exponents: Exponents = PLAIN,
        ear: Listener | None = None,
    ) -> None:
        self.network, self.vocabulary = network, Vocabulary(network.classes)
        self.experts, self.exponents, self.ear = experts, exponents, ear
        self.context = max([LENGTH / RATE, *(expert.context for expert in experts.values())])
        # Torch has threads of its own in every operation; NumPy has none.
        self.model = Model(network, compute.batch, compute.threads if compute.runtime is Runtime.ONNX else 1)

    @classmethod
    def load(cls, weights: Path | None = None) -> Self:
        """From a folder with ``separator.safetensors``, by default the packaged one, with the experts that have been pulled.

        Raises:
            BackendUnavailable: the weights are missing or not of this network, or the runtime that is asked for is.
        """
        compute = compute_here()
        network, metadata = placed_network((weights or WEIGHTS) / "separator.safetensors", compute)
        experts, missing = load_experts(compute=compute)
        ear, deaf = load_ear(network.classes, compute=compute)
        for level, sentences in ((logging.WARNING, missing), (logging.INFO, deaf)):
            for sentence in sentences:
                _log.log(level, sentence)
        return cls(network, compute, experts, Exponents.of(metadata), ear)

    def begin(self, options: SeparationOptions, summary: Summary, candidate: int = 0) -> RiataSmallSeparation:
        """See :class:`~riata_separator.separator.Separator`."""
        try:
            plan = plan_for(options.prompt, self.vocabulary, self.exponents)
        except PromptNotUnderstood as refusal:
            if not stretches(options.spans, summary.total / summary.sample_rate):
                raise PromptRefused(with_way_out(refusal)) from refusal
            plan = plan_without_name(self.vocabulary)
        except RequestError as refusal:
            raise PromptRefused(refusal) from refusal
        return RiataSmallSeparation(self, plan, options, summary, candidate)

    def targets(
        self, separations: Sequence[RiataSmallSeparation], chunk: Chunk, checkpoint: Callable[[], None]
    ) -> Iterator[Audio]:
        """See :class:`~riata_separator.separator.JointSeparator`."""
        return targets(separations, chunk, checkpoint)

    def workload(self) -> Workload:
        """See :class:`~riata_separator.separator.Metered`."""
        return self.model.workload()


def placed_network(path: Path, compute: Compute) -> tuple[PlacedNetwork, dict[str, str]]:
    """The network of a safetensors file on the runtime of ``compute``, and the file's metadata.

    Raises:
        BackendUnavailable: the file is missing, or not of a network that is known there.
    """
    if compute.runtime is Runtime.TORCH:
        from .networks.on_torch import TorchNetwork

        return TorchNetwork.load(path, compute)
    from .networks.on_onnx import OnnxNetwork

    return OnnxNetwork.load(path, compute)
