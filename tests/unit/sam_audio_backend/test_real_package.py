"""The real package, wherever it imports: its interface is what the stand-in says, and a tiny random model runs the whole path."""

import importlib
import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from riata.domain.options import Acceleration, SeparationOptions, Span
from riata_separator import backends
from riata_separator.backends.sam_audio.media import decoders_importable
from riata_separator.separator import Chunk, Summary
from tests.fakes import sam_audio_package
from tests.unit.sam_audio_backend import tiny

RATE = 48_000
OPTIONS = SeparationOptions("isolate the lead vocal", acceleration=Acceleration.FAST)


@pytest.fixture(scope="module")
def package():
    """The package, or the reason why these tests are skipped."""
    try:
        with decoders_importable():
            return importlib.import_module("sam_audio.model.model")
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"Meta's sam_audio package cannot be imported here: {error}")


@pytest.fixture(scope="module")
def separator(package, tmp_path_factory):
    torch.manual_seed(0)
    return backends.load("sam-audio", weights=tiny.build(Path(tmp_path_factory.mktemp("weights"))))


@pytest.fixture(scope="module")
def mixture():
    return (0.1 * np.random.default_rng(0).standard_normal((2, 2 * RATE // 5))).astype(np.float32)


def separated(separator, mixture, options=OPTIONS):
    summary = Summary(RATE, len(mixture), mixture.shape[1], float(np.abs(mixture).max()), 0.1)
    separation = separator.begin(options, summary)
    return separation.target(Chunk(mixture, 0), lambda: None), separation


CALLED = [
    ("sam_audio.model.model", "SAMAudio.__init__"), ("sam_audio.model.model", "SAMAudio.separate"),
    ("sam_audio.model.model", "SAMAudio.forward"), ("sam_audio.model.model", "SAMAudio.load_state_dict"),
    ("sam_audio.model.model", "PerceptionEncoder.__init__"), ("sam_audio.model.config", "SAMAudioConfig.__init__"),
    ("sam_audio.processor", "SAMAudioProcessor.__init__"), ("sam_audio.processor", "SAMAudioProcessor.__call__"),
    ("sam_audio.processor", "Batch.to"), ("sam_audio.processor", "Batch.process_anchors"),
    ("core.audio_visual_encoder", "PEAudioFrame.from_config"), ("core.audio_visual_encoder", "PEAudioFrame.forward"),
    ("core.audio_visual_encoder", "PEAudioFrameTransform.from_config"),
    ("core.audio_visual_encoder", "PEAudioFrameTransform.__call__"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "path"), CALLED, ids=[path for _, path in CALLED])
def test_the_stand_in_takes_the_packages_arguments(package, module, path):
    real, fake = importlib.import_module(module), sam_audio_package.MODULES[module][path.split(".")[0]]
    for name in path.split("."):
        real = getattr(real, name)
    fake = getattr(fake, path.split(".")[1])
    assert list(inspect.signature(fake).parameters) == list(inspect.signature(real).parameters)


def test_a_tiny_model_separates(separator, mixture):
    target, separation = separated(separator, mixture)
    assert target.shape == mixture.shape
    assert np.isfinite(target).all()
    assert 0 < np.abs(target).max() <= np.abs(mixture).max() * 1.5
    assert separation.report()["phrase"] == "lead vocal"


def test_a_seed_repeats_bit_by_bit(separator, mixture):
    first, again, other = (separated(separator, mixture[:1], replace(OPTIONS, seed=seed))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_spans_reach_the_model(separator, mixture):
    plain, _ = separated(separator, mixture[:1])
    hinted, _ = separated(separator, mixture[:1], replace(OPTIONS, spans=(Span(0.0, 0.4),)))
    assert not np.array_equal(plain, hinted)


def test_predicted_spans_reach_the_model(separator, mixture):
    plain, _ = separated(separator, mixture[:1])
    predicted, separation = separated(separator, mixture[:1], replace(OPTIONS, predict_spans=True))
    assert separation.report()["predicted_spans"] == [{"start": 0.0, "end": 0.4}]
    assert not np.array_equal(plain, predicted)


def test_the_vision_encoder_is_left_out(separator):
    assert not list(separator.model._model.vision_encoder.parameters())
