"""The backend on a stand-in for the package."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from riata_separator.backends.sam_audio.backend import SamAudio
from tests.fakes import sam_audio_package

CONFIG = {"audio_codec": {"codebook_dim": 4}, "visual_ranker": {"kind": "imagebind"}, "text_ranker": {"kind": "clap"}}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Folders as the model manager leaves them, with weights that the stand-in takes."""
    folders = {name: tmp_path / "weights" / name for name in ("sam-audio", "t5-base", "pe-a-frame")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["sam-audio"] / "config.json").write_text(json.dumps(CONFIG))
    save_file({"gain": torch.ones(()), "vision_encoder.model.x": torch.zeros(3)}, folders["sam-audio"] / "checkpoint.safetensors")
    save_file({"x": torch.zeros(1)}, folders["t5-base"] / "model.safetensors")
    save_file({"threshold": torch.tensor(0.05)}, folders["pe-a-frame"] / "model.safetensors")
    return tmp_path / "weights"


@pytest.fixture
def loaded(weights: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], SamAudio]:
    """Loads the backend on the stand-in."""
    sam_audio_package.install(monkeypatch)
    return lambda: SamAudio.load(weights)


@pytest.fixture
def stereo() -> np.ndarray:
    """Four seconds of two channels at 48 kHz, unlike each other, silent in the last second."""
    rng = np.random.default_rng(0)
    sound = (0.1 * rng.standard_normal((2, 4 * 48_000))).astype(np.float32)
    sound[:, 3 * 48_000 :] = 0
    return sound
