"""What SAM-Audio is asked for."""

import pytest

from riata.errors import PromptNotUnderstood
from riata_separator.backends.sam_audio.phrase import Phrase, phrase_for


@pytest.mark.parametrize(
    ("prompt", "phrase"),
    [
        ("isolate the lead vocal", "lead vocal"),
        ("Isolate the Lead Vocal, please!", "lead vocal"),
        ("thunder", "thunder"),
        ("man speaking", "man speaking"),
        ("old lady laughing", "old lady laughing"),
        ("a dog barking in the background", "dog barking"),
        ("separate the piano from the background music", "piano"),
        ("Could you please give me the sound of a creaking door?", "creaking door"),
        ("I only want the cello", "cello"),
        ("vocals and drums", "vocals and drums"),
        ("clear speech", "clear speech"),
        ("electric guitar riff", "electric guitar riff"),
        ("remove crowd noise and keep the speaker", "speaker"),
        ("remove everything but the flute", "flute"),
        ("a car honking while people talk", "car honking"),
    ],
)
def test_a_prompt_becomes_a_lower_case_noun_phrase(prompt, phrase):
    assert phrase_for(prompt) == Phrase(phrase)


@pytest.mark.parametrize(
    ("prompt", "phrase"),
    [
        ("remove the crowd noise", "crowd noise"),
        ("keep everything except the drums", "drums"),
        ("everything but the bass guitar", "bass guitar"),
        ("crowd noise removal", "crowd noise"),
        ("take the singing out", "singing"),
        ("the song without vocals", "vocals"),
        ("no drums", "drums"),
    ],
)
def test_a_removal_asks_for_the_sound_that_is_to_go(prompt, phrase):
    assert phrase_for(prompt) == Phrase(phrase, removed=True)


def test_a_phrase_stays_as_it_is_when_it_is_read_again():
    assert phrase_for(phrase_for("isolate the lead vocal").text).text == "lead vocal"


@pytest.mark.parametrize("prompt", ["remove everything", "please", "!?"])
def test_a_prompt_without_a_sound_is_refused(prompt):
    with pytest.raises(PromptNotUnderstood, match="Say which one"):
        phrase_for(prompt)
