"""The experts: tiny ones with random weights, and the real ones where they have been pulled."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
import torch

from riata.errors import Cancelled, ModelUnavailable
from riata_separator.arrays import as_numpy
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.compute import Compute, Runtime
from riata_separator.experts import ear as ear_module
from riata_separator.experts import speech as speech_module
from riata_separator.experts import voice as voice_module
from riata_separator.experts.base import load_ear, load_experts
from riata_separator.experts.speech import SpeechExpert
from riata_separator.experts.unet import UNet
from riata_separator.experts.voice import HOP, VoiceExpert
from riata_separator.models import Store

FRAMES = 32


def go_on() -> None:
    """A checkpoint that never stops anything."""


@pytest.fixture(scope="module")
def tiny() -> VoiceExpert:
    torch.manual_seed(0)
    nets = [UNet((4, 8)) for _ in range(2)]
    for net in nets:
        net.eval().requires_grad_(False)
        for parameter in net.parameters():
            torch.nn.init.normal_(parameter, 0, 0.2)
    return VoiceExpert(*nets, torch.from_numpy, frames=FRAMES, bins=256)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (2, 100 * HOP + 77)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_an_estimate_has_the_shape_of_the_mixture(tiny, noise, channels):
    mixture = np.resize(noise, (channels, 20_001))
    estimate = tiny.estimate(mixture, 0, 20_001, go_on)
    assert estimate.shape == mixture.shape
    assert estimate.dtype == np.float32
    assert np.isfinite(estimate).all()


def test_a_chunk_gives_what_the_whole_file_gives(tiny, noise):
    total = noise.shape[1]
    whole = tiny.estimate(noise, 0, total, go_on)
    start, end, margin = 21 * HOP + 13, 90 * HOP, FRAMES * HOP
    chunk = tiny.estimate(noise[:, start:end], start, total, go_on)
    inner = slice(margin, -margin)
    np.testing.assert_allclose(chunk[:, inner], whole[:, start:end][:, inner], atol=1e-6)


def test_a_long_chunk_is_transformed_a_few_blocks_at_a_time(tiny, noise, monkeypatch):
    frames, stft = [], voice_module.stft

    def watched(*args, **kwargs):
        spec = stft(*args, **kwargs)
        frames.append(spec.shape[-1])
        return spec

    monkeypatch.setattr(voice_module, "stft", watched)
    tiny.estimate(np.tile(noise, 5), 0, 5 * noise.shape[1], go_on)
    assert max(frames) < 2 * FRAMES


def test_a_file_shorter_than_a_block_is_one_block(tiny, noise):
    calls = []
    tiny.estimate(noise[:, : 10 * HOP], 0, 10 * HOP, lambda: calls.append(1))
    assert len(calls) == 1


def test_a_single_channel_is_treated_as_a_centred_voice(tiny, noise):
    one = tiny.estimate(noise[:1], 0, noise.shape[1], go_on)
    two = tiny.estimate(np.repeat(noise[:1], 2, 0), 0, noise.shape[1], go_on)
    np.testing.assert_array_equal(one[0], two[0])


def test_blocks_cover_every_frame():
    for first, end, last in [(0, 5, 5), (0, 100, 100), (40, 90, 100), (3, 97, 500), (60, 130, 130)]:
        blocks = voice_module._blocks(first, end, last, FRAMES)
        covered = {frame for a in blocks for frame in range(a, a + FRAMES)}
        assert set(range(first, end)) <= covered
        assert all(a >= 0 for a in blocks)


def test_a_cancelled_request_stops_between_blocks(tiny, noise):
    def stop() -> None:
        raise Cancelled("The request was cancelled.")

    with pytest.raises(Cancelled):
        tiny.estimate(noise, 0, noise.shape[1], stop)


def test_missing_models_are_named_and_nothing_is_loaded(tmp_path):
    found, missing = load_experts(Store(tmp_path))
    assert found == {}
    assert len(missing) == 2
    assert "riata models pull voice" in missing[0]


def test_a_folder_without_the_weights_is_refused(tmp_path):
    for runtime in Runtime:
        with pytest.raises(ModelUnavailable, match="voice"):
            VoiceExpert.load(tmp_path, Compute(runtime, threads=1, batch=1))
    with pytest.raises(ModelUnavailable):
        SpeechExpert.load(tmp_path)


def pulled(name: str):
    if not Store().has(name):
        pytest.skip(f"the model {name!r} is not in the cache: riata models pull {name}")
    return load_ear(CLASSES)[0] if name == "ear" else load_experts()[0][name]


def example(rate: int) -> tuple[np.ndarray, np.ndarray]:
    """The speech-over-music example at ``rate``: mixture and speech, (channels, samples)."""
    folder = Path(__file__).parents[3] / "docs" / "examples" / "speech-over-music"
    both = []
    for name in ("mixture", "speech"):
        samples, at = soundfile.read(folder / f"{name}.flac", dtype="float32", always_2d=True)
        both.append(np.ascontiguousarray(soxr.resample(samples, at, rate).T))
    return both[0], both[1]


def si_sdr(estimate: np.ndarray, target: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al., 2019)."""
    scaled = (estimate * target).sum() / np.square(target).sum() * target
    return float(10 * np.log10(np.square(scaled).sum() / np.square(estimate - scaled).sum()))


@pytest.mark.parametrize(("name", "improvement"), [("voice", 8), ("speech", 4)])
def test_the_real_experts_pull_speech_out_of_music_aligned(name, improvement):
    expert = pulled(name)
    mixture, speech = example(expert.sample_rate)
    estimate = expert.estimate(mixture, 0, mixture.shape[1], go_on)
    assert estimate.shape == mixture.shape
    assert si_sdr(estimate, speech) > si_sdr(mixture, speech) + improvement
    shifted = np.roll(speech, 60, axis=1)
    assert si_sdr(estimate, shifted) < si_sdr(estimate, speech)


def test_the_speech_expert_says_the_same_in_segments_as_in_one_go(monkeypatch):
    expert = pulled("speech")
    mixture = np.tile(example(expert.sample_rate)[0], 2)
    whole = expert.estimate(mixture, 0, mixture.shape[1], go_on)
    monkeypatch.setattr(speech_module, "SEGMENT", 400)
    calls = []
    cut = expert.estimate(mixture, 0, mixture.shape[1], lambda: calls.append(1))
    assert len(calls) == -(-mixture.shape[1] // (400 * 480))
    assert np.square(cut - whole).sum() < 1e-2 * np.square(whole).sum()


@pytest.mark.parametrize("count", [1, 479, 480, 481, 5000])
def test_the_speech_expert_gives_as_many_samples_as_it_hears(count):
    mixture = np.random.default_rng(0).normal(0, 0.1, (3, count)).astype(np.float32)
    estimate = pulled("speech").estimate(mixture, 0, count, go_on)
    assert estimate.shape == mixture.shape
    assert np.isfinite(estimate).all()


def test_the_real_ear_hears_the_speaker_and_no_crowd_or_animal():
    ear = pulled("ear")
    mixture = example(ear_module.RATE)[0].mean(0)[None, :LENGTH]
    presence = dict(zip(CLASSES, as_numpy(ear.presence(mixture))[0], strict=True))
    assert presence["speech"] > 1
    assert max(presence[name] for name in ("crowd", "dog", "birds", "weather", "vehicles")) < 0
