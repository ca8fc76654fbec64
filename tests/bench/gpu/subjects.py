"""The models that are measured: riata-small as it is shipped, and SAM-Audio with random weights, which cost as much as its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from riata.domain.options import Acceleration, SeparationOptions
from riata_separator.backends.riata_small.bands import BINS, HOP, RATE
from riata_separator.backends.riata_small.model import Model, Question
from riata_separator.backends.riata_small.networks.loading import load_network
from riata_separator.backends.riata_small.networks.on_torch import TorchNetwork
from riata_separator.backends.riata_small.separation import STRIDES
from riata_separator.backends.riata_small.windows import FRAMES
from riata_separator.compute import Runtime, compute_here

SAM_AUDIO = {
    "small": {"dim": 1024, "n_heads": 8, "n_layers": 12, "context_dim": 1024},
    "base": {"dim": 1536, "n_heads": 12, "n_layers": 16, "context_dim": 1536},
    "large": {"dim": 2816, "n_heads": 22, "n_layers": 22, "context_dim": 2816},
}
"""The transformers of the released sizes; codec and text encoder are the same in all."""

SAM_AUDIO_SECONDS = 30.0


class RiataSmallModel:
    """The network of riata-small behind its batcher, without the experts: windows of one channel, one prompt."""

    name = "riata-small"
    seconds = STRIDES[Acceleration.BALANCED] * HOP / RATE

    def __init__(self, weights: Path, device: torch.device, precision: str, compiled: bool) -> None:
        self._network, _ = load_network(weights / "separator.safetensors")
        classes = len(self._network.classes)
        self._models: dict[int, Model] = {}
        self._question = Question(torch.zeros(classes), torch.eye(classes)[:4])
        self._window = torch.complex(*torch.randn(2, 1, 1, BINS, FRAMES, generator=torch.Generator().manual_seed(1)))
        self.flops = self._count()
        compute = replace(compute_here(), runtime=Runtime.TORCH, device=device.type, precision=precision, compiled=compiled)
        self._placed = TorchNetwork(self._network, compute)
        self._question = Question(self._question.hint.to(device), self._question.groups.to(device))
        self._window = self._window.to(device)

    def _count(self) -> float:
        """On the CPU, where recurrent layers are counted too."""
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            self._network.summed_shares(
                self._network.encode(self._window), self._question.hint, self._question.groups
            )
        return float(counter.get_total_flops())

    @torch.inference_mode()
    def call(self, batch: int) -> None:
        """See Subject."""
        if batch not in self._models:
            self._models[batch] = Model(self._placed, batch)
        model = self._models[batch]
        model.shares(self._window.expand(batch, -1, -1, -1), [self._question])
        if model.windows_per_call(1) < batch:
            raise torch.OutOfMemoryError("The batcher had to halve its calls.")


class SamAudioModel:
    """SAM-Audio on stretches of 30 s, one phrase, balanced acceleration, from text to both waveforms."""

    def __init__(self, name: str, package: Any, seconds: float = SAM_AUDIO_SECONDS) -> None:
        from riata_separator.backends.sam_audio.grouping import group_of
        from riata_separator.backends.sam_audio.stretch import Stretch

        self.name, self.seconds, self._package = name, seconds, package
        samples = round(seconds * package.rate) // package.hop * package.hop
        self._stretch = Stretch(
            torch.randn(samples, generator=torch.Generator().manual_seed(1)) * 0.1,
            "lead vocal",
            (),
            torch.randn(samples // package.hop, package.channels),
            group_of(SeparationOptions("lead vocal"), samples // package.hop),
        )
        with FlopCounterMode(display=False) as counter:
            self.call(1)
        self.flops = float(counter.get_total_flops())

    def call(self, batch: int) -> None:
        """See Subject."""
        self._package.generate([self._stretch] * batch)
        if self._package.device.type == "cuda":
            torch.cuda.synchronize(self._package.device)


@contextmanager
def sam_audio(
    size: str, device: torch.device, seconds: float = SAM_AUDIO_SECONDS, settings: dict[str, Any] | None = None
) -> Iterator[SamAudioModel]:
    """One size with random weights, on stretches of so many seconds; ``settings`` replace its own in tests.

    Raises:
        ImportError: Meta's package is not installed.
    """
    from sam_audio.model import model as modules
    from sam_audio.model.config import SAMAudioConfig
    from sam_audio.processor import SAMAudioProcessor

    from riata_separator.backends.sam_audio.package import SamAudioPackage, _precision, _without_vision

    with tempfile.TemporaryDirectory() as folder:
        text_encoder = _text_encoder(Path(folder))
        own = {"transformer": SAM_AUDIO[size] | {"out_channels": 256}, "text_encoder": {"name": str(text_encoder), "dim": 768}}
        config = SAMAudioConfig(**{**own, "visual_ranker": None, "text_ranker": None, "span_predictor": None, **(settings or {})})
        with _without_vision(modules):
            network = modules.SAMAudio(config)
        codec = config.audio_codec
        processor = SAMAudioProcessor(audio_hop_length=codec.hop_length, audio_sampling_rate=codec.sample_rate)
        package = SamAudioPackage(network, processor, 2 * codec.codebook_dim, device, _precision(device))
        yield SamAudioModel(f"sam-audio-{size}", package, seconds)


def _text_encoder(folder: Path) -> Path:
    """A T5 of one layer: it reads a few words per call, which costs next to nothing."""
    import tokenizers
    import transformers

    words = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({"[PAD]": 0, "[UNK]": 1, "</s>": 2, "lead": 3, "vocal": 4}, unk_token="[UNK]")
    )
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", eos_token="</s>")
    fast.save_pretrained(folder)
    settings = transformers.T5Config(vocab_size=5, d_model=768, num_layers=1, num_heads=12)
    transformers.T5EncoderModel(settings).save_pretrained(folder)
    return folder
