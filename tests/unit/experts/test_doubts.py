"""A prompt that exceeds the model draws a warning, one that does not draws none."""

import pytest

from riata.understanding import understand
from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.doubts import doubts
from riata_separator.backends.riata_small.networks.base import CLASSES

NETWORK = Vocabulary(CLASSES)


@pytest.mark.parametrize(
    "prompt", ["isolate the speaker", "the piano", "separate the piano from the background music", "isolate the guitar", "rain"]
)
def test_nothing_is_doubted_where_the_model_knows_what_the_prompt_names(prompt):
    assert doubts(understand(prompt), NETWORK) == []


@pytest.mark.parametrize(("prompt", "said"), [("the snare", "snare → drums"), ("remove the theremin", "theremin → synthesizer")])
def test_a_sound_finer_than_the_classes_is_said_to_be_taken_for_one(prompt, said):
    (sentence,) = doubts(understand(prompt), NETWORK)
    assert "more than the model knows" in sentence
    assert said in sentence


def test_words_that_were_passed_over_are_doubted():
    assert any("more than the model knows" in sentence for sentence in doubts(understand("my grandmother's voice"), NETWORK))


def test_sounds_that_the_network_cannot_tell_apart_are_named():
    assert doubts(understand("the acoustic guitar"), Vocabulary(("guitar", "piano"))) == [
        "The model cannot tell acoustic guitar from electric guitar: it takes both."
    ]
    assert doubts(understand("the acoustic guitar"), NETWORK) == []


def test_a_class_that_the_network_lacks_is_named():
    (sentence,) = doubts(understand("rain"), Vocabulary(("piano", "drums")))
    assert "does not know weather and water" in sentence
