"""Meta's packages can be imported without FFmpeg's libraries, and get nothing from it."""

import importlib.util
import sys
from types import ModuleType

import pytest

from riata_separator.backends.sam_audio.media import decoders_importable


@pytest.fixture(autouse=True)
def _no_torchcodec(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "torchcodec"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def broken(monkeypatch, tmp_path):
    """A torchcodec that is installed but finds no FFmpeg."""
    folder = tmp_path / "torchcodec"
    folder.mkdir()
    (folder / "__init__.py").write_text("import torchcodec.core")
    (folder / "core.py").write_text("raise RuntimeError('Could not load libtorchcodec')")
    monkeypatch.syspath_prepend(tmp_path)


def test_decoders_of_a_torchcodec_that_does_not_load_are_importable_and_refuse(broken):
    with decoders_importable():
        decoders = importlib.import_module("torchcodec.decoders")
        assert importlib.util.find_spec("torchcodec") is not None
    with pytest.raises(RuntimeError, match="given samples, not files"):
        decoders.AudioDecoder("song.wav")


def test_nothing_is_left_behind(broken):
    with decoders_importable():
        pass
    assert "torchcodec" not in sys.modules
    with pytest.raises(RuntimeError, match="libtorchcodec"):
        importlib.import_module("torchcodec")


def test_a_torchcodec_that_works_is_used(monkeypatch):
    package, decoders = ModuleType("torchcodec"), ModuleType("torchcodec.decoders")
    monkeypatch.setitem(sys.modules, "torchcodec", package)
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", decoders)
    with decoders_importable():
        assert importlib.import_module("torchcodec.decoders") is decoders
    assert sys.modules["torchcodec"] is package
