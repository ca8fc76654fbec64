"""The adapter to the ``sam_audio`` package, the only module that knows its interface.

Facts of the package that shape this: its model builds a vision encoder and rankers of several gigabytes whether or not they are
used; it looks its sub-models up on the hub by default; ``separate`` takes the conditions out of the batch before it predicts spans,
so that older versions ignored what was predicted; its decoder draws a watermark message from the global random generator.
"""

import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from riata.domain.options import Span
from riata.errors import BackendUnavailable

from .anchors import Anchor, Latents
from .folders import Folders, loading, tensors_of, weights_in
from .media import decoders_importable
from .solver import Solver
from .stretch import Pair, Stretch

_VISION = "vision_encoder."
_MESSAGE_SEED = 0


class _NoVision(torch.nn.Module):
    """Stands where the vision encoder would: without a video, the model only asks for the width of its features."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.dim = config.dim


class SamAudioPackage:
    """The package's ``SAMAudio`` without its vision encoder and rankers; its span predictor is added when it is first needed."""

    def __init__(self, model: Any, processor: Any, channels: int, device: torch.device, precision: torch.dtype | None) -> None:
        self.rate: int = processor.audio_sampling_rate
        self.hop: int = processor.audio_hop_length
        self.channels = channels
        self.device = device
        self._model, self._processor = model.to(device).eval().requires_grad_(False), processor
        if precision is not None:
            model.forward = _autocast(model.forward, device, precision)

    @classmethod
    def load(cls, folders: Folders, device: torch.device) -> "SamAudioPackage":
        """Build the model from local folders; nothing is looked up elsewhere and no pickle is read.

        Raises:
            BackendUnavailable: the package is not installed, or the weights are missing or not of this model.
        """
        modules, config_class, processor_class = _imported()
        weights_in(folders.text_encoder)
        with loading("SAM-Audio", folders.model):
            settings = json.loads((folders.model / "config.json").read_text("utf-8"))
            settings |= {"visual_ranker": None, "text_ranker": None, "span_predictor": None}
            settings["text_encoder"] = {**(settings.get("text_encoder") or {}), "name": str(folders.text_encoder)}
            config = config_class(**settings)
            with _without_vision(modules):
                model = modules.SAMAudio(config)
            model.load_state_dict(tensors_of(weights_in(folders.model), without=_VISION))
            codec = config.audio_codec
            processor = processor_class(audio_hop_length=codec.hop_length, audio_sampling_rate=codec.sample_rate)
            return cls(model, processor, 2 * codec.codebook_dim, device, _precision(device))

    @property
    def predicts_spans(self) -> bool:
        """Whether the span predictor is loaded."""
        return hasattr(self._model, "span_predictor")

    def load_span_predictor(self, folder: Path) -> None:
        """Add the span predictor (PE-A-Frame) from its folder.

        Raises:
            BackendUnavailable: its weights are missing or not of it.
        """
        weights_in(folder)
        with loading("The span predictor of SAM-Audio", folder):
            encoders = importlib.import_module("core.audio_visual_encoder")
            predictor = encoders.PEAudioFrame.from_config(str(folder), pretrained=True)
            self._model.span_predictor_transform = encoders.PEAudioFrameTransform.from_config(str(folder))
            self._model.span_predictor = predictor.to(self.device).eval().requires_grad_(False)

    @torch.inference_mode()
    def generate(self, stretches: Sequence[Stretch]) -> list[Pair]:
        """See :class:`~riata_separator.backends.sam_audio.stretch.Generator`."""
        group = stretches[0].group
        phrases = [stretch.phrase for stretch in stretches]
        found = self._found(stretches) if group.predicts_spans and self.predicts_spans else [()] * len(stretches)
        grid = Latents(self.rate, self.hop)
        batch = self._processor(
            descriptions=phrases,
            audios=[stretch.sound[None].cpu() for stretch in stretches],
            # What the caller says of the same time comes later and therefore wins.
            anchors=[[*_as_anchors(own, grid), *stretch.anchors] for own, stretch in zip(found, stretches, strict=True)],
        ).to(self.device)
        with _one_message():
            result = self._model.separate(
                batch,
                noise=torch.stack([stretch.noise for stretch in stretches]).to(self.device),
                ode_opt=Solver(group.method, group.step).ode_options(),
                reranking_candidates=1,
                predict_spans=False,
            )
        samples = stretches[0].sound.shape[-1]
        return [
            Pair(target[:samples].float(), residual[:samples].float(), spans)
            for target, residual, spans in zip(result.target, result.residual, found, strict=True)
        ]

    def _found(self, stretches: Sequence[Stretch]) -> list[tuple[Span, ...]]:
        """Spans in which the predictor hears the phrases, by the same latents that the model hears."""
        sounds = torch.stack([stretch.sound for stretch in stretches])[:, None].to(self.device)
        latents = self._model.audio_codec(sounds).transpose(1, 2)
        text = self._model.span_predictor_transform(text=[stretch.phrase for stretch in stretches]).to(self.device)
        heard = torch.ones(latents.shape[:2], dtype=torch.bool, device=self.device)
        output = self._model.span_predictor(input_features=latents, padding_mask=heard, return_spans=True, **text)
        return [tuple(Span(round(start, 4), round(end, 4)) for start, end in spans) for spans in output.spans]


def _as_anchors(spans: Sequence[Span], grid: Latents) -> Iterator[Anchor]:
    for span in spans:
        yield grid.anchor("+", *(round(seconds * grid.rate / grid.hop) for seconds in (span.start, span.end)))


def _imported() -> tuple[ModuleType, Any, Any]:
    try:
        with decoders_importable():
            modules = importlib.import_module("sam_audio.model.model")
            config = importlib.import_module("sam_audio.model.config").SAMAudioConfig
            return modules, config, importlib.import_module("sam_audio.processor").SAMAudioProcessor
    except (ImportError, OSError, RuntimeError) as error:
        raise BackendUnavailable(
            f"The backend 'sam-audio' needs Meta's sam_audio package, which cannot be imported here: {error}. "
            "It is part of the GPU image; elsewhere choose the backend 'riata-small'."
        ) from error


@contextmanager
def _without_vision(modules: ModuleType) -> Iterator[None]:
    """The model builds its vision encoder in its constructor, by a name of its module."""
    encoder = modules.PerceptionEncoder
    modules.PerceptionEncoder = _NoVision  # type: ignore[attr-defined]
    try:
        yield
    finally:
        modules.PerceptionEncoder = encoder  # type: ignore[attr-defined]


@contextmanager
def _one_message() -> Iterator[None]:
    """The same watermark in every call: a message drawn anew would be the one thing that no seed repeats."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(_MESSAGE_SEED)
        yield


def _precision(device: torch.device) -> torch.dtype | None:
    bf16 = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if bf16 else None


def _autocast(forward: Callable[..., torch.Tensor], device: torch.device, precision: torch.dtype) -> Callable[..., torch.Tensor]:
    """Evaluations of the vector field in ``precision``: nearly all the work. The codec and the solver's sums stay in float32."""

    def evaluated(*args: Any, **kwargs: Any) -> torch.Tensor:
        with torch.autocast(device.type, precision):
            return forward(*args, **kwargs).float()

    return evaluated
