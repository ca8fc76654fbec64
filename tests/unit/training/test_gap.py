"""The network on what it learnt from, beside what it never heard."""

import pytest
from training import gap_bench
from training.scenes import Scenes

from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator


@pytest.fixture
def network(packed):
    return ClassSeparator(channels=(4, 4, 4), hidden=8, condition=8).eval().requires_grad_(False)


def drawn(network, split: str, coherent: float, count: int) -> list[tuple[str, float]]:
    return list(gap_bench.gains(network, Scenes(split, 1.0, augment=False), coherent, count))


def test_every_stem_of_as_many_mixtures_is_scored_the_same_ones_every_time(network):
    few, more = drawn(network, "train", 1.0, 2), drawn(network, "train", 1.0, 4)
    assert more[: len(few)] == few
    assert 4 <= len(few) < len(more)


def test_both_splits_are_scored_apart_by_kind_and_family(network, monkeypatch):
    monkeypatch.setattr(gap_bench, "SECONDS", 1.0)
    rows = gap_bench.score(network, 12)
    assert {title for title in rows if title.endswith("music")} == {"songs: music", "scenes: music"}
    assert all(set(row) == {"train", "held"} for row in rows.values())
    assert rows["songs: music"]["train"] != rows["songs: music"]["held"]


def test_the_table_names_both_splits_and_how_many_stems_there_were():
    found = gap_bench.markdown({"songs: music": {"train": [6.0, 6.0], "held": [4.0, 4.0, 4.0]}})
    assert "| songs: music | 6.0 [6.0, 6.0] (n = 2) | 4.0 [4.0, 4.0] (n = 3) |" in found
