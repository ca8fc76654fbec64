"""A tiny packed workspace: two songs and a clip of every class, out of noise and tones."""

import numpy as np
import pytest
import torch
from training import packing
from training.audio_files import write
from training.classes import MUSIC
from training.workspace import RATE, folder

from riata_separator.backends.riata_small.networks.base import CLASSES


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("RIATA_TRAINING_DIR", str(tmp_path))
    monkeypatch.delenv("RIATA_SOURCE_MIRROR", raising=False)
    return tmp_path


@pytest.fixture
def packed(workspace):
    generator, time = np.random.default_rng(0), np.arange(4 * RATE) / RATE
    for split in ("train", "held"):
        for number in range(2):
            for k, label in enumerate(MUSIC):
                tone = np.sin(2 * np.pi * 110 * (k + 1) * time) + 0.1 * generator.normal(size=len(time))
                write(folder("songs", split, f"song{number}") / f"{label}.wav", tone.astype(np.float32))
        for k, label in enumerate(CLASSES):
            noise = np.sin(2 * np.pi * 200 * (k + 1) * time) + generator.normal(size=len(time))
            write(folder("clips", split) / f"{label}__clip.wav", noise.astype(np.float32))
        packing.pack(split)
    return workspace


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
