"""Plans and the product of experts."""

import pytest
import torch

from riata.errors import BackendUnavailable, PromptNotUnderstood
from riata_separator.backends.riata_small import plan as planning
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.exponents import Exponents
from riata_separator.backends.riata_small.fusion import expert_shares, fused_mask, grouped, power_share
from riata_separator.backends.riata_small.networks.base import CLASSES


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)


def plan_for(prompt, exponents=planning.PLAIN):
    return planning.plan_for(prompt, Vocabulary(CLASSES), exponents)


def masked(shares, experts, plan):
    product, members = grouped(plan, experts, CLASSES)
    summed = torch.einsum("gc,cbft->gbft", torch.from_numpy(members), shares)
    return fused_mask(summed, experts, product, torch.ones_like(shares[0]))


FLAT = torch.full((len(CLASSES), 1, 3, 2), 1 / len(CLASSES))


def test_experts_are_asked_only_where_they_judge_the_sides_differently():
    assert plan_for("separate the drums from the bass").experts == ()
    assert plan_for("separate the piano from the background music").experts == ("voice",)
    assert plan_for("isolate the lead vocal").experts == ("voice", "speech")
    assert plan_for("remove crowd noise and keep the speaker").experts == ("voice", "speech")


def test_where_both_sides_are_named_nothing_else_competes():
    plan = plan_for("remove crowd noise and keep the speaker")
    assert plan.competing == {"vocals", "speech", "crowd"}
    assert plan_for("isolate the speaker").competing == set(CLASSES)


def test_everything_but_a_sound_is_the_complement_of_the_sound():
    assert plan_for("everything but the drums").wanted == set(CLASSES) - plan_for("the drums").wanted


def test_a_named_group_gives_no_hint_that_all_of_it_is_there():
    assert plan_for("remove the music and keep the dialogue").hinted == {"speech"}
    assert plan_for("separate the guitar from the singer").hinted == {"electric_guitar", "acoustic_guitar", "vocals", "speech"}


def test_a_prompt_that_is_not_understood_gives_no_plan():
    with pytest.raises(PromptNotUnderstood):
        plan_for("make better")


def test_without_experts_the_mask_is_the_sum_of_the_wanted_shares():
    mask = masked(FLAT, {}, plan_for("isolate the speaker"))
    torch.testing.assert_close(mask, torch.full((1, 3, 2), 2 / len(CLASSES)))


def test_experts_pull_the_mask_to_what_they_are_sure_of():
    plan = plan_for("isolate the speaker")
    sure, against = torch.ones(1, 3, 2), torch.zeros(1, 3, 2)
    unasked = masked(FLAT, {}, plan)
    assert (masked(FLAT, {"voice": sure, "speech": sure}, plan) > 2 * unasked).all()
    assert (masked(FLAT, {"voice": against, "speech": against}, plan) < unasked / 10).all()


def test_classes_that_are_treated_alike_are_summed_by_the_network():
    product, members = grouped(plan_for("isolate the piano"), (), CLASSES)
    assert len(product.groups) == 2
    torch.testing.assert_close(torch.from_numpy(members.sum(0)), torch.ones(len(CLASSES)))


def test_target_and_complement_share_every_bin():
    shares = torch.rand(len(CLASSES), 2, 5, 4).softmax(0)
    experts = {"voice": torch.rand(2, 5, 4), "speech": torch.rand(2, 5, 4)}
    one = masked(shares, experts, plan_for("the drums"))
    other = masked(shares, experts, plan_for("everything but the drums"))
    torch.testing.assert_close(one + other, torch.ones_like(one))


FITTED = Exponents(
    voice_vocals=1.5, voice_ambient=0.5, speech_others=1.3, certainty=1.5, unsure=0.3, prior=1.5, voice_certainty=0.6,
    voice_prior=1.0, voice_followed=0.4,
)  # fmt: skip


@pytest.mark.parametrize("exponents", [Exponents(), FITTED])
@pytest.mark.parametrize("sound", ["singer", "dog", "piano"])
def test_a_prompt_and_its_opposite_share_every_bin_whatever_the_exponents(exponents, sound):
    shares = torch.rand(len(CLASSES), 2, 5, 4).softmax(0)
    experts = {"voice": torch.rand(2, 5, 4), "speech": torch.rand(2, 5, 4)}
    one, other = (masked(shares, experts, plan_for(p, exponents)) for p in (f"the {sound}", f"everything but the {sound}"))
    torch.testing.assert_close(one + other, torch.ones_like(one))


