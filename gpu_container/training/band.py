"""A song as aligned stems: every part is played by a random kind of instrument, then sent through amplifier and room.

python -m training.band songs SPLIT FIRST LAST      composed songs
python -m training.band jazz|metal SPLIT FIRST LAST  composed songs of a genre
python -m training.band midi SPLIT SHARD SHARDS     MIDI pieces
python -m training.band solos SPLIT FIRST LAST      one class alone: two hands, or a whole section
"""

import random
import sys
from pathlib import Path

import numpy as np

from training import physical_models, soundfonts
from training.audio_files import Wave, write
from training.composition import Note, Parts, Song
from training.expression import SOLOISTS, soloist_or_player
from training.genres import GENRES
from training.midi_pieces import collect, read
from training.note_player import DrumPlayer, Library, NotePlayer
from training.rooms import amplified, high_gain, impulse_response, in_room
from training.singing import choir, sing
from training.speech import Voice
from training.synth_voices import SynthDrums, SynthVoice
from training.voices import singers
from training.workspace import RATE, folder, root

FEWEST_NOTES = 6
SOLO_CLASSES = (
    "piano", "strings", "electric_guitar", "acoustic_guitar", "organ", "brass", "woodwind", "piano", "strings",
    "synthesizer", "vocals", "other",
)  # fmt: skip
KINDS = {"train": {"font": 0.42, "notes": 0.33, "synth": 0.15, "model": 0.10}, "held": {"font": 0.5, "notes": 0.5}}
"""Chance that a part is played by a sound font, recorded notes, a synthetic voice, or a physical model."""
VOWEL_CHANCE = 0.12
"""That recorded vowels sing, where there are any."""


