"""The rules of the understanding, one by one."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from riata.errors import PromptAmbiguous, PromptNotUnderstood, RequestError
from riata.understanding import understand
from riata.understanding.classes import CLASSES, MUSIC
from riata.understanding.cli import understand_command
from riata.understanding.spelling import distance

VOICES = ("vocals", "speech")


def test_one_kind_of_voice_alone_means_any_voice():
    assert understand("isolate the lead vocal").wanted == VOICES
    assert understand("the narrator").wanted == VOICES


def test_both_kinds_of_voice_named_are_told_apart():
    found = understand("keep the narrator and remove the singing")
    assert (found.wanted, found.removed) == (("speech",), ("vocals",))


def test_a_song_behind_the_dialogue_is_told_apart_from_it():
    found = understand("remove the music and keep the dialogue")
    assert found.wanted == ("speech",)
    assert set(found.removed) == MUSIC


def test_what_contains_the_wanted_sound_is_the_recording_and_not_the_other_side():
    found = understand("separate the piano from the background music")
    assert (found.wanted, found.removed) == (("piano",), ())
    assert set(found.context) == MUSIC - {"piano"}


def test_what_does_not_contain_it_is_the_other_side():
    found = understand("separate the guitar from the singer")
    assert found.removed == VOICES


def test_everything_but_a_sound_keeps_the_rest():
    found = understand("everything but the drums")
    assert (found.wanted, found.removed, found.rest) == ((), ("drums",), "kept")
    assert set(found.target()) == set(CLASSES) - {"drums"}


def test_a_coarser_answer_is_noted_and_costs_confidence():
    found = understand("isolate the snare")
    assert found.wanted == ("drums",)
    assert "snare → drums" in found.notes
    assert found.confidence < understand("isolate the drums").confidence


def test_an_unseen_word_is_understood_through_its_hypernyms():
    found = understand("isolate the beagle")
    assert found.wanted == ("dog",)
    assert "beagle → dog" in found.notes


def test_a_typo_is_corrected_and_noted():
    found = understand("accoustic guitar")
    assert found.wanted == ("acoustic_guitar",)
    assert any(note.startswith("accoustic → acoustic") for note in found.notes)


@pytest.mark.parametrize("prompt", ["cart", "tablet", "piazza", "dumps"])
def test_a_real_word_is_never_corrected_to_a_sound(prompt):
    with pytest.raises(PromptNotUnderstood):
        understand(prompt)


def test_a_sound_that_is_wanted_and_removed_is_ambiguous():
    with pytest.raises(PromptAmbiguous) as refusal:
        understand("keep the drums and remove the drums")
    assert (refusal.value.code, refusal.value.param) == ("PROMPT_AMBIGUOUS", "input.prompt")


def test_both_kinds_of_guitar_are_told_apart():
    found = understand("electric guitar, not the acoustic one")
    assert (found.wanted, found.removed) == (("electric_guitar",), ("acoustic_guitar",))


def test_what_the_model_cannot_tell_apart_is_ambiguous():
    for prompt in ("remove the snare but keep the kick", "the violin without the cello", "remove the other speaker"):
        with pytest.raises(PromptAmbiguous):
            understand(prompt)


def test_a_refusal_names_the_nearest_sounds():
    with pytest.raises(PromptNotUnderstood) as refusal:
        understand("isolate the cat meowing")
    assert "dog" in refusal.value.message
    assert refusal.value.param == "input.prompt"


def test_a_refusal_names_each_sound_by_one_of_its_names():
    with pytest.raises(PromptNotUnderstood) as refusal:
        understand("the creaking gate")
    assert refusal.value.message.endswith("The nearest sounds are speaking, cawing.")


def test_a_sound_without_a_class_goes_with_the_rest_where_the_rest_is_removed():
    found = understand("remove the coughing and keep the presenter")
    assert (found.wanted, found.removed) == (VOICES, ())
    assert "coughing → goes with the rest" in found.notes


def test_a_verb_of_unknown_polarity_is_refused():
    for prompt in ("yeet the guitar", "obliterate drums"):
        with pytest.raises(PromptNotUnderstood):
            understand(prompt)


def test_other_languages_are_refused_rather_than_guessed():
    with pytest.raises(PromptNotUnderstood, match="English"):
        understand("enlever le piano")


@given(st.text(max_size=500))
def test_any_text_is_either_understood_or_refused(prompt):
    try:
        found = understand(prompt)
    except (PromptNotUnderstood, PromptAmbiguous):
        return
    assert found.target()
    assert 0 < found.confidence <= 1


@given(st.lists(st.sampled_from("keep remove no but drums piano singer everything and from , : not only the noise".split())))
def test_no_order_of_the_grammars_words_breaks_it(words):
    try:
        found = understand(" ".join(words))
    except RequestError:
        return
    assert not set(found.wanted) & set(found.removed)


def test_swapped_neighbours_are_one_slip():
    assert distance("pinao", "piano", 2) == 1
    assert distance("vilion", "violin", 2) == 2
    assert distance("drums", "violin", 2) == 3


def test_the_package_is_light_to_import():
    code = "import sys; import riata.understanding; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "numpy", "boto3", "pydantic", "click", "json.tool", "difflib"} & set(loaded)


def test_the_command_prints_the_understanding_as_json():
    result = CliRunner().invoke(understand_command, ["remove crowd noise and keep the speaker", "--json"])
    printed = json.loads(result.output)
    assert (printed["wanted"], printed["removed"], printed["rest"]) == (list(VOICES), ["crowd"], "removed")


def test_the_command_prints_the_refusal_and_fails():
    result = CliRunner().invoke(understand_command, ["clean this", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["error"]["code"] == "PROMPT_NOT_UNDERSTOOD"
