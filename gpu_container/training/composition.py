"""Algorithmic songs: chord progressions, bass lines, drum patterns, comping and melodies, one note list per class.

The music is plain, but the parts of a song share key, tempo and metre, which is what makes a mixture of real music hard.
"""

import random
from typing import NamedTuple

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
PROGRESSIONS = (
    (0, 4, 5, 3), (0, 3, 4, 3), (0, 5, 3, 4), (1, 4, 0, 0), (0, 6, 5, 4), (0, 2, 3, 4),
    (5, 3, 0, 4), (0, 0, 3, 3, 0, 0, 4, 3), (0, 3, 0, 4), (3, 4, 2, 5), (0, 5, 1, 4),
)  # fmt: skip
GUITARS = ("electric_guitar", "acoustic_guitar")
MELODIC = ("woodwind", "brass", "strings", "synthesizer", *GUITARS, "vocals", "vocals", "piano", "organ", "other")
COMPING = ("piano", *GUITARS, *GUITARS, "organ", "synthesizer", "strings", "piano", "other")
SUSTAINED = ("strings", "synthesizer", "organ", "vocals", "brass")
REGISTER = {
    "woodwind": 74, "brass": 64, "strings": 67, "synthesizer": 70, "electric_guitar": 64,
    "acoustic_guitar": 62, "vocals": 64, "piano": 69, "organ": 66, "other": 72,
}  # fmt: skip


class Note(NamedTuple):
    """One note: start and length in seconds, MIDI pitch, velocity 1–127."""

    start: float
    length: float
    pitch: int
    velocity: int


Parts = dict[str, list[Note]]


