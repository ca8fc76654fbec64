"""Hybrid Demucs behind the seam, on a network of the same interface."""

import importlib
import sys
import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from riata.domain.options import Acceleration, SeparationOptions
from riata.errors import BackendUnavailable, Cancelled, PromptRefused
from riata_separator import backends
from riata_separator.backends.hdemucs.backend import HDemucs
from riata_separator.backends.hdemucs.stems import SOURCES
from riata_separator.separator import Chunk, JointSeparator, Metered, Summary, targets

RATE = 44_100
SHARES = torch.tensor([0.1, 0.2, 0.3, 0.4])
VOCALS, DRUMS = SeparationOptions("vocals"), SeparationOptions("drums")


class Network(torch.nn.Module):
    """(batch, 2, samples) → (batch, 4, 2, samples), as torchaudio's HDemucs; every stem is a fixed share of what it hears."""

    def __init__(self, sources=SOURCES):
        super().__init__()
        self.shares = torch.nn.Parameter(SHARES.clone())
        self.heard = []

    def forward(self, input):
        assert input.shape[1] == 2
        self.heard.append(input)
        return self.shares[None, :, None, None] * input[:, None]


def noise(channels, seconds, rate=RATE):
    return (0.1 * np.random.default_rng(0).standard_normal((channels, round(seconds * rate)))).astype(np.float32)


def summary(sound, rate=RATE):
    return Summary(rate, len(sound), sound.shape[1], float(np.abs(sound).max()), float(np.sqrt(np.square(sound).mean())))


def nothing():
    pass


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def separator(network):
    return HDemucs(network, torch.device("cpu"))


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_every_layout_gets_its_stem(separator, channels):
    sound = noise(channels, 3)
    target = separator.begin(VOCALS, summary(sound)).target(Chunk(sound, 0), nothing)
    np.testing.assert_allclose(target, 0.4 * sound, atol=1e-6)
    assert target.dtype == np.float32


