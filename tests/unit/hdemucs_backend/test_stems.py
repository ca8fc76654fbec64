"""Which stems a prompt gets."""

import pytest

from riata.errors import PromptNotUnderstood
from riata_separator.backends.hdemucs.stems import stems_for


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("isolate the vocals", {"vocals"}),
        ("drums", {"drums"}),
        ("bass guitar", {"bass"}),
        ("other", {"other"}),
        ("keep the other instruments", {"other"}),
        ("drums and bass", {"drums", "bass"}),
        ("remove the vocals", {"drums", "bass", "other"}),
        ("instrumental", {"drums", "bass", "other"}),
        ("everything but the drums", {"bass", "other", "vocals"}),
        ("the whole band", {"drums", "bass", "other", "vocals"}),
    ],
)
def test_a_prompt_in_terms_of_the_stems_gets_them(prompt, stems):
    assert stems_for(prompt) == stems


@pytest.mark.parametrize(("prompt", "wrong"), [("piano", "piano"), ("drums and guitar", "guitar"), ("dog barking", "dog"),
                                               ("remove the strings", "strings")])  # fmt: skip
def test_a_sound_that_is_no_stem_is_refused_with_what_the_model_can_do(prompt, wrong):
    with pytest.raises(PromptNotUnderstood, match=f"vocals, drums, bass.*but not .*{wrong}"):
        stems_for(prompt)


def test_a_prompt_that_names_no_sound_is_refused():
    with pytest.raises(PromptNotUnderstood):
        stems_for("asdf qwer")