def test_the_mask_of_any_voice_follows_the_voice_expert_and_that_of_nothing_else():
    shares, followed = torch.rand(len(CLASSES), 2, 5, 4).softmax(0), Exponents(voice_followed=1.0)
    experts = {"voice": torch.rand(2, 5, 4), "speech": torch.rand(2, 5, 4)}
    torch.testing.assert_close(masked(shares, experts, plan_for("isolate the vocals", followed)), experts["voice"])
    torch.testing.assert_close(masked(shares, experts, plan_for("remove the vocals", followed)), 1 - experts["voice"])
    for prompt in ("isolate the piano", "remove crowd noise and keep the speaker", "isolate the vocals and the drums"):
        torch.testing.assert_close(masked(shares, experts, plan_for(prompt, followed)), masked(shares, experts, plan_for(prompt)))
    torch.testing.assert_close(
        masked(shares, {}, plan_for("isolate the vocals", followed)), masked(shares, {}, plan_for("isolate the vocals"))
    )


def test_a_prior_is_given_to_what_one_side_names_and_to_nothing_else():
    shares = torch.rand(len(CLASSES), 2, 5, 4).softmax(0)
    for prompt, change in (("the piano", 1), ("everything but the piano", -1), ("remove the drums and keep the piano", 0)):
        plain, prior = (masked(shares, {}, plan_for(prompt, e)) for e in (Exponents(), Exponents(prior=1.0)))
        assert ((prior - plain).sign() == change).all()


def decidedness(mask):
    return (mask - 0.5).abs()


def test_certainty_counts_where_much_is_found_and_its_lack_where_little_is():
    clear = torch.full((len(CLASSES), 1, 3, 2), 0.2 / (len(CLASSES) - 1))
    clear[CLASSES.index("piano")] = 0.8
    much, little = plan_for("the piano", Exponents(certainty=2.0)), plan_for("the piano", Exponents(unsure=0.5))
    plain = plan_for("the piano")
    assert (decidedness(masked(clear, {}, much)) > decidedness(masked(clear, {}, plain)) + 0.05).all()
    torch.testing.assert_close(masked(clear, {}, little), masked(clear, {}, plain), atol=0.02, rtol=0)
    assert (decidedness(masked(FLAT, {}, little)) < decidedness(masked(FLAT, {}, plain)) - 0.05).all()
    torch.testing.assert_close(masked(FLAT, {}, much), masked(FLAT, {}, plain), atol=0.02, rtol=0)


def test_of_both_sides_and_of_groups_the_plain_product_decides():
    shares = torch.rand(len(CLASSES), 2, 5, 4).softmax(0)
    for prompt in ("remove the drums and keep the piano", "only the instruments"):
        torch.testing.assert_close(masked(shares, {}, plan_for(prompt, FITTED)), masked(shares, {}, plan_for(prompt)))


def test_what_is_hardly_found_is_silenced_and_its_opposite_left_whole():
    shares = torch.full_like(FLAT, 1e-4)
    shares[CLASSES.index("organ")] = 1 - 1e-4 * (len(CLASSES) - 1)
    gated = Exponents(certainty=0.5, prior=2.0, presence=-40.0, silencing=8.0)
    assert masked(shares, {}, plan_for("the piano", gated)).max() < 1e-3
    assert masked(shares, {}, plan_for("everything but the piano", gated)).min() > 0.999
    assert masked(shares, {}, plan_for("the organ", gated)).min() > 0.99


def test_each_window_is_judged_by_its_own_level():
    shares = torch.full((len(CLASSES), 2, 3, 2), 1e-4)
    shares[CLASSES.index("organ"), 0] = shares[CLASSES.index("piano"), 1] = 1 - 1e-4 * (len(CLASSES) - 1)
    absent, present = masked(shares, {}, plan_for("the piano", Exponents(presence=-40.0)))
    assert absent.max() < 1e-3
    assert present.min() > 0.99


def test_exponents_come_back_from_the_metadata_of_weights():
    assert Exponents.of(FITTED.as_metadata()) == FITTED
    assert Exponents.of({}) == Exponents()


@pytest.mark.parametrize("named", ['{"loudness": 1}', '{"prior": "high"}', "[1]", "{"])
def test_exponents_that_are_none_are_refused(named):
    with pytest.raises(BackendUnavailable, match="exponents"):
        Exponents.of({"fusion": named})


def test_a_mono_expert_speaks_for_all_channels():
    windows = torch.randn(2, 2, 4096)

    def stft(x):
        return torch.stft(x, 512, 256, window=torch.hann_window(512), return_complex=True)

    estimates = {"voice": windows * 0.5, "speech": windows.mean(1, keepdim=True)}
    shares = expert_shares(windows, estimates, stft)
    assert shares["voice"].shape == shares["speech"].shape == stft(windows.flatten(0, 1)).shape
    torch.testing.assert_close(shares["voice"], torch.full_like(shares["voice"], 0.5))
    assert (shares["speech"] > 0.99).float().mean() > 0.95
    assert power_share(torch.zeros(1, 3, 2, dtype=torch.complex64), torch.ones(1, 3, 2, dtype=torch.complex64)).max() == 0