@pytest.mark.parametrize("rate", [8_000, 48_000, 96_000])
def test_every_rate_gets_its_stem_in_time_with_the_mixture(separator, rate):
    seconds = np.arange(rate * 2) / rate
    sound = (0.3 * np.sin(2 * np.pi * 440 * seconds)[None]).astype(np.float32)
    target = separator.begin(DRUMS, summary(sound, rate)).target(Chunk(sound, round(0.4 * rate)), nothing)
    assert target.shape == sound.shape
    np.testing.assert_allclose(target[:, rate // 4 : -rate // 4], 0.1 * sound[:, rate // 4 : -rate // 4], atol=2e-3)


def test_all_stems_come_from_one_pass(separator, network):
    sound = noise(2, 3)
    asked = [separator.begin(replace(VOCALS, prompt=prompt), summary(sound)) for prompt in ("vocals", "drums", "bass", "other")]
    found = targets(separator, asked, Chunk(sound, 0), nothing)
    together = len(network.heard)
    np.testing.assert_allclose(sum(found), sound, atol=1e-6)
    asked[0].target(Chunk(sound, 0), nothing)
    assert len(network.heard) == 2 * together


def test_the_network_hears_every_chunk_at_the_level_of_the_whole_file(separator, network):
    sound = np.concatenate([noise(1, 20), 0.01 * noise(1, 20)], 1)
    whole = summary(sound)
    for start in (0, 20 * RATE):
        separator.begin(VOCALS, whole).target(Chunk(sound[:, start : start + 20 * RATE], start), nothing)
    loudest = max(float(window.square().mean().sqrt()) for window in network.heard)
    assert loudest == pytest.approx(0.1 / whole.rms, rel=0.02)
    assert min(float(window.square().mean().sqrt()) for window in network.heard) < 0.02 * loudest


class Borders(Network):
    """Its estimate depends on where the window lies."""

    def forward(self, input):
        ramp = torch.linspace(0, 1, input.shape[-1])
        return super().forward(input) * ramp


def test_a_chunk_with_its_context_gives_what_the_whole_file_gives():
    separator, sound = HDemucs(Borders(), torch.device("cpu")), noise(1, 60)
    whole = separator.begin(VOCALS, summary(sound)).target(Chunk(sound, 0), nothing)
    context, start, end = round(separator.context * RATE), 21 * RATE, 36 * RATE
    chunk = Chunk(sound[:, start - context : end + context], start - context)
    part = separator.begin(VOCALS, summary(sound)).target(chunk, nothing)
    np.testing.assert_allclose(part[:, context:-context], whole[:, start:end], atol=1e-6)


def test_candidates_hear_the_file_on_other_grids(separator):
    sound = noise(1, 3)
    grids = {separator.begin(VOCALS, summary(sound), candidate).grid for candidate in range(3)}
    assert len(grids) == 3
    assert separator.begin(VOCALS, summary(sound), 1).grid in grids


def test_more_quality_means_more_windows(separator, network):
    sound, counts = noise(1, 90), {}
    for acceleration in Acceleration:
        network.heard.clear()
        separator.begin(replace(VOCALS, acceleration=acceleration), summary(sound)).target(Chunk(sound, 0), nothing)
        counts[acceleration] = len(network.heard)
    assert counts[Acceleration.FAST] < counts[Acceleration.BALANCED] < counts[Acceleration.QUALITY]


def test_confidence_falls_where_the_stems_do_not_make_up_the_mixture(separator, network):
    sound = noise(1, 3)
    separation = separator.begin(VOCALS, summary(sound))
    separation.target(Chunk(sound, 0), nothing)
    assert separation.confidence() > 0.999
    network.shares.data *= 0.5
    separation.target(Chunk(sound, 0), nothing)
    assert separation.confidence() < 0.9
    assert separation.report()["stems"] == ["vocals"]


def test_a_prompt_that_is_no_stem_is_refused(separator):
    with pytest.raises(PromptRefused, match="but not piano"):
        separator.begin(SeparationOptions("piano"), summary(noise(1, 1)))


def test_a_cancelled_separation_ends_before_the_network_is_called(separator, network):
    def cancelled():
        raise Cancelled("The request was cancelled.")

    with pytest.raises(Cancelled):
        separator.begin(VOCALS, summary(noise(1, 1))).target(Chunk(noise(1, 1), 0), cancelled)
    assert network.heard == []


def installed(monkeypatch, **members):
    module = types.ModuleType("torchaudio.models")
    for name, value in members.items():
        setattr(module, name, value)
    monkeypatch.setitem(sys.modules, "torchaudio", types.ModuleType("torchaudio"))
    monkeypatch.setitem(sys.modules, "torchaudio.models", module)


def test_it_is_loaded_by_name_with_the_weights_of_a_folder(tmp_path, monkeypatch):
    installed(monkeypatch, hdemucs_high=lambda sources: Network(sources))
    save_file({"shares": torch.tensor([0.25, 0.25, 0.25, 0.25])}, tmp_path / "hdemucs.safetensors")
    separator = backends.load("hdemucs", weights=tmp_path)
    assert (separator.name, separator.sample_rate) == ("hdemucs", RATE)
    assert isinstance(separator, JointSeparator)
    assert isinstance(separator, Metered)
    assert separator._network.shares.tolist() == [0.25] * 4


def test_without_torchaudio_the_deployment_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchaudio", None)
    with pytest.raises(BackendUnavailable, match="needs torchaudio"):
        backends.load("hdemucs")


def test_without_weights_it_says_how_to_get_them(tmp_path, monkeypatch):
    installed(monkeypatch, hdemucs_high=lambda sources: Network(sources))
    monkeypatch.setenv("RIATA_MODELS", str(tmp_path))
    with pytest.raises(BackendUnavailable, match="riata models pull hdemucs"):
        backends.load("hdemucs")


def test_weights_of_another_network_are_refused(tmp_path, monkeypatch):
    installed(monkeypatch, hdemucs_high=lambda sources: Network(sources))
    save_file({"colour": torch.zeros(3)}, tmp_path / "hdemucs.safetensors")
    with pytest.raises(BackendUnavailable, match="cannot be loaded"):
        backends.load("hdemucs", weights=tmp_path)


def test_the_stems_are_in_the_order_of_torchaudios_pipeline():
    pipelines = importable("torchaudio.pipelines")
    assert pipelines.HDEMUCS_HIGH_MUSDB_PLUS.sample_rate == RATE
    assert pipelines.HDEMUCS_HIGH_MUSDB_PLUS._model_factory_func.keywords["sources"] == list(SOURCES)


def test_torchaudios_network_runs_the_whole_path():
    models = importable("torchaudio.models")
    torch.manual_seed(0)
    network = models.HDemucs(list(SOURCES), channels=4, depth=6)
    sound = noise(2, 2)
    separator = HDemucs(network, torch.device("cpu"))
    target = separator.begin(VOCALS, summary(sound)).target(Chunk(sound, 0), nothing)
    assert target.shape == sound.shape
    assert np.isfinite(target).all()
    assert np.abs(target).max() > 0


def importable(name):
    """The module, or the reason why the test is skipped: torchaudio needs the torch that it was built for."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"{name} cannot be imported here: {error}")
