"""Instruments made of numbers: additive, subtractive, frequency-modulated and plucked voices with a random timbre per song.

A few sound fonts are not the world: a network trained on them alone recognises the samples. These voices share nothing with
them, only what makes an instrument itself: attack, decay, spectrum, vibrato, breath.
"""

import random

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from training.audio_files import Wave
from training.composition import Note
from training.workspace import RATE

HARMONICS = np.arange(1, 31)
RING = {"acoustic_guitar": 0.6, "electric_guitar": 0.6, "piano": 0.5, "other": 0.8, "bass": 0.15}
DECAYING = ("piano", "acoustic_guitar", "electric_guitar", "bass", "other")
VIBRATO = ("strings", "woodwind", "vocals", "brass", "synthesizer")


def partials(f0: Wave, amplitudes: np.ndarray, decay: np.ndarray | None = None, stretch: float = 0.0) -> Wave:
    """Harmonics of a pitch track f0 (n,) in Hz.

    amplitudes (H,) or (H, n); decay (H,) in 1/s; stretch is the inharmonicity of a stiff string.
    """
    n = len(f0)
    phase, out, time = 2 * np.pi * np.cumsum(f0) / RATE, np.zeros(n), np.arange(n) / RATE
    step = np.exp(1j * phase)
    current = step.copy()
    for h in range(1, len(amplitudes) + 1):
        if h * f0.max() > 14000:
            break
        tone = np.sin(phase * h * np.sqrt(1 + stretch * h * h)) if stretch else current.imag
        out += amplitudes[h - 1] * tone * (np.exp(-decay[h - 1] * time) if decay is not None else 1)
        if not stretch:
            current = current * step
    return out


def envelope(n: int, attack: float, release: float, decay: float = 0.0) -> Wave:
    """Linear attack and release (seconds) times an exponential decay (1/s), over n samples."""
    time = np.arange(n) / RATE
    return np.minimum(1, time / attack) * np.minimum(1, time[::-1] / release) * np.exp(-decay * time)


