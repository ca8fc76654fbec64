from pathlib import Path

import numpy as np
import pytest
from training import real_songs
from training.workspace import RATE


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tracks, each a tone of one second that is as loud as its name is long."""
    folder = tmp_path / "2.Song"
    folder.mkdir()
    names = ("VOX LEAD", "BGVOX 1", "HATS", "HATS_mobile", "SNARE BUILD", "BUILD", "PAD + BASS", "SY BASS", "PLUCK_mobile")
    for name in names:
        (folder / f"2.Song_Stem_{name}.m4a").touch()
    monkeypatch.setattr(real_songs, "decode", lambda path, _: np.full(RATE, len(path.stem), np.float32))
    return folder


def test_tracks_are_classed_by_name_and_twins_are_heard_once(song: Path):
    found = {path.stem.split("_Stem_")[1]: label for label, path in real_songs.tracks(song)}
    assert found == {
        "VOX LEAD": "vocals", "BGVOX 1": "vocals", "HATS": "drums", "SNARE BUILD": "drums", "BUILD": "other",
        "SY BASS": "bass", "PLUCK_mobile": "synthesizer",
    }  # fmt: skip


def test_the_tracks_of_a_class_are_summed(song: Path):
    vocals = real_songs.stems(song)["vocals"]
    assert vocals[0] == len("2.Song_Stem_VOX LEAD") + len("2.Song_Stem_BGVOX 1")
