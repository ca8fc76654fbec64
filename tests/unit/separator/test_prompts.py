import pytest

from riata_separator.backends.riata_small.classes import CLASSES, MUSIC
from riata_separator.backends.riata_small.grammar import parse
from riata_separator.backends.riata_small.prompts import understand


def wanted(prompt: str) -> set[str]:
    wish = parse(prompt)
    assert wish is not None
    return set(wish.wanted)


@pytest.mark.parametrize(
    ("prompt", "classes"),
    [
        ("separate the piano from the background music", {"piano"}),
        ("isolate the lead vocal", {"vocals"}),
        ("extract the dog bark from the street recording", {"dog"}),
        ("remove crowd noise and keep the speaker", {"speech"}),
        ("everything but the drums", set(CLASSES) - {"drums"}),
        ("remove everything except the bass guitar", {"bass"}),
        ("remove the music and keep the vocals", {"vocals"}),
        ("keep the music", set(MUSIC)),
    ],
)
def test_the_grammar_reads_what_people_ask_for(prompt, classes):
    assert wanted(prompt) == classes


@pytest.mark.parametrize("prompt", ["", "1234", "the zorblax of quonk"])
def test_a_prompt_without_a_known_sound_is_left_to_the_encoder(prompt):
    assert parse(prompt) is None


def test_naming_one_kind_of_voice_means_any_voice():
    assert {"speech", "vocals"} <= understand("isolate the singer", encoder=None).wanted


def test_keeping_the_music_does_not_keep_the_speech():
    assert "speech" not in understand("keep the music", encoder=None).wanted
