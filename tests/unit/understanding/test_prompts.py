"""The frozen prompts: written before the parser, by reading what people ask separation tools for.

``prompts.json`` holds what each of them means: wanted and removed classes and the rest, or the code of the refusal.
"Vocals" or "the narrator" alone stands for any voice; naming a group (music, instruments, background noise) names its
classes; a sound without a class is refused.
"""

import json
import time
from pathlib import Path

import pytest

from riata.errors import RequestError
from riata.understanding import understand
from riata.understanding.classes import CLASSES

PROMPTS = json.loads(Path(__file__).with_name("prompts.json").read_text(encoding="utf-8"))


def answer(prompt: str) -> "tuple[list[str], list[str], str] | str":
    try:
        found = understand(prompt)
    except RequestError as error:
        return error.code
    return list(found.wanted), list(found.removed), found.rest


def expected(case: dict) -> "tuple[list[str], list[str], str] | str":
    return case.get("refused") or (case["wanted"], case["removed"], case["rest"])


def test_the_set_is_large_and_names_only_known_classes():
    assert len(PROMPTS) >= 400
    assert len({case["prompt"] for case in PROMPTS}) == len(PROMPTS)
    named = {name for case in PROMPTS for name in case.get("wanted", []) + case.get("removed", [])}
    assert named <= set(CLASSES) - {"other"}


def test_ninety_seven_percent_are_understood_exactly(record_property):
    exact = [answer(case["prompt"]) == expected(case) for case in PROMPTS]
    share = sum(exact) / len(exact)
    record_property("exact", share)
    print(f"{sum(exact)} of {len(exact)} prompts exact: {100 * share:.2f} %")
    assert share >= 0.97


def test_hardly_any_prompt_is_answered_wrongly():
    wrong = [c["prompt"] for c in PROMPTS if not isinstance(answer(c["prompt"]), str) and answer(c["prompt"]) != expected(c)]
    print(f"answered wrongly: {wrong}")
    assert len(wrong) <= 0.01 * len(PROMPTS)


def test_nearly_all_that_must_be_refused_is_refused():
    must = [case for case in PROMPTS if "refused" in case]
    assert [case["prompt"] for case in must if not isinstance(answer(case["prompt"]), str)] == []


@pytest.mark.parametrize("prompt", ["clean this", "make better", "remove noise"])
def test_the_weak_prompts_of_the_contract_are_refused(prompt):
    assert answer(prompt) == "PROMPT_NOT_UNDERSTOOD"


def test_a_prompt_takes_less_than_five_milliseconds():
    answer("kazzoo")
    start = time.perf_counter()
    for case in PROMPTS:
        answer(case["prompt"])
    assert (time.perf_counter() - start) / len(PROMPTS) < 0.005
