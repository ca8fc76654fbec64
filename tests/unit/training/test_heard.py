"""Recordings in which something else sounds than their class."""

import sys

import numpy as np
import pytest
import soundfile as sf
from training import heard
from training.workspace import RATE

from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.windows import LENGTH


class Ear:
    """Hears birds in whatever lies above the middle of the spectrum, and dogs below."""

    def presence(self, windows: np.ndarray) -> np.ndarray:
        said = np.full((len(windows), len(CLASSES)), -3.0)
        said[:, CLASSES.index("other")] = 20
        for row, x in zip(said, windows, strict=True):
            spectrum = np.abs(np.fft.rfft(x))
            row[CLASSES.index("birds" if spectrum.argmax() > len(spectrum) // 2 else "dog")] = 4
        return said


@pytest.fixture
def animals(workspace, monkeypatch):
    time = np.arange(2 * LENGTH) / RATE
    sources = workspace / "sources" / "widelands-data" / "animals"
    sources.mkdir(parents=True)
    for name, pitch in {"bird_01": 12_000, "bird_02": 400, "wolf_01": 400}.items():
        sf.write(sources / f"{name}.ogg", 0.3 * np.sin(2 * np.pi * pitch * time), RATE, format="WAV")
    monkeypatch.setattr(heard, "load_ear", lambda _: (Ear(), []))
    monkeypatch.setattr(sys, "argv", ["heard", "held"])


def test_a_recording_in_which_its_class_is_not_heard_is_named_with_what_is(animals, capsys):
    heard.main()
    said = capsys.readouterr().out
    assert said == "birds -3.0, dog +4.0: sources/widelands-data/animals/bird_02.ogg\n"


def test_without_the_ear_it_says_so(animals, monkeypatch):
    monkeypatch.setattr(heard, "load_ear", lambda _: (None, ["pull it first"]))
    with pytest.raises(SystemExit, match="pull it first"):
        heard.main()


@pytest.mark.parametrize("seconds", [0, 2, 7, 90])
def test_windows_are_whole_and_spread_over_the_recording(seconds):
    x = np.arange(seconds * RATE, dtype=np.float32)
    found = heard.windows(x)
    assert found.shape[1] == LENGTH
    assert 1 <= len(found) <= heard.WINDOWS
    assert found.max() == (x.max() if seconds else 0)
