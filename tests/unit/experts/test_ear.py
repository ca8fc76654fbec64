"""The ear: what it sees of a window, and what it makes of the labels."""

from dataclasses import replace

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
from riata_separator.experts.base import load_ear
from riata_separator.experts.ear import BANDS, HIGHEST, RATE, Ear, frames
from riata_separator.experts.ear_readout import LABELS, LEAST, MOST, SPEAKING, UNDOUBTED, Readout
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
    return Ear(net, Readout.load().of(classes), placed_on(torch.device("cpu")))


def said(**logits: float) -> np.ndarray:
    """What a network says of a window: the logits of labels by their names, of all others -9."""
    found = np.full((1, LABELS), -9, np.float32)
    for labels in SPEAKING.values():
        for index, label in labels.items():
            found[0, index] = logits.get(label.lower().replace(" ", "_"), found[0, index])
    return found


def plain(**by_label: float) -> Readout:
    """A readout in which each class is as present as the surest of its labels, and a label counts for every class."""
    count = len(SPEAKING)
    labels = np.zeros((count, LABELS), np.float32)
    for name, value in by_label.items():
        labels[:, next(index for labels in SPEAKING.values() for index, label in labels.items() if label.lower() == name)] = value
    return Readout.made(np.eye(count, dtype=np.float32), labels, np.zeros(count, np.float32))


def test_every_class_has_labels_but_the_one_that_stands_for_all_others():
    assert set(SPEAKING) == set(CLASSES) - {"other"}
    for labels in SPEAKING.values():
        assert labels
        assert all(0 <= index < LABELS for index in labels)


def test_an_index_has_one_name_and_only_guitars_share_a_label():
    named = [(index, label) for labels in SPEAKING.values() for index, label in labels.items()]
    assert len(dict(named)) == len(set(named)) == len({label for _, label in named})
    assert [entry for entry in set(named) if named.count(entry) > 1] == [(140, "Guitar")]


def test_a_class_is_as_present_as_its_own_labels_and_all_others_say():
    readout = plain(rain=0.5).of(("acoustic_guitar", "electric_guitar", "dog"))
    presence = readout.presence(said(guitar=-2, strum=-1, electric_guitar=-3, rain=-4))
    np.testing.assert_allclose(presence, [[-3, -4, -11]], rtol=0, atol=1e-5)


def test_logits_that_are_far_off_say_no_more_than_near_ones():
    readout = plain(rain=1).of(["dog"])
    for far, near in ((-40, LEAST), (40, MOST)):
        np.testing.assert_allclose(readout.presence(said(rain=far)), readout.presence(said(rain=near)), rtol=0, atol=1e-5)


def test_the_packaged_readout_takes_a_class_as_there_whose_labels_alone_are_sure():
    readout = Readout.load()
    for name, labels in SPEAKING.items():
        logits = np.full((1, LABELS), -9, np.float32)
        absent = readout.of([name]).presence(logits)
        logits[0, list(labels)] = 1
        assert readout.of([name]).presence(logits) > max(0, absent + 1), name


def test_a_readout_is_the_same_when_it_has_been_written_and_read(tmp_path):
    plain(rain=0.5).save(tmp_path / "it")
    np.testing.assert_array_equal(
        Readout.load(tmp_path / "it").presence(said(guitar=-2)), plain(rain=0.5).presence(said(guitar=-2))
    )


def test_a_readout_that_is_missing_or_of_other_classes_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="readout"):
        Readout.load(tmp_path / "it")
    save_file({name: np.zeros((1, 1), np.float32) for name in ("by_class", "by_label", "bias")}, tmp_path / "it")
    with pytest.raises(ModelUnavailable, match="readout"):
        Readout.load(tmp_path / "it")
    plain().of(["dog"]).save(tmp_path / "it")
    with pytest.raises(ModelUnavailable, match="other classes"):
        Readout.load(tmp_path / "it")
    replace(plain(), by_label=np.zeros((1, 1), np.float32)).save(tmp_path / "it")
    with pytest.raises(ModelUnavailable, match="other classes"):
        Readout.load(tmp_path / "it")


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
    found = Ear(net, Readout.load().of(CLASSES), in_memory).features(windows)
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
    loudest = Ear(net, Readout.load().of(CLASSES), in_memory).features(tone)[0, 0].mean(1).argmax()
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
