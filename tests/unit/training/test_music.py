import random

import numpy as np
import pytest
from training.classes import CLASS_OF_PROGRAM, MUSIC
from training.composition import Note, Song
from training.midi_pieces import read
from training.note_library import corrected, measured_pitch
from training.note_sets import NOTE_SETS
from training.singing import sing
from training.speech import Voice
from training.synth_voices import SynthDrums, SynthVoice
from training.workspace import RATE

from riata_separator.backends.riata_small.networks.base import CLASSES


def test_a_song_is_decided_by_its_seed():
    assert Song(7).parts() == Song(7).parts()
    assert Song(7).parts() != Song(8).parts()


def test_every_note_of_a_song_is_playable_and_inside_the_song():
    for seed in range(20):
        song = Song(seed, 12.0)
        for label, notes in song.parts().items():
            assert label in CLASSES
            for note in notes:
                assert 0 <= note.start < song.seconds
                assert note.length > 0
                assert 24 <= note.pitch <= 108 or label == "drums"
                assert 1 <= note.velocity <= 127


def test_programs_belong_to_one_class_each():
    assert set(CLASS_OF_PROGRAM.values()) <= {*MUSIC, "other"} - {"drums"}


def test_held_out_instruments_have_names_of_their_own():
    trained = {notes.name for notes in NOTE_SETS if notes.split == "train"}
    assert not trained & {notes.name for notes in NOTE_SETS if notes.split == "held"}


def _tone(pitch: float, seconds: float = 0.6) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    return sum(np.sin(2 * np.pi * frequency * h * time) / h for h in range(1, 6))


@pytest.mark.parametrize("pitch", [40, 57, 69, 81])
def test_the_pitch_of_a_note_is_measured_to_a_semitone(pitch):
    assert measured_pitch(_tone(pitch)) == pytest.approx(pitch, abs=0.5)


def test_noise_has_no_pitch():
    assert measured_pitch(np.random.default_rng(0).normal(size=RATE)) is None


def test_a_set_named_an_octave_off_is_moved_as_a_whole():
    named, measured = np.array([60.0, 62, 64]), np.array([72.0, np.nan, 76])
    assert corrected(named, measured, unknown=False, index=False).tolist() == [72, 74, 76]


def test_notes_counted_from_an_unknown_start_are_placed_by_ear():
    named, measured = np.array([1.0, 2, 3]), np.array([50.1, 51.0, np.nan])
    assert corrected(named, measured, unknown=False, index=True).tolist() == [50, 51, 52]


def test_octave_names_that_lie_note_by_note_are_corrected_one_by_one():
    named, measured = np.array([60.0, 62, 64, 65]), np.array([60.0, 74, 76, 65])
    assert corrected(named, measured, unknown=False, index=False).tolist() == [60, 74, 76, 65]


@pytest.mark.parametrize("label", [label for label in MUSIC if label != "drums"] + ["other"])
def test_every_class_has_a_synthetic_voice_that_sounds(label):
    x = SynthVoice(label, random.Random(3)).play([Note(0.1, 0.3, 60, 100)], 0.6)
    assert len(x) == int(1.1 * RATE)
    assert np.isfinite(x).all()
    assert np.abs(x).max() > 1e-3
    assert np.abs(x[: int(0.09 * RATE)]).max() < 1e-6


def test_a_drum_machine_hits_where_the_notes_are():
    x = SynthDrums(random.Random(0)).play([Note(0.5, 0.1, 36, 110)], 1.0)
    assert np.abs(x[: int(0.49 * RATE)]).max() == 0
    assert np.abs(x[int(0.5 * RATE) :]).max() > 0.1


def test_a_spoken_voice_sings_the_melody():
    pytest.importorskip("pyworld", reason="the vocoder is compiled on installation: riata[training]", exc_type=ImportError)
    time = np.arange(2 * RATE) / RATE
    spoken = (np.sign(np.sin(2 * np.pi * 120 * time)) * (np.sin(2 * np.pi * 2 * time) > 0)).astype(np.float32) * 0.3
    sung = sing([Note(0.2, 1.2, 57, 100)], 1.6, Voice(spoken), random.Random(1))
    assert len(sung) == int(2.1 * RATE)
    assert measured_pitch(sung[int(0.5 * RATE) :]) % 12 == pytest.approx(57 % 12, abs=0.7)


def test_a_piece_with_a_key_that_does_not_exist_is_refused_as_unreadable(tmp_path):
    track = bytes.fromhex("00ff5902ffff") + bytes.fromhex("00ff2f00")
    piece = tmp_path / "piece.mid"
    piece.write_bytes(b"MThd" + bytes.fromhex("00000006000000010060") + b"MTrk" + len(track).to_bytes(4, "big") + track)
    with pytest.raises(OSError, match="not readable as MIDI"):
        read(piece, 10.0)