class Band:
    """Renders the parts of songs of one split."""

    def __init__(self, split: str) -> None:
        self.split, self.library, self.fonts = split, Library(split), soundfonts.fonts(split)
        self.singers: list[Voice] = singers(split)

    def _kind(self, label: str, choose: random.Random) -> str:
        if label == "vocals" and self.singers:
            chance = choose.random()
            if label in self.library.instruments and chance < VOWEL_CHANCE:
                return "notes"
            return "voice" if chance < 0.85 else "font"
        chances = dict(KINDS[self.split])
        if label not in self.library.instruments:
            chances.pop("notes", None)
        if label not in physical_models.MODELS or not physical_models.available():
            chances.pop("model", None)
        if label == "synthesizer" and "synth" in chances:
            chances["synth"] *= 4
        return choose.choices(list(chances), list(chances.values()))[0]

    def _play(self, kind: str, label: str, notes: list[Note], seconds: float, choose: random.Random) -> Wave | None:
        if kind == "voice":
            if choose.random() < 0.2:
                return choir(notes, seconds, choose.choices(self.singers, k=choose.choice((2, 3, 4))), choose)
            return sing(notes, seconds, choose.choice(self.singers), choose)
        if kind == "model":
            return physical_models.play(label, notes, seconds, choose)
        if label == "drums":
            player: DrumPlayer | SynthDrums = DrumPlayer(self.library, choose) if kind == "notes" else SynthDrums(choose)
            return player.play(notes, seconds)
        if kind == "notes":
            return NotePlayer(self.library, label, choose).play(notes, seconds)
        return SynthVoice(label, choose).play(notes, seconds)

    def _genre_stem(self, genre: str, label: str, notes: list[Note], seconds: float, choose: random.Random) -> Wave | None:
        """A part of a genre song that no font plays: recorded notes are bent by soloists, metal guitars are doubled."""
        kind = self._kind(label, choose)
        if kind == "font" and label in SOLOISTS and label in self.library.instruments:
            kind = "notes"
        if kind == "font":
            return soundfonts.render({label: notes}, seconds, choose.choice(self.fonts), choose).get(label)
        if genre == "metal" and label == "electric_guitar":
            return self._doubled(notes, seconds, choose)
        if kind == "notes" and label != "drums":
            x: Wave | None = soloist_or_player(self.library, label, notes, choose).play(notes, seconds)
        else:
            x = self._play(kind, label, notes, seconds, choose)
        return None if x is None else amplified(x, label, choose)

    def _doubled(self, notes: list[Note], seconds: float, choose: random.Random) -> Wave:
        """Both takes of a rhythm guitar, through amplifiers of high gain."""
        takes = []
        for _ in range(choose.choice((1, 2, 2))):
            player = NotePlayer(self.library, "electric_guitar", choose)
            player.release = choose.uniform(0.015, 0.08)
            takes.append(high_gain(player.play(notes, seconds), choose))
        return np.sum(takes, 0).astype(np.float32)

    def genre_stems(self, genre: str, parts: Parts, seconds: float, seed: str) -> dict[str, Wave]:
        """Aligned stems of a genre song by class, in one room."""
        choose, stems = random.Random(seed), {}
        room = impulse_response(choose)
        for label, notes in sorted(parts.items()):
            x = self._genre_stem(genre, label, notes, seconds, choose) if len(notes) >= FEWEST_NOTES else None
            if x is not None:
                stems[label] = in_room(x, room, choose.uniform(0.05, 0.6) * (0.4 if label == "drums" else 1))
        return stems

    def stems(self, parts: Parts, seconds: float, seed: str) -> dict[str, Wave]:
        """Aligned stems by class; empty when fewer than two parts sound."""
        choose = random.Random(seed)
        parts = {label: notes for label, notes in parts.items() if len(notes) >= FEWEST_NOTES}
        if len(parts) < 2:
            return {}
        room, kinds = impulse_response(choose), {label: self._kind(label, choose) for label in sorted(parts)}
        with_font = {label: parts[label] for label, kind in kinds.items() if kind == "font"}
        stems: dict[str, Wave] = soundfonts.render(with_font, seconds, choose.choice(self.fonts), choose)
        for label in sorted(parts):
            if kinds[label] != "font":
                x = self._play(kinds[label], label, parts[label], seconds, choose)
                if x is not None:
                    stems[label] = amplified(x, label, choose)
            if label in stems:
                stems[label] = in_room(stems[label], room, choose.uniform(0.05, 0.9) * (0.4 if label == "drums" else 1))
        return stems

    def solo(self, label: str, song: Song, seed: str) -> Wave:
        """One class alone for the length of the song."""
        choose = random.Random(seed)
        room, total = impulse_response(choose), np.zeros(int((song.seconds + 0.5) * RATE), np.float32)
        players = [song.melody("vocals")] if label == "vocals" else song.solo(label)
        for notes in players:
            kept = [note for note in notes if note.start < song.seconds - 0.5]
            kind = self._kind(label, choose)
            if kind == "font":
                stem = soundfonts.render({label: kept}, song.seconds, choose.choice(self.fonts), choose).get(label)
            else:
                stem = self._play(kind, label, kept, song.seconds, choose) if kept else None
            if stem is not None:
                total += stem[: len(total)] / (np.abs(stem).max() + 1e-9) * np.float32(choose.uniform(0.4, 1.0))
        return in_room(amplified(total, label, choose), room, choose.uniform(0.05, 0.9))


def _write_song(stems: dict[str, Wave], target: Path) -> None:
    if len(stems) > 1:
        for label, x in stems.items():
            write(target / f"{label}.wav", x)


def main() -> None:
    """Render what the command line names, skipping what is there."""
    mode, split, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    band, songs = Band(split), folder("songs", split)
    if mode == "midi":
        for k, path in enumerate(collect()[split]):
            target = songs / f"midi_{path.stem}"
            if k % last != first or target.exists():
                continue
            try:
                parts = read(path, 40.0)
            except OSError as error:
                print(error, flush=True)
                continue
            _write_song(band.stems(parts, 40.0, f"midi{split}{path.stem}"), target)
        return
    if mode in GENRES:
        for k in (k for k in range(first, last) if not (songs / f"{mode}{k}").exists()):
            piece = GENRES[mode](k + (0 if split == "train" else 900_000))
            stems = band.genre_stems(mode, piece.parts(), piece.seconds, f"{mode}{split}{k}")
            _write_song(stems, songs / f"{mode}{k}")
        return
    for k in range(first, last):
        song = Song(k + (0 if split == "train" else 900_000))
        if mode == "songs" and not (songs / f"song{k}").exists():
            _write_song(band.stems(song.parts(), song.seconds, f"{split}{k}"), songs / f"song{k}")
        elif mode == "solos":
            label = SOLO_CLASSES[k % len(SOLO_CLASSES)]
            target = root() / "clips" / split / f"{label}__solo{k}.wav"
            if not target.exists():
                write(target, band.solo(label, song, f"solo{split}{k}"))


if __name__ == "__main__":
    main()
