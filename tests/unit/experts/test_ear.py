"""The ear: what it sees of a window, and what it makes of the labels."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from riata.errors import ModelUnavailable
from riata_separator.arrays import in_memory
from riata_separator.arrays.tensors import placed_on
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.windows import LENGTH
from riata_separator.compute import Compute, Runtime
from riata_separator.experts import ear as ear_module
from riata_separator.experts.base import load_ear
from riata_separator.experts.ear import BANDS, HIGHEST, LABELS, OFFSETS, OUTPUTS, RATE, UNDOUBTED, Ear, frames
from riata_separator.experts.mobilenet import Level, MobileNet
from riata_separator.models import Store

TINY = (Level(3, 8, 8, 0, False, 1), Level(5, 16, 12, 8, True, 2), Level(3, 24, 12, 8, True, 1))


@pytest.fixture(scope="module")
def net() -> MobileNet:
    torch.manual_seed(0)
    return MobileNet(TINY, 16, 16).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (3, 16_000)).astype(np.float32)


def on_torch(net, classes=CLASSES) -> Ear:
    return Ear(net, classes, placed_on(torch.device("cpu")))


def hearing(**said: float):
    """An ear whose network says the same of every window: the logits of labels by their names, of all others -9."""
    logits = np.full((1, OUTPUTS), -9, np.float32)
    for labels in LABELS.values():
        for index, label in labels.items():
            logits[0, index] = said.get(label.lower().replace(" ", "_"), logits[0, index])
    return lambda features: np.repeat(logits, len(features), 0)


def test_every_class_has_labels_but_the_one_that_stands_for_all_others():
    assert set(LABELS) == set(CLASSES) - {"other"}
    assert set(OFFSETS) == set(LABELS)
    for labels in LABELS.values():
        assert labels
        assert all(0 <= index < OUTPUTS for index in labels)


def test_an_index_has_one_name_and_only_guitars_share_a_label():
    named = [(index, label) for labels in LABELS.values() for index, label in labels.items()]
    assert len(dict(named)) == len(set(named)) == len({label for _, label in named})
    assert [entry for entry in set(named) if named.count(entry) > 1] == [(140, "Guitar")]


def test_a_class_is_as_present_as_the_surest_of_its_labels_and_its_offset_say(windows, monkeypatch):
    monkeypatch.setattr(ear_module, "OFFSETS", {"dog": 0.5})
    ear = Ear(hearing(guitar=-2, strum=-1, electric_guitar=-3), ("acoustic_guitar", "electric_guitar", "dog"), in_memory)
    np.testing.assert_array_equal(ear.presence(windows), [[-1, -2, -8.5]] * 3)


def test_a_class_without_labels_is_never_doubted(net, windows):
    presence = on_torch(net, ("other", "dog", "a colour")).presence(torch.from_numpy(windows)).numpy()
    assert (presence[:, [0, 2]] == UNDOUBTED).all()
    assert (presence[:, 1] < UNDOUBTED).all()


@pytest.mark.parametrize("loudness", [0, 1e-6, 1])
def test_silence_and_sound_alike_have_a_finite_presence(net, windows, loudness):
    presence = on_torch(net).presence(loudness * windows)
    assert presence.shape == (3, len(CLASSES))
    assert presence.isfinite().all()


def test_features_are_the_same_of_arrays_and_of_tensors(net, windows):
    found = Ear(net, CLASSES, in_memory).features(windows)
    assert found.shape == (3, 1, BANDS, frames(windows.shape[1]))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, on_torch(net).features(torch.from_numpy(windows)), rtol=0, atol=1e-4)


def test_windows_in_memory_are_put_where_the_network_computes(net, windows):
    assert torch.equal(on_torch(net).presence(windows), on_torch(net).presence(torch.from_numpy(windows)))


def test_each_window_of_a_batch_is_heard_by_itself(net, windows):
    ear = on_torch(net)
    alone = torch.cat([ear.presence(windows[i : i + 1]) for i in range(len(windows))])
    np.testing.assert_allclose(ear.presence(windows), alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("hertz", [200, 1000, 4000, 12_000])
def test_a_tone_is_in_the_band_of_its_pitch(net, hertz):
    tone = np.sin(2 * np.pi * hertz / RATE * np.arange(16_000)).astype(np.float32)[None]
    loudest = Ear(net, CLASSES, in_memory).features(tone)[0, 0].mean(1).argmax()
    mel = 1127 * np.log1p(np.array([hertz, HIGHEST]) / 700)
    assert abs(loudest + 1 - (BANDS + 1) * mel[0] / mel[1]) <= 1


def test_both_runtimes_hear_the_same(tmp_path):
    torch.manual_seed(0)
    network = MobileNet().eval()
    save_file({name: value.numpy() for name, value in network.state_dict().items()}, tmp_path / "ear.safetensors")
    windows = np.random.default_rng(0).normal(0, 0.1, (2, LENGTH)).astype(np.float32)
    there, here = (Ear.load(tmp_path, Compute(runtime, 1, 2), CLASSES).presence(windows) for runtime in Runtime)
    np.testing.assert_allclose(here, there, rtol=0, atol=1e-3 * np.abs(there).max())


def test_a_folder_without_the_weights_or_with_others_is_refused(tmp_path):
    for runtime in Runtime:
        with pytest.raises(ModelUnavailable, match="ear"):
            Ear.load(tmp_path, Compute(runtime, 1, 1), CLASSES)
    save_file({"x": np.zeros(1, np.float32)}, tmp_path / "ear.safetensors")
    for runtime in Runtime:
        with pytest.raises(ModelUnavailable, match="ear"):
            Ear.load(tmp_path, Compute(runtime, 1, 1), CLASSES)


def test_without_its_model_there_is_no_ear_and_a_sentence_that_says_how_to_get_it(tmp_path):
    ear, (sentence,) = load_ear(CLASSES, Store(tmp_path), Compute(Runtime.ONNX, 1, 1))
    assert ear is None
    assert "riata models pull ear" in sentence
    assert "\n" not in sentence
