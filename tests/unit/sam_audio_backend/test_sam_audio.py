"""SAM-Audio behind the seam, on a stand-in for its package."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from riata.domain.options import Acceleration, SeparationOptions, Span
from riata.errors import BackendUnavailable, Cancelled, PromptRefused
from riata_separator import backends
from riata_separator.backends.sam_audio import backend as backend_module
from riata_separator.backends.sam_audio import package as package_module
from riata_separator.separator import Chunk, JointSeparator, Metered, Summary, targets

RATE = 48_000
OPTIONS = SeparationOptions("isolate the lead vocal")


def summary(sound, rate=RATE):
    return Summary(rate, len(sound), sound.shape[1], float(np.abs(sound).max()), float(np.sqrt(np.square(sound).mean())))


def nothing():
    pass


def separated(separator, sound, options=OPTIONS, start=0, **known):
    separation = separator.begin(options, summary(sound, **known))
    return separation.target(Chunk(sound, start), nothing), separation


def calls(separator):
    return separator.model._model.calls


def energy(sound, first, last):
    return float(np.square(sound[:, round(first * RATE) : round(last * RATE)]).sum())


def test_it_is_loaded_by_name_from_a_folder(weights, loaded):
    loaded()
    separator = backends.load("sam-audio", weights=weights)
    assert (separator.name, separator.sample_rate, separator.stride) == ("sam-audio", RATE, 0.04)
    assert isinstance(separator, JointSeparator)
    assert isinstance(separator, Metered)


def test_the_model_is_asked_for_the_noun_phrase(loaded, stereo):
    separator = loaded()
    separated(separator, stereo)
    assert calls(separator)[0]["batch"].descriptions == ["lead vocal"]


def test_target_and_what_it_leaves_make_up_the_mixture_in_stereo(loaded, stereo):
    target, _ = separated(loaded(), stereo)
    assert target.shape == stereo.shape
    assert target.dtype == np.float32
    kept = target + separated(loaded(), stereo, SeparationOptions("remove the lead vocal"))[0]
    assert np.abs(kept - stereo).max() < 1e-4


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_the_target_has_the_files_own_rate(loaded, rate):
    sound = (0.1 * np.random.default_rng(0).standard_normal((1, rate))).astype(np.float32)
    target, _ = separated(loaded(), sound, rate=rate)
    assert target.shape == sound.shape
    assert np.abs(target).max() > 0.01


def test_spans_change_the_anchors_and_with_them_the_target(loaded, stereo):
    separator = loaded()
    plain, _ = separated(separator, stereo)
    hinted, _ = separated(separator, stereo, replace(OPTIONS, spans=(Span(0.4, 1.0), Span(2.0, 2.6, include=False))))
    without, with_spans = (call["batch"] for call in calls(separator)[::2])
    assert not torch.equal(without.anchor_ids.gather(1, without.anchor_alignment),
                           with_spans.anchor_ids.gather(1, with_spans.anchor_alignment))  # fmt: skip
    assert energy(hinted, 0.5, 0.9) > 1.2 * energy(plain, 0.5, 0.9)
    assert energy(hinted, 2.1, 2.5) < 0.8 * energy(plain, 2.1, 2.5)


def test_spans_are_relative_to_the_file_in_every_chunk(loaded, stereo):
    separator = loaded()
    separated(separator, stereo, replace(OPTIONS, spans=(Span(11.0, 12.0),)), start=10 * RATE)
    batch = calls(separator)[0]["batch"]
    tokens = batch.anchor_ids.gather(1, batch.anchor_alignment)[0]
    assert tokens.tolist() == [0] * 25 + [1] * 25 + [0] * 50


def test_predicted_spans_become_anchors_and_are_told(loaded, stereo):
    separator = loaded()
    _, separation = separated(separator, stereo, replace(OPTIONS, predict_spans=True), start=5 * RATE)
    batch = calls(separator)[0]["batch"]
    assert batch.anchor_ids.gather(1, batch.anchor_alignment)[0].tolist() == [1] * 75 + [0] * 25
    assert separation.report()["predicted_spans"] == [{"start": 5.0, "end": 8.0}]


def test_what_the_caller_says_wins_over_what_was_predicted(loaded, stereo):
    separator = loaded()
    separated(separator, stereo, replace(OPTIONS, predict_spans=True, spans=(Span(1.0, 2.0, include=False),)))
    batch = calls(separator)[0]["batch"]
    assert batch.anchor_ids.gather(1, batch.anchor_alignment)[0].tolist() == [1] * 25 + [2] * 25 + [1] * 25 + [0] * 25


def test_a_seed_gives_the_same_target_and_another_one_another(loaded, stereo):
    first, _ = separated(loaded(), stereo, replace(OPTIONS, seed=3))
    again, _ = separated(loaded(), stereo, replace(OPTIONS, seed=3))
    other, _ = separated(loaded(), stereo, replace(OPTIONS, seed=4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_chunks_that_overlap_are_generated_from_the_same_noise(loaded, stereo):
    separator = loaded()
    separated(separator, stereo, start=0)
    separated(separator, stereo, start=RATE)
    early, late = (call["noise"][0] for call in calls(separator)[::2])
    assert torch.equal(early[25:], late[:-25])


def test_the_same_seconds_get_the_same_target_in_every_chunk(loaded):
    sound = (0.1 * np.random.default_rng(2).standard_normal((2, 6 * RATE))).astype(np.float32)
    spans = replace(OPTIONS, spans=(Span(2.5, 3.1), Span(3.5, 4.0, include=False)))
    separator = loaded()
    separation = separator.begin(spans, summary(sound))
    whole = separation.target(Chunk(sound, 0), nothing)
    late = separation.target(Chunk(sound[:, RATE:], RATE), nothing)
    early = separation.target(Chunk(sound[:, : 5 * RATE], 0), nothing)
    inner = slice(2 * RATE, 4 * RATE)
    np.testing.assert_allclose(late[:, RATE : 3 * RATE], whole[:, inner], atol=1e-5)
    np.testing.assert_allclose(early[:, inner], whole[:, inner], atol=1e-5)


def test_the_watermark_is_the_same_in_every_call_and_the_callers_randomness_is_left_alone(loaded, stereo):
    separator = loaded()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    separated(separator, stereo)
    assert torch.equal(torch.rand(1), expected)
    assert len({call["watermark"] for call in calls(separator)}) == 1


def test_acceleration_chooses_the_solver(loaded, stereo):
    separator = loaded()
    for acceleration in Acceleration:
        _, separation = separated(separator, stereo[:1], replace(OPTIONS, acceleration=acceleration))
        assert separation.report()["solver"]["method"] == "midpoint"
    assert [call["ode_opt"]["options"]["step_size"] for call in calls(separator)] == [2 / 16, 2 / 32, 2 / 64]


def test_the_vision_encoder_is_neither_built_nor_read(loaded):
    model = loaded().model._model
    assert model.vision_encoder.dim == 1024
    assert not list(model.vision_encoder.parameters())


def test_several_prompts_go_through_the_model_in_one_call(loaded, stereo, monkeypatch):
    monkeypatch.setitem(backend_module.BATCH, "cpu", 8)
    separator = loaded()
    asked = [separator.begin(SeparationOptions(prompt), summary(stereo)) for prompt in ("piano", "remove the drums")]
    found = targets(separator, asked, Chunk(stereo, 0), nothing)
    assert [call["batch"].descriptions for call in calls(separator)] == [["piano", "piano", "drums", "drums"]]
    alone = separator.begin(SeparationOptions("piano"), summary(stereo)).target(Chunk(stereo, 0), nothing)
    np.testing.assert_allclose(found[0], alone, atol=1e-6)


def test_requests_of_other_solvers_are_called_one_after_the_other(loaded, stereo, monkeypatch):
    monkeypatch.setitem(backend_module.BATCH, "cpu", 8)
    separator = loaded()
    fast = replace(OPTIONS, acceleration=Acceleration.QUALITY)
    targets(separator, [separator.begin(options, summary(stereo)) for options in (OPTIONS, fast)], Chunk(stereo, 0), nothing)
    assert len(calls(separator)) == 2


def test_a_long_chunk_is_generated_in_stretches_that_cross_fade(loaded, monkeypatch):
    monkeypatch.setattr(backend_module, "LONGEST_SECONDS", 2.0)
    monkeypatch.setattr(backend_module, "OVERLAP_SECONDS", 0.4)
    sound = (0.1 * np.random.default_rng(1).standard_normal((1, 5 * RATE))).astype(np.float32)
    separator = loaded()
    pieced, _ = separated(separator, sound)
    assert [call["noise"].shape[1] for call in calls(separator)] == [50, 50, 45]
    monkeypatch.setattr(backend_module, "LONGEST_SECONDS", 90.0)
    whole, _ = separated(separator, sound)
    np.testing.assert_allclose(pieced, whole, atol=1e-4)


def test_candidates_are_ranked_by_the_text_ranker(loaded, stereo):
    separator, asked = loaded(), []

    def ranker(target, mixture, phrase):
        asked.append((phrase, target.shape, mixture.shape))
        return 2.0

    separator._ranker = ranker
    _, separation = separated(separator, stereo, replace(OPTIONS, reranking_candidates=4))
    assert asked == [("lead vocal", (4 * RATE,), (4 * RATE,))]
    assert separation.confidence() == pytest.approx(1 / (1 + np.exp(-2)))


def test_candidates_differ_by_their_noise(loaded, stereo):
    separator = loaded()
    for candidate in (0, 1):
        separator.begin(OPTIONS, summary(stereo), candidate).target(Chunk(stereo[:1], 0), nothing)
    first, second = (call["noise"] for call in calls(separator))
    assert not torch.equal(first, second)


def test_without_a_ranker_candidates_are_compared_all_the_same_and_the_caller_is_told(loaded, stereo):
    _, separation = separated(loaded(), stereo, replace(OPTIONS, reranking_candidates=2))
    assert 0 < separation.confidence() <= 1
    assert "text ranker is not here" in separation.report()["warnings"][0]


def test_without_a_span_predictor_the_caller_is_told(loaded, weights, stereo):
    for file in (weights / "pe-a-frame").iterdir():
        file.unlink()
    (weights / "pe-a-frame").rmdir()
    _, separation = separated(loaded(), stereo, replace(OPTIONS, predict_spans=True))
    assert "span predictor is not here" in separation.report()["warnings"][0]


def test_generated_output_is_what_the_model_made(loaded, stereo, monkeypatch):
    monkeypatch.setenv("RIATA_SAM_AUDIO_OUTPUT", "generated")
    target, separation = separated(loaded(), stereo[:1])
    rest, _ = separated(loaded(), stereo[:1], SeparationOptions("remove the lead vocal"))
    assert separation.report()["output"] == "generated"
    np.testing.assert_allclose(target + rest, stereo[:1], atol=1e-6)
    assert not np.allclose(target, stereo[:1] / 2, atol=1e-6)


def test_a_cancelled_separation_ends_before_the_model_is_called(loaded, stereo):
    def cancelled():
        raise Cancelled("The request was cancelled.")

    separator = loaded()
    with pytest.raises(Cancelled):
        separator.begin(OPTIONS, summary(stereo)).target(Chunk(stereo, 0), cancelled)
    assert calls(separator) == []


def test_a_prompt_without_a_sound_is_refused(loaded, stereo):
    with pytest.raises(PromptRefused, match="names no sound"):
        loaded().begin(SeparationOptions("remove everything"), summary(stereo))


def test_without_the_package_the_deployment_is_told_what_to_do(weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "sam_audio", None)
    with pytest.raises(BackendUnavailable, match="sam_audio package"):
        backends.load("sam-audio", weights=weights)


def test_without_weights_it_says_which_to_pull(tmp_path, monkeypatch):
    monkeypatch.setenv("RIATA_MODELS", str(tmp_path))
    with pytest.raises(BackendUnavailable, match="riata models pull"):
        backends.load("sam-audio")


def test_a_pickle_is_refused(loaded, weights):
    checkpoint = weights / "sam-audio" / "checkpoint.safetensors"
    checkpoint.rename(checkpoint.with_suffix(".pt"))
    with pytest.raises(BackendUnavailable, match="a pickle, which may run code"):
        loaded()


def test_a_pickled_text_encoder_is_refused(loaded, weights):
    (weights / "t5-base" / "model.safetensors").rename(weights / "t5-base" / "pytorch_model.bin")
    with pytest.raises(BackendUnavailable, match="a pickle, which may run code"):
        loaded()


def test_weights_of_another_model_are_refused(loaded, weights):
    (weights / "sam-audio" / "config.json").write_text('{"colour": "blue"}')
    with pytest.raises(BackendUnavailable, match="cannot be loaded"):
        loaded()


def test_the_vector_field_is_evaluated_in_low_precision_and_summed_in_float32():
    seen = []

    def forward(*, noisy_audio):
        product = noisy_audio @ noisy_audio.T
        seen.append(product.dtype)
        return product

    evaluated = package_module._autocast(forward, torch.device("cpu"), torch.bfloat16)
    assert evaluated(noisy_audio=torch.ones(2, 2)).dtype == torch.float32
    assert seen == [torch.bfloat16]