class Song:
    """One random piece of `seconds`, decided by `seed` alone."""

    def __init__(self, seed: int, seconds: float = 24.0) -> None:
        self.random = random.Random(seed)
        self.seconds = seconds
        self.beat = 60.0 / self.random.uniform(68, 165)
        self.beats_per_bar = self.random.choice((4, 4, 4, 3))
        self.scale = SCALES[self.random.choice(list(SCALES))]
        self.key = self.random.randint(0, 11)
        self.progression = self.random.choice(PROGRESSIONS)
        self.seventh = self.random.random() < 0.35
        self.swing = self.random.choice((0, 0, 0, 0.16))
        self.bars = max(2, int(seconds / (self.beat * self.beats_per_bar)))

    def pitch(self, degree: int, around: int) -> int:
        """MIDI pitch of a scale degree in the octave nearest to `around`."""
        pitch = self.key + 12 * (degree // 7) + self.scale[degree % 7]
        return pitch + 12 * round((around - pitch) / 12)

    def chord(self, bar: int, around: int) -> list[int]:
        """Pitches of the bar's chord, lowest first."""
        degree = self.progression[bar % len(self.progression)]
        tones = (0, 2, 4, 6) if self.seventh else (0, 2, 4)
        return sorted(self.pitch(degree + tone, around + tone) for tone in tones)

    def note(self, out: list[Note], bar: int, beat: float, length: float, pitch: int, velocity: float) -> None:
        """Append a note at a beat of a bar, swung and slightly human."""
        if self.swing and abs(beat % 1 - 0.5) < 0.01:
            beat += self.swing
        start = (bar * self.beats_per_bar + beat) * self.beat + self.random.gauss(0, 0.006)
        loud = int(min(127, max(20, velocity + self.random.gauss(0, 7))))
        out.append(Note(max(0.0, start), max(0.05, length * self.beat), min(108, max(24, pitch)), loud))

    def active(self, rest: float = 0.12) -> list[bool]:
        """Which bars a part plays in: rests come in blocks of two bars."""
        blocks = [self.random.random() > rest for _ in range(self.bars // 2 + 1)]
        return [blocks[bar // 2] for bar in range(self.bars)]

    def drums(self) -> list[Note]:
        """A drum pattern with fills, in General MIDI drum notes."""
        out: list[Note] = []
        choice, chance = self.random.choice, self.random.random
        kick = {0.0} | set(self.random.sample([1.5, 2.0, 2.5, 3.5, 0.75, 1.0, 3.0], self.random.randint(1, 3)))
        snare = {1.0, 3.0} if chance() < 0.75 else {2.0}
        step, hat = choice((0.5, 0.5, 0.25, 1.0)), choice((42, 42, 51, 46, 44, 70, 54))
        for bar in (bar for bar, on in enumerate(self.active(0.08)) if on):
            for k in range(int(self.beats_per_bar / step)):
                self.note(out, bar, k * step, 0.2, hat, 92 if k % 2 == 0 else 70)
            for beat in (beat for beat in sorted(kick) if beat < self.beats_per_bar and chance() < 0.95):
                self.note(out, bar, beat, 0.2, 36, 108)
            for beat in (beat for beat in sorted(snare) if beat < self.beats_per_bar):
                self.note(out, bar, beat, 0.2, choice((38, 38, 38, 40, 39)), 106)
            if bar % 4 == 0:
                self.note(out, bar, 0, 1, 49, 100)
            if bar % 4 == 3 and chance() < 0.7:
                for k in range(self.random.randint(3, 8)):
                    drum = choice((41, 43, 45, 47, 48, 50, 38))
                    self.note(out, bar, self.beats_per_bar - 1 + (k % 4) * 0.25, 0.2, drum, 98)
        return out

    def bass(self) -> list[Note]:
        """A bass line in one of six styles."""
        out: list[Note] = []
        style = self.random.choice(("eighths", "root_fifth", "octaves", "walking", "long", "syncopated"))
        beats = self.beats_per_bar
        for bar in (bar for bar, on in enumerate(self.active()) if on):
            degree = self.progression[bar % len(self.progression)]
            root = self.pitch(degree, 38)
            if style in ("eighths", "octaves"):
                for k in range(2 * beats):
                    self.note(out, bar, k * 0.5, 0.42, root + 12 * (k % 2) * (style == "octaves"), 95)
            elif style == "root_fifth":
                for k in range(beats):
                    self.note(out, bar, k, 0.8, root if k % 2 == 0 else self.pitch(degree + 4, root + 5), 98)
            elif style == "walking":
                for k in range(beats):
                    step = (0, 2, 4, 5, 6)[k % 5] * self.random.choice((1, 1, -1))
                    self.note(out, bar, k, 0.9, self.pitch(degree + step, root + 3), 95)
            elif style == "long":
                self.note(out, bar, 0, beats * 0.95, root, 98)
            else:
                for beat in (beat for beat in (0, 1.5, 2.5, 3) if beat < beats):
                    self.note(out, bar, beat, 0.6, root, 98)
        return out

    def comp(self, name: str) -> list[Note]:
        """Accompanying chords: blocks, arpeggios, strums, off-beats or sixteenths."""
        out: list[Note] = []
        style = self.random.choice(("block", "arpeggio", "strum", "offbeat", "sixteenths"))
        if name in GUITARS and self.random.random() < 0.6:
            style = self.random.choice(("strum", "power", "arpeggio"))
        centre, beats = REGISTER.get(name, 62) - self.random.choice((0, 5, 12)), self.beats_per_bar
        for bar in (bar for bar, on in enumerate(self.active(0.18)) if on):
            chord = self.chord(bar, centre)
            if style == "block":
                for beat in self.random.choice(([0, 2], [0], [0, 1, 2, 3], [0, 1.5, 3])):
                    for pitch in chord if beat < beats else ():
                        self.note(out, bar, beat, 1.2, pitch, 82)
            elif style == "power":
                root = self.pitch(self.progression[bar % len(self.progression)], 45)
                for k in range(2 * beats):
                    for pitch in (root, root + 7, root + 12):
                        self.note(out, bar, k * 0.5, self.random.choice((0.2, 0.48)), pitch, 92)
            elif style == "arpeggio":
                line = [*chord, chord[0] + 12, *chord[::-1]]
                for k in range(2 * beats):
                    self.note(out, bar, k * 0.5, self.random.choice((0.5, 1.0)), line[k % len(line)], 84)
            elif style == "strum":
                for k in (k for k in range(2 * beats) if self.random.random() < 0.7):
                    for i, pitch in enumerate([*chord, chord[0] + 12]):
                        self.note(out, bar, k * 0.5 + i * 0.02, 0.45, pitch, 84 if k % 2 == 0 else 70)
            elif style == "offbeat":
                for k in range(beats):
                    for pitch in chord:
                        self.note(out, bar, k + 0.5, 0.35, pitch, 84)
            else:
                for k in range(4 * beats):
                    self.note(out, bar, k * 0.25, 0.25, chord[(k * 2) % len(chord)] + 12 * (k % 3 == 0), 80)
        return out

    def pad(self, name: str) -> list[Note]:
        """Chords held for whole bars."""
        out: list[Note] = []
        for bar in (bar for bar, on in enumerate(self.active(0.15)) if on):
            for pitch in self.chord(bar, REGISTER.get(name, 64)):
                self.note(out, bar, 0, self.beats_per_bar * 0.98, pitch, 78)
        return out

    def melody(self, name: str) -> list[Note]:
        """A tune of three rhythmic motifs that walks the scale and meets the chord on strong beats."""
        out: list[Note] = []
        choice = self.random.choice
        motifs = [[choice((0.5, 0.5, 1, 1, 1.5, 0.25, 2)) for _ in range(6)] for _ in range(3)]
        degree, centre = choice((0, 2, 4)), REGISTER.get(name, 68) + choice((-5, 0, 0, 5))
        for bar in (bar for bar, on in enumerate(self.active(0.25)) if on):
            beat = choice((0, 0, 0.5))
            for length in motifs[bar % 3]:
                if beat >= self.beats_per_bar:
                    break
                if beat % 1 == 0 and self.random.random() < 0.6:
                    degree = self.progression[bar % len(self.progression)] + choice((0, 2, 4))
                else:
                    degree += choice((-2, -1, -1, 1, 1, 2))
                if self.random.random() < 0.87:
                    pitch = self.pitch(degree, centre)
                    self.note(out, bar, beat, length * choice((0.6, 0.95, 0.95)), pitch, 96)
                    if name in (*GUITARS, "piano", "strings") and self.random.random() < 0.15:
                        self.note(out, bar, beat, length * 0.9, pitch + 12, 80)
                beat += length
        return out

    def parts(self) -> Parts:
        """Note lists of a band: drums, bass, a lead, a counter-voice, chords and often a pad."""
        choice, chance = self.random.choice, self.random.random
        lead = choice(MELODIC)
        counter = choice([name for name in MELODIC if name != lead])
        comp = choice([name for name in COMPING if name not in (lead, counter)])
        pad = choice([name for name in SUSTAINED if name not in (lead, counter, comp)])
        parts = {
            "drums": self.drums(),
            "bass": self.bass(),
            lead: self.melody(lead),
            counter: self.melody(counter) if counter == "vocals" or chance() < 0.6 else self.comp(counter),
            comp: self.comp(comp),
            pad: self.pad(pad) if pad != "vocals" and chance() < 0.7 else self.melody(pad),
        }
        end = self.seconds - 0.2
        return {name: [note for note in notes if note.start < end] for name, notes in parts.items()}

    def solo(self, name: str) -> list[list[Note]]:
        """Everything an instrument that plays alone does: bass, chords, tune; one note list per player."""
        low: list[Note] = []
        middle: list[Note] = []
        tune, beats = self.melody(name), self.beats_per_bar
        style = self.random.choice(("stride", "arpeggio", "block", "tune"))
        for bar in range(self.bars if style != "tune" else 0):
            degree, chord = self.progression[bar % len(self.progression)], self.chord(bar, 57)
            if style == "arpeggio":
                line = [self.pitch(degree, 43), *chord, chord[0] + 12, *chord[::-1]]
                for k in range(2 * beats):
                    self.note(middle, bar, k * 0.5, 0.9, line[k % len(line)], 80)
                continue
            for beat in range(beats):
                if beat == 0 or (beats == 4 and beat == 2):
                    root = self.pitch(degree if beat == 0 else degree + 4, 40)
                    self.note(low, bar, beat, 0.9, root, 92)
                    if self.random.random() < 0.4:
                        self.note(low, bar, beat, 0.9, root - 12, 84)
                elif style == "stride":
                    for pitch in chord:
                        self.note(middle, bar, beat, 0.7, pitch, 76)
            for pitch in chord if style == "block" else ():
                self.note(middle, bar, 0, beats * 0.95, pitch, 80)
        if name == "piano" and self.random.random() < 0.4:
            tune = [*tune, *(note._replace(pitch=note.pitch + 12, velocity=note.velocity - 8) for note in tune)]
        return [low, middle, tune] if name in ("strings", "brass", "woodwind") else [low + middle + tune]