class SynthVoice:
    """Random timbre of one class; `play` renders a part."""

    def __init__(self, label: str, choose: random.Random) -> None:
        self.label, self.choose = label, choose
        self.noise = np.random.default_rng(choose.getrandbits(32))
        uniform = choose.uniform
        self.tilt = HARMONICS ** -uniform(0.7, 2.0)
        self.body = np.exp(self.noise.normal(0, uniform(0.3, 0.9), 30))
        self.formants = [(uniform(400, 900), uniform(90, 300)), (uniform(1000, 2200), 250), (uniform(2400, 3600), 400)]
        attacks = {"strings": 0.2, "brass": 0.08, "woodwind": 0.09, "organ": 0.03, "synthesizer": 0.2, "vocals": 0.2}
        self.attack = uniform(0.1, 1) * attacks.get(label, 0.004) + 0.002
        self.vibrato = (uniform(4.5, 6.8), uniform(0, 0.012)) if label in VIBRATO else (0.0, 0.0)
        self.kind, self.place = choose.randrange(5), uniform(0.08, 0.45)
        self.index, self.ratio = uniform(0.5, 6), choose.choice((0.5, 1, 1, 2, 3, 1.41, 3.5, 7))
        self.sweep, self.cutoff = uniform(0.5, 6), uniform(300, 5000)
        driven = label == "electric_guitar" and choose.random() < 0.6
        warm = label in ("bass", "synthesizer") and choose.random() < 0.4
        self.drive = np.exp(uniform(0.5, 3.5)) if driven else uniform(1, 4) if warm else 0.0

    def _pitch_track(self, pitch: float, n: int) -> Wave:
        rate, depth = self.vibrato
        time = np.arange(n) / RATE
        wobble = 1 + depth * np.sin(2 * np.pi * rate * time + self.choose.uniform(0, 6)) * np.minimum(1, time / 0.3)
        return 440 * 2 ** ((pitch - 69) / 12) * wobble * (1 + self.choose.gauss(0, 0.0015))

    def _plucked(self, f0: Wave, n: int, ring: float) -> Wave:
        h = HARMONICS
        amplitude = np.abs(np.sin(np.pi * h * self.place)) / h * self.body**0.3
        slowest = {"piano": 1.0, "acoustic_guitar": 1.6, "electric_guitar": 0.8, "bass": 1.0, "other": 2.5}[self.label]
        decay = slowest * (0.7 + self.place) + (0.12 + 0.5 * self.place) * h
        x = partials(f0, amplitude, decay, self.place * {"piano": 8e-4, "other": 5e-3}.get(self.label, 1e-4))
        attack = min(n, int(0.012 * RATE))
        x[:attack] += self.noise.normal(0, 0.08, attack) * np.linspace(1, 0, attack)
        return x * envelope(n, 0.003, ring)

    def _synthesizer(self, f0: Wave, env: Wave, velocity: int) -> Wave:
        h, n = HARMONICS, len(f0)
        if self.kind >= 3:
            phase = 2 * np.pi * np.cumsum(f0) / RATE
            index = self.index * (velocity / 110) * np.exp(-self.sweep * np.arange(n) / RATE)
            return np.sin(phase + index * np.sin(self.ratio * phase)) * env
        shape = (h**-1.0, np.where(h % 2 == 1, 1.0 / h, 0), h**-0.5)[self.kind]
        x = partials(f0, shape) + partials(f0 * 1.006, shape)
        dark = sosfilt(butter(2, min(12000, self.cutoff * (0.5 + velocity / 127)), fs=RATE, output="sos"), x)
        return (dark + (x - dark) * np.exp(-self.sweep * np.arange(n) / RATE)) * env

    def _voice(self, f0: Wave, env: Wave) -> Wave:
        x = partials(f0, HARMONICS**-0.7) + 0.02 * self.noise.normal(0, 1, len(f0))
        out = np.zeros(len(f0))
        for (centre, width), gain in zip(self.formants, (1, 0.6, 0.3), strict=True):
            radius = np.exp(-np.pi * width / RATE)
            denominator = [1, -2 * radius * np.cos(2 * np.pi * centre / RATE), radius**2]
            out += lfilter([1 - radius], denominator, x) * gain
        return out * env

    def note(self, pitch: float, seconds: float, velocity: int) -> Wave:
        """One note with its release, not yet scaled by its velocity."""
        ring = RING.get(self.label, 0.08)
        n, h = int((seconds + ring) * RATE), HARMONICS
        f0 = self._pitch_track(pitch, n)
        if self.label in DECAYING:
            return self._plucked(f0, n, ring)
        if self.label == "organ":
            bars = np.zeros(16)
            for k in (1, 2, 3, 4, 6, 8, 10, 12, 16):
                bars[k - 1] = (self.body[k] / self.body.max()) * k**-0.4
            leslie = 1 + 0.15 * np.sin(2 * np.pi * 6.4 * np.arange(n) / RATE) * (self.kind % 2)
            return partials(f0 / 2, bars) * envelope(n, self.attack, 0.05) * leslie
        env = envelope(n, min(self.attack, seconds / 2), 0.07, self.choose.uniform(0, 0.6))
        if self.label == "brass":
            bright = (velocity / 127) * env**0.6
            rise = 1 - 0.03 * np.exp(-np.arange(n) / RATE / 0.03)
            spectrum = np.array([self.body[k - 1] ** 0.5 * bright ** (0.25 * k) for k in h[:20]])
            return partials(f0 * rise, spectrum) * env
        if self.label == "woodwind":
            odd = np.where(h % 2 == 1, 1, 0.08)
            amplitude = (self.tilt**1.6, self.tilt * odd, self.tilt**0.8 * self.body)[self.kind % 3]
            hiss = [1, -1.6 * np.cos(2 * np.pi * min(float(f0.mean()), 3000) / RATE), 0.7]
            breath = lfilter([1], hiss, self.noise.normal(0, 1, n))
            return (partials(f0, amplitude) + (0.05, 0.01, 0.02)[self.kind % 3] * breath) * env
        if self.label == "strings":
            x = partials(f0, self.tilt * self.body)
            for detune in (1.005, 0.995) if self.kind % 3 else ():
                x = x + partials(f0 * detune, self.tilt * self.body)
            return (x + 0.01 * self.noise.normal(0, 1, n)) * env
        return self._voice(f0, env) if self.label == "vocals" else self._synthesizer(f0, env, velocity)

    def play(self, notes: list[Note], seconds: float) -> Wave:
        """A part of a song as a stem of (seconds + 0.5) · RATE samples."""
        out = np.zeros(int((seconds + 0.5) * RATE))
        for start, length, pitch, velocity in notes:
            y = self.note(pitch, min(length, 3.0), velocity) * (velocity / 100) ** 1.5
            begin = int(start * RATE)
            y = y[: max(0, len(out) - begin)]
            out[begin : begin + len(y)] += y
        if self.drive:
            out = np.tanh(out / (np.abs(out).max() + 1e-9) * self.drive)
        return out.astype(np.float32)


