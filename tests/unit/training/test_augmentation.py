import random

import pytest
import torch
from training.augmentation import MOST_DB, augment, codec, reverberate, swell, tone
from training.data import stages

from riata_separator.backends.riata_small.bands import BINS


def _stems(count: int = 4, frames: int = 20) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.complex(
        torch.randn(count, BINS, frames, generator=generator), torch.randn(count, BINS, frames, generator=generator)
    )  # fmt: skip


def test_the_tone_of_a_stem_changes_within_bounds():
    gains = torch.stack([tone(BINS, random.Random(seed)) for seed in range(200)])
    assert (gains >= 0).all()
    assert gains.max() < 10 ** (MOST_DB / 20) + 0.1
    assert len({round(float(gain.sum()), 3) for gain in gains}) > 100


def test_some_tones_are_those_of_another_body_with_many_narrow_resonances():
    turns = [int((torch.diff(torch.sign(torch.diff(tone(BINS, random.Random(seed))[:600]))) != 0).sum()) for seed in range(200)]
    assert 30 < sum(count >= 8 for count in turns) < 100
    assert sum(count <= 4 for count in turns) > 80


def test_a_swell_wanders_without_jumps():
    for seed in range(20):
        decibel = 20 * torch.log10(swell(100, random.Random(seed)))
        assert -8.1 < float(decibel.min()) < float(decibel.max()) < 4.1
        assert float(decibel.diff().abs().max()) < 1


def test_a_room_only_adds_what_came_before():
    stem = torch.zeros(BINS, 30, dtype=torch.complex64)
    stem[:, 10] = 1
    wet = reverberate(stem, random.Random(0), torch.Generator().manual_seed(0))
    assert wet[:, :10].abs().max() == 0
    assert torch.equal(wet[:, 10], stem[:, 10])
    assert (wet[:, 11].abs() > 0.01).all()


def test_a_codec_drops_weak_bins_and_keeps_strong_ones():
    mixture = torch.full((BINS, 5), 0.001, dtype=torch.complex64)
    mixture[100] = 1
    keep = codec(mixture, random.Random(1))
    assert keep[100].all()
    assert not keep[95].any()


def test_augmentation_follows_from_its_generators_alone():
    owner = torch.tensor([0, 0, 1, 1])
    (mid, side), (again, side_again) = (
        augment(_stems(), owner, random.Random(5), torch.Generator().manual_seed(5)) for _ in range(2)
    )
    assert torch.equal(mid, again)
    assert torch.equal(side, side_again)


def test_about_half_of_the_mixtures_are_mono():
    owner, mono = torch.tensor([0, 0, 1, 1]), 0
    for seed in range(40):
        _, side = augment(_stems(frames=4), owner, random.Random(seed), torch.Generator().manual_seed(seed))
        mono += sum(float(side[owner == b].abs().max()) == 0 for b in (0, 1))
    assert 25 < mono < 55


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_workers_share_every_song_once(workers):
    plan = stages(songs=80, solos=10, clips=3, workers=workers, held=False)
    songs = [command for stage in plan for command in stage if command[:2] == ["band", "songs"]]
    numbers = [k for command in songs for k in range(int(command[3]), int(command[4]))]
    assert numbers == list(range(80))
    assert plan[-1] == [["packing", "train"]]
