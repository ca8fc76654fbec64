import tracemalloc

import numpy as np
import pytest

from riata_separator.chunking import Plan, chunks, overlap_add, plan

RATE = 100


def ramp(total: int) -> np.ndarray:
    return np.arange(total, dtype=np.float32)[None]


def in_blocks(samples: np.ndarray, size: int):
    for at in range(0, samples.shape[1], size):
        yield samples[:, at : at + size]


def planned(total: int, *, duration: float = 10.0, overlap: float = 2.0, context: float = 3.0, stride: float = 0.5) -> Plan:
    return plan(total, RATE, 1, duration=duration, overlap=overlap, context=context, stride=stride)[0]


@pytest.mark.parametrize("total", [1, 7, 999, 1000, 1001, 1800, 1801, 5000])
@pytest.mark.parametrize("block", [3, 64, 10_000])
def test_chunks_cut_and_put_together_again_are_the_input(total, block):
    pattern = planned(total)
    cores = [
        chunk.mixture[:, start - chunk.start : end - chunk.start]
        for chunk, (start, end) in zip(chunks(in_blocks(ramp(total), block), pattern), pattern.cores(), strict=True)
    ]
    joined = np.concatenate(list(overlap_add(cores, pattern)), axis=1)
    np.testing.assert_allclose(joined, ramp(total), rtol=1e-6)


def test_every_chunk_hears_three_seconds_on_both_sides_whatever_the_overlap():
    pattern = planned(5000, overlap=0.0, context=0.0)
    for chunk, (start, end) in zip(chunks(in_blocks(ramp(5000), 50), pattern), pattern.cores(), strict=True):
        assert chunk.start == max(0, start - 3 * RATE)
        assert chunk.end == min(5000, end + 3 * RATE)
        assert chunk.mixture[0, 0] == chunk.start


def test_chunks_start_on_multiples_of_the_stride():
    pattern = planned(9000, duration=10.3, overlap=1.7, stride=0.7)
    assert all(start % 70 == 0 for start, _ in pattern.cores())


def test_wishes_that_cannot_be_granted_are_said():
    pattern, notes = plan(100_000, RATE, 1, duration=1.0, overlap=30.0, context=3.0, stride=0.1)
    assert (pattern.length, pattern.overlap) == (500, 250)
    assert [note.split()[0] for note in notes] == ["max_chunk_duration", "chunk_overlap"]


def test_a_chunk_of_many_channels_at_a_high_rate_is_cut_to_bounded_memory():
    pattern, notes = plan(10**9, 96_000, 8, duration=300.0, overlap=5.0, context=3.0, stride=1.0)
    assert pattern.length * 8 <= 48_000_000
    assert "memory" in notes[0]


def test_neighbours_that_disagree_are_cross_faded_without_a_step():
    pattern = planned(3000, overlap=2.0)
    cores = list(pattern.cores())
    targets = [np.full((1, end - start), float(k % 2), np.float32) for k, (start, end) in enumerate(cores)]
    joined = np.concatenate(list(overlap_add(targets, pattern)), axis=1)
    assert np.abs(np.diff(joined)).max() <= 1 / pattern.overlap + 1e-6


def test_memory_depends_on_the_chunk_and_not_on_the_file():
    def peak_bytes(total: int) -> int:
        pattern, size = planned(total), 500
        blocks = (np.zeros((1, min(size, total - at)), np.float32) for at in range(0, total, size))
        tracemalloc.start()
        pairs = zip(chunks(blocks, pattern), pattern.cores(), strict=True)
        cores = (chunk.mixture[:, start - chunk.start : end - chunk.start] for chunk, (start, end) in pairs)
        assert sum(piece.shape[1] for piece in overlap_add(cores, pattern)) == total
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(200_000) < 1.1 * peak_bytes(20_000)