class SynthDrums:
    """A drum machine with a random kit; `play` renders a part of General MIDI drum notes."""

    def __init__(self, choose: random.Random) -> None:
        uniform = choose.uniform
        self.noise = np.random.default_rng(choose.getrandbits(32))
        self.kick = (uniform(40, 75), uniform(1, 5), uniform(0.05, 0.2))
        self.snare, self.shell, self.tom = uniform(0.04, 0.16), uniform(140, 260), uniform(0.8, 1.5)
        self.hat, self.metal, self.bright, self.ring = uniform(0.02, 0.06), uniform(200, 600), uniform(3500, 8000), 0.3

    def hit(self, pitch: int, velocity: int) -> Wave:
        """One hit."""
        if pitch in (35, 36):
            time = np.arange(int(0.35 * RATE)) / RATE
            base, sweep, boom = self.kick
            tone = np.sin(2 * np.pi * np.cumsum(base * (1 + sweep * np.exp(-time / 0.03))) / RATE) * np.exp(-time / boom)
            x = tone + 0.3 * self.noise.normal(0, 1, len(time)) * np.exp(-time / 0.003)
        elif pitch in (38, 39, 40):
            time = np.arange(int(0.3 * RATE)) / RATE
            x = self.noise.normal(0, 1, len(time)) * np.exp(-time / self.snare)
            x += 0.8 * np.sin(2 * np.pi * self.shell * time) * np.exp(-time / 0.05)
        elif pitch in (41, 43, 45, 47, 48, 50):
            time = np.arange(int(0.4 * RATE)) / RATE
            sweep = (60 + 8 * (pitch - 40)) * self.tom * (1 + 0.4 * np.exp(-time / 0.05))
            x = np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * np.exp(-time / 0.12)
            x += 0.1 * self.noise.normal(0, 1, len(time)) * np.exp(-time / 0.02)
        else:
            length = {49: 0.6, 51: 0.25, 46: 0.2}.get(pitch, self.hat)
            time = np.arange(int(3 * length * RATE)) / RATE
            ratios = (1, 1.342, 1.2312, 1.6532, 1.9523)
            metal = sum(np.sign(np.sin(2 * np.pi * self.metal * ratio * time)) for ratio in ratios)
            high = butter(4, self.bright, "high", fs=RATE, output="sos")
            x = sosfilt(high, self.noise.normal(0, 1, len(time)) + self.ring * metal) * np.exp(-time / length) * 0.5
        return x * (velocity / 127) ** 1.3

    def play(self, notes: list[Note], seconds: float) -> Wave:
        """A drum part as a stem of (seconds + 0.5) · RATE samples."""
        out = np.zeros(int((seconds + 0.5) * RATE))
        for start, _, pitch, velocity in notes:
            y, begin = self.hit(pitch, velocity), int(start * RATE)
            y = y[: max(0, len(out) - begin)]
            out[begin : begin + len(y)] += y
        return out.astype(np.float32)
