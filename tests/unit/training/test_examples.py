"""The scenes of docs/examples, their table and their pictures."""

import numpy as np
import pytest
import soundfile as sf
from training import examples
from training.example_scenes import EXAMPLES, SCENES, SECONDS, Scene, busiest, mixed
from training.examples import Reached, between, markdown, picture
from training.model_card import CARD, TABLES, filled
from training.workspace import RATE

from riata.understanding import understand

MOST_BYTES = 300_000


def stems() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    late = np.zeros(12 * RATE, np.float32)
    late[5 * RATE : 11 * RATE] = generator.normal(0, 0.1, 6 * RATE)
    return {"horn": late, "rain": generator.normal(0, 0.1, 12 * RATE).astype(np.float32)}


SCENE = Scene("horn", "isolate the brass", "horn", stems, {"horn": 0, "rain": -6}, "a horn in the rain")


def test_a_scene_is_cut_where_every_stem_sounds():
    assert (busiest(stems())["horn"] != 0).mean() > 0.95


def test_a_scene_has_its_stems_at_their_levels_and_does_not_clip():
    mixture, reference = mixed(SCENE)
    rest = mixture - reference
    assert len(mixture) == int(SECONDS * RATE)
    assert np.abs(mixture).max() <= 0.9
    assert 10 * np.log10(np.mean(reference**2) / np.mean(rest**2)) == pytest.approx(6, abs=0.5)


def test_the_table_replaces_what_stood_between_its_marks():
    found = markdown([Reached(SCENE, (0.0, 1.0), (9.94, 2.0), ("voice",))])
    assert "“isolate the brass” | 0.0 → **9.9** | 1.0 → **2.0** | voice |" in found
    assert between("a<b>old</b>c", "<b>", "</b>", "new") == "a<b>new</b>c"
    with pytest.raises(ValueError, match="substring"):
        between("no marks", "<b>", "</b>", "new")


def test_a_picture_shows_all_sounds(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures are drawn with riata[training]")
    image = pytest.importorskip("PIL.Image", reason="pictures are drawn with riata[training]")
    sound = np.random.default_rng(0).normal(0, 0.1, 3 * RATE).astype(np.float32)
    picture(tmp_path / "two.png", {"mixture": sound, "target": sound * 0.1})
    assert min(image.open(tmp_path / "two.png").size) > 300


def test_a_sound_is_written_whole_as_vorbis(tmp_path):
    sound = np.sin(np.arange(RATE) / 20).astype(np.float32) * 0.3
    examples._write_ogg(tmp_path / "tone.ogg", sound, RATE)
    heard, rate = sf.read(tmp_path / "tone.ogg")
    assert (len(heard), rate) == (RATE, RATE)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_committed_scene_is_small_and_its_prompt_understood(scene):
    folder = EXAMPLES / scene.name
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert {"mixture.flac", "reference.flac", "target.ogg", "residual.ogg", "spectrograms.png", "prompt.txt"} <= set(files)
    assert max(files.values()) < MOST_BYTES
    understand((folder / "prompt.txt").read_text(encoding="utf-8").strip())
    assert f"“{scene.prompt}”" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_model_card_has_a_place_for_every_table_and_keeps_the_rest(tmp_path):
    for name in TABLES:
        (tmp_path / f"{name}.md").write_text(f"table of {name}\n")
    card = CARD.read_text(encoding="utf-8")
    once = filled(card, tmp_path)
    assert all(f"<!-- {name} -->\ntable of {name}\n<!-- /{name} -->" in once for name in TABLES)
    assert filled(once, tmp_path) == once
    assert once.split("## What it is not for")[1] == card.split("## What it is not for")[1]


def test_the_model_card_shows_the_committed_tables():
    card = CARD.read_text(encoding="utf-8")
    assert filled(card, CARD.parent / "bench") == card
