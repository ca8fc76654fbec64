"""Anchors, noise, solver and groups: what conditions a call of SAM-Audio."""

import math
from dataclasses import replace

import numpy as np
import pytest

from riata.domain.options import Acceleration, SeparationOptions, Span
from riata_separator.backends.sam_audio.anchors import Latents, anchors, merged
from riata_separator.backends.sam_audio.grouping import group_of
from riata_separator.backends.sam_audio.noise import noise
from riata_separator.backends.sam_audio.solver import SOLVERS

GRID = Latents(48_000, 1920)
FRAMES_PER_SECOND = 25


def framed(found, frames):
    """The anchors' tokens per latent frame, by the processor's own rounding."""
    tokens = ["·"] * frames
    for token, start, end in found:
        first, last = (math.ceil(seconds * GRID.rate / GRID.hop) for seconds in (start, end))
        tokens[first:last] = token * (last - first)
    return "".join(tokens)


def test_spans_become_anchors_relative_to_the_chunk():
    found = anchors([Span(10.0, 11.0), Span(12.0, 13.0, include=False)], GRID, start=9 * FRAMES_PER_SECOND, frames=150)
    assert framed(found, 150) == "·" * 25 + "+" * 25 + "·" * 25 + "-" * 25 + "·" * 50


def test_spans_are_cut_at_the_borders_of_the_chunk_and_left_out_beyond():
    found = anchors([Span(0.0, 5.0), Span(8.0, 9.0)], GRID, start=4 * FRAMES_PER_SECOND, frames=50)
    assert framed(found, 50) == "+" * 25 + "·" * 25


def test_the_edges_of_a_hint_are_generous_where_it_includes_and_careful_where_it_excludes():
    assert framed(anchors([Span(0.05, 0.10)], GRID, 0, 5), 5) == "·++··"
    assert framed(anchors([Span(0.05, 0.13, include=False)], GRID, 0, 5), 5) == "··-··"


@pytest.mark.parametrize("frame", [0, 1, 3, 7, 57, 4321, 9999])
def test_no_rounding_moves_an_anchor_by_a_frame(frame):
    span = Span(frame / FRAMES_PER_SECOND, (frame + 1) / FRAMES_PER_SECOND)
    assert framed(anchors([span], GRID, 0, 10_000), 10_000).index("+") == frame
    assert framed(anchors([span], GRID, 0, 10_000), 10_000).count("+") == 1


def test_spans_found_in_neighbouring_chunks_are_joined():
    assert merged([Span(3.0, 5.0), Span(0.0, 1.0), Span(4.0, 8.0)]) == [Span(0.0, 1.0), Span(3.0, 8.0)]


def test_chunks_that_overlap_share_their_noise():
    whole = noise(7, 0, 0, 500, 8)
    np.testing.assert_array_equal(noise(7, 0, 130, 200, 8), whole[130:330])


def test_noise_follows_from_seed_candidate_and_frame_alone():
    drawn = noise(7, 0, 100, 40, 8)
    np.testing.assert_array_equal(noise(7, 0, 100, 40, 8), drawn)
    assert not np.allclose(noise(8, 0, 100, 40, 8), drawn)
    assert not np.allclose(noise(7, 1, 100, 40, 8), drawn)


def test_noise_is_standard_normal_across_its_blocks():
    drawn = noise(1, 0, 17, 4000, 16)
    assert drawn.dtype == np.float32
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.std() - 1) < 0.02
    assert abs(np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]) < 0.06


def test_balanced_is_the_authors_default_solver_and_the_others_halve_and_double_its_work():
    assert SOLVERS[Acceleration.BALANCED].ode_options() == {"method": "midpoint", "options": {"step_size": 2 / 32}}
    assert [SOLVERS[a].steps for a in (Acceleration.FAST, Acceleration.BALANCED, Acceleration.QUALITY)] == [8, 16, 32]


OPTIONS = SeparationOptions("thunder")


def test_requests_that_differ_in_prompt_spans_and_seed_share_a_call():
    other = SeparationOptions("rain", spans=(Span(1, 2),), seed=5)
    assert group_of(OPTIONS, 250) == group_of(other, 250)


@pytest.mark.parametrize(
    "change",
    [{"reranking_candidates": 4}, {"acceleration": Acceleration.FAST}, {"predict_spans": True}],
    ids=["candidates", "steps", "span mode"],
)
def test_requests_with_other_candidates_steps_or_span_mode_do_not(change):
    assert group_of(replace(OPTIONS, **change), 250) != group_of(OPTIONS, 250)


def test_stretches_of_other_length_do_not_share_a_call():
    assert group_of(OPTIONS, 250) != group_of(OPTIONS, 251)
