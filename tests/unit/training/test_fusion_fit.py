"""The fit of the exponents and its table, on made-up answers."""

from dataclasses import replace

import pytest
import torch
from training import development_bench, fusion_fit
from training.bench_manifest import Mixture
from training.fusion_cases import Case, prompt_of, turned_down
from training.fusion_fit import Asked, asked, fit, left_out, loss, scores
from training.kept import KeptExpert

from riata_separator.backends.riata_small.exponents import PLAIN
from riata_separator.backends.riata_small.networks.base import CLASSES

BINS = 400


def case(number: int, state: str = "present") -> Case:
    """A voice over a piano, in bins of their own; the network hardly hears a difference, the experts do."""
    generator = torch.Generator().manual_seed(number)
    voice = torch.rand(BINS, generator=generator) < 0.4
    shares = torch.full((len(CLASSES), BINS), 0.05)
    shares[CLASSES.index("speech")] = torch.where(voice, 0.3, 0.1)
    shares[CLASSES.index("piano")] = torch.where(voice, 0.1, 0.3)
    shares = shares / shares.sum(0)
    power = torch.rand(BINS, generator=generator) + 0.1
    sounds = power * voice if state != "absent" else torch.zeros(BINS)
    expert = torch.where(voice, 0.8, 0.3)
    label = "speech" if state != "absent" else "organ"
    return Case(
        prompt_of(label), "speech", f"speaker {number % 5}", state, False, shares, {"voice": expert, "speech": expert},
        power, sounds, sounds.clone(),
    )  # fmt: skip


@pytest.fixture
def cases(monkeypatch) -> list[Asked]:
    monkeypatch.setattr(fusion_fit, "STEPS", 12)
    return [asked(CLASSES, case(n, state)) for n in range(10) for state in ("present", "absent", "quiet")]


def test_the_fit_lowers_its_loss_and_wins_on_sources_that_it_was_not_shown(cases, monkeypatch):
    monkeypatch.setattr(fusion_fit, "VOICE_FOLLOWED", 0.0)
    fitted = fit(cases)
    assert loss(cases, fitted) < loss(cases, PLAIN)
    plain, others = scores([(one, PLAIN) for one in cases]), scores(left_out(cases))
    assert others["all"] > plain["all"]


def test_every_case_is_fused_without_its_source(cases, monkeypatch):
    shown = []
    monkeypatch.setattr(fusion_fit, "fit", lambda some: shown.append({one.case.source for one in some}) or PLAIN)
    pairs = left_out(cases)
    assert len(pairs) == len(cases)
    assert len(shown) == 5
    assert all(len(sources) == 4 for sources in shown)


def test_nearly_all_that_is_there_counts_as_heard_and_none_of_it_as_surely_absent(monkeypatch):
    monkeypatch.setattr(fusion_fit, "STEPS", 2)
    presences = torch.linspace(-2, 4, 25)
    heard = [asked(CLASSES, replace(case(n), presence=torch.full((len(CLASSES),), float(p)))) for n, p in enumerate(presences)]
    by = fit([*heard, *(asked(CLASSES, replace(case(n, "absent"), presence=torch.full((len(CLASSES),), -6.0))) for n in range(3)),
              asked(CLASSES, case(0, "quiet"))])  # fmt: skip
    unbounded = replace(by, ear_heard=PLAIN.ear_heard, ear_kept=PLAIN.ear_kept)
    found = [p + by.ear_found * max(-20.0, float(one.level(one.mask(unbounded)))) for p, one in zip(presences, heard, strict=True)]
    assert sum(value < by.ear_heard for value in found) == 2
    assert by.ear_absent < -2


def test_without_an_ear_its_exponents_change_nothing(cases):
    by = fit(cases)
    assert (by.ear_doubt, by.ear_heard, by.ear_kept) == (PLAIN.ear_doubt, PLAIN.ear_heard, PLAIN.ear_kept)


def test_a_mask_of_ones_neither_improves_nor_changes_the_level(cases):
    whole = torch.ones(BINS)
    assert cases[0].gain(whole) == 0
    assert cases[0].level(whole) == pytest.approx(0, abs=1e-3)
    assert cases[0].scale(whole) == pytest.approx(0, abs=1e-3)


def rows() -> list[dict]:
    gain = {"own": 3.0, "voice": 6.0, "speech": 5.0, "plain": 5.5, "fused": 7.0, "oracle": 12.0}
    level = {"own": -10.0, "plain": -15.0, "fused": -25.0}
    present = {"kind": "speech", "target": "speech", "state": "present", "voiceless": False, "input": -1.0, "gain": gain}
    return [
        present | {"level": level, "scale": level},
        {**present, "state": "absent", "gain": {}, "level": level, "scale": level},
        {**present, "state": "quiet", "gain": {}, "level": level, "scale": {"own": -3.0, "plain": -30.0, "fused": -5.0}},
    ]


def test_the_table_has_a_row_for_every_kind_and_promise():
    text = development_bench.markdown(rows())
    assert "| speech | 1 | -1.0 [-1.0, -1.0] | 3.0 [3.0, 3.0] |" in text
    assert "without any voice" not in text
    assert "percussive" not in text, "a column without values"
    assert "| absent: at least 20 dB below the mixture | 1 |  | 0 % |  |  | 0 % | 100 % |  |" in text
    assert "| present at -15 dB: muted | 1 |  | 0 % |  |  | 100 % | 0 % |  |" in text
    assert "Never below the voice expert (Spleeter) by more than 0.3 dB in the mean: **true** (1.0 [1.0, 1.0] dB, n = 1)" in text


def test_a_fusion_that_is_behind_its_expert_is_called_so():
    behind = rows()
    behind[0]["gain"] = behind[0]["gain"] | {"fused": 5.0}
    assert "(Spleeter) by more than 0.3 dB in the mean: **false** (-1.0" in development_bench.markdown(behind)


class Counting:
    """An expert that halves, and counts."""

    name, sample_rate, context = "half", 16_000, 0.0
    calls = 0

    def estimate(self, mixture, start, total, checkpoint):
        self.calls += 1
        return mixture / 2


def test_an_expert_hears_every_mixture_once(tmp_path, monkeypatch):
    monkeypatch.setenv("RIATA_TRAINING_DIR", str(tmp_path))
    expert = Counting()
    mixtures = [torch.full((1, 100), level).numpy() for level in (1.0, 2.0)]
    for _ in range(2):
        kept = KeptExpert(expert, "abc")
        assert [float(kept.estimate(x, 0, 100, lambda: None)[0, 0]) for x in mixtures] == [0.5, 1.0]
    assert expert.calls == 2


def test_sampled_bins_keep_the_sums_and_are_the_same_for_all_questions_to_a_mixture(monkeypatch):
    whole = replace(case(1), reference=case(1).mixture.clone())
    few, others = whole.sampled(), replace(whole, shares=whole.shares.flip(0)).sampled()
    assert float(few.mixture.sum()) == pytest.approx(float(whole.mixture.sum()), rel=0.05)
    assert torch.equal(few.mixture, others.mixture)


def test_the_quiet_target_is_fifteen_decibels_below_the_rest():
    samples, reference = torch.randn(8000).numpy(), torch.randn(8000).numpy()
    quiet = turned_down(Mixture("speech", "speech", samples + reference, reference, frozenset({"speech"})))
    rest = quiet.samples - quiet.reference
    assert 10 * torch.log10(torch.tensor((quiet.reference @ quiet.reference) / (rest @ rest))) == pytest.approx(-15, abs=0.01)
