import random

import numpy as np
import torch
from training.batches import SceneBatches, Stage, stream
from training.classes import MUSIC
from training.packing import BLOCK, without_silence
from training.scenes import Scenes, draw_hint

from riata_separator.backends.riata_small.networks.base import CLASSES


def test_long_silences_are_cut_out_of_clips():
    sound, silence = np.full(2 * BLOCK, 5000, np.int16), np.zeros(8 * BLOCK, np.int16)
    assert len(without_silence(np.concatenate([sound, silence, sound]))) == 6 * BLOCK


def test_the_stems_of_a_song_are_aligned_and_of_different_classes(packed):
    song = Scenes("train", 1.0).song(random.Random(0))
    assert len(song) >= 2
    assert set(song) <= set(MUSIC)
    assert {len(x) for x in song.values()} == {32000}


def test_a_scene_holds_each_class_once(packed):
    scenes = Scenes("train", 1.0)
    for seed in range(30):
        scene = scenes.draw(random.Random(seed))
        assert len(set(scene.labels)) == len(scene.labels) == len(scene.stems)
        assert np.isfinite(scene.stems).all()


def test_stems_bent_and_driven_are_finite_and_as_long(packed):
    scenes = Scenes("train", 1.0)
    for seed in range(60):
        for label in ("electric_guitar", "woodwind"):
            x = scenes.stem(label, random.Random(seed))
            assert len(x) == 32000
            assert np.isfinite(x).all()
            assert 0.01 < np.sqrt(np.mean(x**2)) < 1


def test_recordings_are_drawn_sparingly_when_there_are_few_of_them():
    clips = [[0, 32000 * 20, "rec_one"], *([0, 32000 * 20, f"made{k}"] for k in range(20))]
    weights = Scenes._weights(clips)
    assert weights[0] / weights.sum() < 0.06


def test_the_hint_is_dropped_three_times_in_ten_and_mostly_right():
    choose, present = random.Random(0), ["piano", "dog"]
    hints = [draw_hint(present, choose) for _ in range(4000)]
    dropped = np.mean([hint.sum() == 0 for hint in hints])
    wrong = np.mean([any(hint[k] for k, label in enumerate(CLASSES) if label not in present) for hint in hints])
    assert 0.27 < dropped < 0.33
    assert wrong < 0.17


def test_a_batch_is_the_same_whenever_it_is_drawn(packed):
    stages = (Stage(0, 2, 1.0), Stage(4, 1, 2.0))
    drawn = [batch for (batch,) in stream(SceneBatches(stages, seed=5), 0, 6, workers=0)]
    (again,) = SceneBatches(stages, seed=5)[3]
    assert drawn[3].stems.equal(again.stems)
    assert drawn[3].hint.equal(again.hint)
    assert [len(batch.hint) for batch in drawn] == [2, 2, 2, 2, 1, 1]
    assert drawn[5].stems.shape[1] == 2 * drawn[0].stems.shape[1]


def test_the_parts_of_a_batch_are_the_whole_of_it(packed):
    stages = (Stage(0, 3, 1.0),)
    (whole,) = SceneBatches(stages, seed=5)[1]
    parts = SceneBatches(stages, seed=5, parts=2)[1]
    (second,) = SceneBatches(stages, seed=5, parts=2, own=[1])[1]
    assert torch.cat([parts[0].hint, parts[1].hint])[[0, 2, 1]].equal(whole.hint)
    assert sum(len(part.stems) for part in parts) == len(whole.stems)
    assert second.stems.equal(parts[1].stems)
