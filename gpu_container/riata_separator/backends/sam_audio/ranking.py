"""The text rankers: how well a target fits its phrase.

Two of those that SAM-Audio's authors use: their Judge, and CLAP (Wu et al., 2023), here by the ``transformers`` library, because
the ``laion_clap`` package reads pickles and fetches its text models from the hub when it is imported.
"""

import importlib
import json
from pathlib import Path
from typing import Any

import torch

from riata.errors import BackendUnavailable

from .folders import loading, tensors_of, weights_in
from .stretch import Ranker

_CLAP_SECONDS = 10
"""What CLAP hears at once; of longer sounds it would take a random part."""


def load_ranker(folder: Path, rate: int, device: torch.device) -> Ranker:
    """The ranker whose weights lie in ``folder``, for sound at ``rate`` Hz.

    Raises:
        BackendUnavailable: the folder is of neither kind, or cannot be read.
    """
    weights_in(folder)
    with loading("The text ranker of SAM-Audio", folder):
        config = json.loads((folder / "config.json").read_text("utf-8"))
        if config.get("model_type") == "clap":
            return Clap(folder, rate, device)
        if "finetune_transformer" in config:
            return Judge(folder, config, rate, device)
    raise BackendUnavailable(f"{folder} holds no text ranker: put SAM-Audio's Judge or a CLAP model there.")


class Clap:
    """Cosine similarity of phrase and sound, the mean over stretches of ten seconds."""

    def __init__(self, folder: Path, rate: int, device: torch.device) -> None:
        transformers = importlib.import_module("transformers")
        self._model = transformers.ClapModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).to(device).eval()
        self._features = transformers.ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
        self._tokens = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._rate, self._device = rate, device

    @torch.inference_mode()
    def __call__(self, target: torch.Tensor, mixture: torch.Tensor, phrase: str) -> float:
        """See :data:`~riata_separator.backends.sam_audio.stretch.Ranker`; the mixture is not looked at."""
        pieces = [piece.cpu().numpy() for piece in torch.split(target, _CLAP_SECONDS * self._rate)]
        # Nothing is truncated, but the features have one channel or four by the name of how it would be done.
        truncation = "fusion" if self._model.config.audio_config.enable_fusion else "rand_trunc"
        sound = self._features(pieces, sampling_rate=self._rate, truncation=truncation, return_tensors="pt").to(self._device)
        text = self._tokens([phrase], return_tensors="pt", padding=True, truncation=True).to(self._device)
        output = self._model(**sound, **text)
        return float((output.audio_embeds @ output.text_embeds.T).mean())


class Judge:
    """SAM-Audio's own judge of separations; its overall score."""

    def __init__(self, folder: Path, config: dict[str, Any], rate: int, device: torch.device) -> None:
        settings = importlib.import_module("sam_audio.model.config").SAMAudioJudgeConfig(**config)
        model = importlib.import_module("sam_audio.model.judge").SAMAudioJudgeModel(settings)
        model.load_state_dict(tensors_of(weights_in(folder), without="\0"))
        self._model = model.to(device).eval()
        self._processor = importlib.import_module("sam_audio.processor").SAMAudioJudgeProcessor.from_pretrained(str(folder))
        self._rate, self._device = rate, device

    @torch.inference_mode()
    def __call__(self, target: torch.Tensor, mixture: torch.Tensor, phrase: str) -> float:
        """See :data:`~riata_separator.backends.sam_audio.stretch.Ranker`."""
        batch = self._processor(
            text=[phrase], input_audio=[mixture[None].cpu()], separated_audio=[target[None].cpu()], sampling_rate=self._rate
        )
        return float(self._model(**batch.to(self._device)).overall)
