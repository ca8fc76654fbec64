"""What the embedded backend says of its understanding and of missing experts."""

import pytest

from riata.domain.options import SeparationOptions, Span
from riata.errors import PromptRefused
from riata_separator.backends.riata_small.backend import RiataSmall
from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator
from riata_separator.backends.riata_small.networks.on_torch import TorchNetwork
from riata_separator.compute import Compute, Runtime
from riata_separator.separator import Summary

SUMMARY = Summary(44_100, 2, 44_100, 0.5, 0.1)


@pytest.fixture(scope="module")
def alone() -> RiataSmall:
    compute = Compute(Runtime.TORCH, threads=1, batch=4)
    return RiataSmall(TorchNetwork(ClassSeparator(), compute), compute)


def test_without_an_expert_the_result_says_so_and_how_to_get_it(alone):
    report = alone.begin(SeparationOptions("isolate the lead vocal"), SUMMARY).report()
    assert report["experts"] == []
    for name in ("voice", "speech"):
        assert any(f"riata models pull {name}" in warning for warning in report["warnings"])


def test_nothing_is_said_of_experts_that_the_prompt_does_not_need(alone):
    report = alone.begin(SeparationOptions("separate the drums from the bass"), SUMMARY).report()
    assert not any("expert" in warning for warning in report["warnings"])


def test_the_understanding_is_returned_and_said(alone):
    report = alone.begin(SeparationOptions("isolate the snare"), SUMMARY).report()
    assert report["understood"]["wanted"] == ["drums"]
    assert report["notes"] == ["Understood: wanted drums; the rest is removed (snare → drums)."]


def test_a_prompt_that_is_refused_late_keeps_its_code(alone):
    with pytest.raises(PromptRefused) as refusal:
        alone.begin(SeparationOptions("make better"), SUMMARY)
    assert refusal.value.code == "PROMPT_NOT_UNDERSTOOD"


def test_a_prompt_beyond_the_model_is_warned_of_in_the_result(alone):
    warnings = alone.begin(SeparationOptions("isolate the theremin"), SUMMARY).report()["warnings"]
    assert any("more than the model knows" in warning and "theremin → synthesizer" in warning for warning in warnings)
    assert not any("more than" in w for w in alone.begin(SeparationOptions("isolate the drums"), SUMMARY).report()["warnings"])


def test_an_unsure_result_advises_what_the_request_can_change(alone):
    by_name = alone.begin(SeparationOptions("isolate the drums"), SUMMARY).report()["warnings"]
    by_spans = alone.begin(SeparationOptions("the zorp", spans=(Span(0.2, 0.8),)), SUMMARY).report()["warnings"]
    assert any("Name it differently." in warning for warning in by_name)
    assert any("Include more of where it sounds" in warning for warning in by_spans)
    assert not any("Name it differently." in warning for warning in by_spans)
