"""Weather, vehicles, dogs, birds, crowds and odd sounds out of random numbers.

python -m training.effects COUNT        writes $RIATA_TRAINING_DIR/clips/train/CLASS__NAME.wav, COUNT clips per class
"""

import sys
from collections.abc import Callable

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import fftconvolve

from training.audio_files import Wave, decode, write
from training.effect_parts import Generator, band, curve, noise, resonance, room, scatter
from training.workspace import RATE, folder

SECONDS = 20
VOWELS = ((700, 1200), (400, 900), (350, 2200), (600, 1800))


def rain(r: Generator, n: int) -> Wave:
    """A wash of noise with single drops."""
    drops, at = np.zeros(n, np.float32), r.integers(0, n, int(n / RATE * r.uniform(20, 600)))
    drops[at] = noise(r, len(at))
    drops = fftconvolve(drops, np.exp(-np.arange(240) / r.uniform(10, 60)))[:n]
    wash = band(noise(r, n), r.uniform(150, 900), r.uniform(4500, 14000))
    return wash * 0.3 + band(drops, r.uniform(500, 1500), 12000) * r.uniform(0.5, 4)


def wind(r: Generator, n: int) -> Wave:
    """Gusts, sometimes with a whistle."""
    low = band(noise(r, n), r.uniform(40, 150), r.uniform(300, 1200)) * curve(r, n, 1.2, 0.1, 1)
    whistle = resonance(noise(r, n), r.uniform(400, 1100), 90) * curve(r, n, 1.5, 0, 1) ** 2
    return (low + r.uniform(0, 0.6) * whistle / (np.std(whistle) + 1e-9) * np.std(low)).astype(np.float32)


def hiss(r: Generator, n: int) -> Wave:
    """Steady noise of a random tilt."""
    spectrum = np.fft.rfft(noise(r, n)) * np.maximum(np.fft.rfftfreq(n, 1 / RATE), 40) ** r.uniform(-1, 0.6)
    return np.fft.irfft(spectrum, n).astype(np.float32)


def water(r: Generator, n: int) -> Wave:
    """A stream: broad noise and rising bubbles."""

    def bubble() -> Wave:
        sweep = np.cumsum(np.linspace(1, r.uniform(1, 1.7), 900) * r.uniform(400, 2200)) / RATE
        return np.sin(2 * np.pi * sweep) * np.exp(-np.arange(900) / r.uniform(100, 400))

    flow = band(noise(r, n), r.uniform(300, 900), r.uniform(3000, 9000)) * curve(r, n, 0.5, 0.5, 1)
    return flow + scatter(r, n, bubble, (-0.02, 0.03)) * r.uniform(0.2, 2)


def waves(r: Generator, n: int) -> Wave:
    """Surf that swells and breaks."""
    swell = np.maximum(0, np.sin(2 * np.pi * np.cumsum(curve(r, n, 3, 0.08, 0.25)) / RATE)) ** r.uniform(1, 3)
    low, high = band(noise(r, n), 60, r.uniform(300, 900)), band(noise(r, n), 500, r.uniform(4000, 12000))
    return (low * (0.3 + swell) + high * swell**2 * r.uniform(0.3, 1.2)).astype(np.float32)


def thunder(r: Generator, n: int) -> Wave:
    """Rolling low noise over light rain."""
    x = band(noise(r, n), 25, r.uniform(150, 500)) * curve(r, n, 0.4, 0, 1) ** 2
    return x + 0.1 * rain(r, n) * np.std(x)


def fire(r: Generator, n: int) -> Wave:
    """Crackles over a rumble."""
    crackles, at = np.zeros(n, np.float32), r.integers(0, n, int(n / RATE * r.uniform(8, 60)))
    crackles[at] = r.uniform(0.1, 1, len(at)) ** 3
    crackles = fftconvolve(crackles, noise(r, 300) * np.exp(-np.arange(300) / r.uniform(20, 80)))[:n]
    return 3 * band(crackles, 800, 13000) + 0.1 * band(noise(r, n), 40, 500) * curve(r, n, 0.3, 0.4, 1)


def engine(r: Generator, n: int) -> Wave:
    """A motor that speeds up and slows down."""
    phase = 2 * np.pi * np.cumsum(curve(r, n, 1.8, r.uniform(20, 50), r.uniform(60, 160))) / RATE
    slope = r.uniform(0.4, 0.9)
    x = sum(np.sin(h * phase + r.uniform(0, 6)) * r.uniform(0.3, 1) / h**slope for h in range(1, 24))
    x = x + r.uniform(0.3, 1.2) * band(noise(r, n), 60, r.uniform(1500, 5000)) * (1 + np.sin(phase))
    return (np.tanh(x / np.std(x) * r.uniform(0.3, 1.5)) * curve(r, n, 3, 0.5, 1)).astype(np.float32)


def siren(r: Generator, n: int) -> Wave:
    """Wail, two-tone or yelp."""
    low, rate, time = r.uniform(400, 900), r.uniform(0.15, 4), np.arange(n) / RATE
    high = low * r.uniform(1.2, 2)
    wail = 0.5 + 0.5 * np.sin(2 * np.pi * rate * time)
    two_tone = (np.sin(2 * np.pi * min(rate, 1.2) * time) > 0) * 1.0
    shape = (wail, two_tone, (rate * time) % 1)[r.integers(3)]
    x = np.tanh(np.sin(2 * np.pi * np.cumsum(low + (high - low) * shape) / RATE) * r.uniform(0.8, 5))
    return room(r, (x * curve(r, n, 4, 0.2, 1)).astype(np.float32))


def horn(r: Generator, n: int) -> Wave:
    """Honks of one car."""

    def honk() -> Wave:
        m, f0 = int(r.uniform(0.15, 1.2) * RATE), r.uniform(280, 520)
        time, second = np.arange(m) / RATE, r.choice([1.0, 1.19, 1.26])
        tones = [np.sin(2 * np.pi * f0 * k * h * time + r.uniform(0, 6)) / h**0.8 for k in (1, second) for h in range(1, 14)]
        return (sum(tones) * np.minimum(1, np.minimum(time, time[::-1]) / 0.02)).astype(np.float32)

    return room(r, scatter(r, n, honk, (0.1, 2)))


def passing(r: Generator, n: int) -> Wave:
    """Cars going by: tyre and motor noise that swells and fades."""
    out = np.zeros(n, np.float32)
    for _ in range(r.integers(2, 6)):
        centre, width = r.uniform(0, n), r.uniform(0.7, 3) * RATE
        swell = np.exp(-(((np.arange(n) - centre) / width) ** 2)).astype(np.float32)
        out += band(noise(r, n), r.uniform(50, 200), r.uniform(900, 5000)) * swell * r.uniform(0.4, 1)
    return out + 0.15 * engine(r, n)


def helicopter(r: Generator, n: int) -> Wave:
    """Noise chopped by a rotor."""
    chop = 0.5 + 0.5 * np.sin(2 * np.pi * r.uniform(9, 22) * np.arange(n) / RATE)
    return band(noise(r, n), 50, r.uniform(800, 2500)) * chop.astype(np.float32) ** 3


def train(r: Generator, n: int) -> Wave:
    """Rolling noise with rail joints in pairs."""
    knock = band(noise(r, 1600), 80, 900) * np.exp(-np.arange(1600) / 300)
    hits, period = np.zeros(n, np.float32), r.uniform(0.5, 1.4)
    for k in range(int(n / RATE / period)):
        for offset in (0, r.uniform(0.1, 0.16)):
            at = int((k * period + offset) * RATE)
            if at < n:
                hits[at] = r.uniform(0.6, 1)
    return fftconvolve(hits, knock)[:n].astype(np.float32) * 4 + band(noise(r, n), 40, r.uniform(600, 2500))


def plane(r: Generator, n: int) -> Wave:
    """A propeller or a jet overhead: it swells, falls in pitch as it passes, and its echo from the ground moves a comb along."""
    time, passing_at = np.arange(n) / RATE, r.uniform(0.2, 0.8) * n / RATE
    away = (time - passing_at) / r.uniform(2, 8)
    speed, near = 1 - r.uniform(0.03, 0.18) * np.tanh(away), 1 / (1 + away**2)
    x = band(noise(r, n), r.uniform(40, 120), r.uniform(500, 4000))
    if r.random() < 0.5:
        phase = 2 * np.pi * np.cumsum(r.uniform(45, 130) * speed) / RATE
        drone = sum(np.sin(h * phase + r.uniform(0, 6)) * r.uniform(0.3, 1) / h ** r.uniform(0.3, 0.8) for h in range(1, 20))
        x = x * r.uniform(0.1, 0.6) + drone / np.std(drone) * np.std(x)
    else:
        whine = np.sin(2 * np.pi * np.cumsum(r.uniform(900, 4500) * speed) / RATE) * curve(r, n, 0.3, 0.3, 1)
        x = x + whine * np.std(x) * r.uniform(0, 0.4)
    echo = np.interp(np.arange(n) - (1 + 250 * near * r.uniform(0.3, 1)), np.arange(n), x)
    return ((x + r.uniform(0.2, 0.8) * echo) * (0.08 + near)).astype(np.float32)


def _bark(r: Generator, size: float) -> Wave:
    n = int(r.uniform(0.09, 0.3) * size * RATE)
    time, peak = np.linspace(0, 1, n), r.uniform(420, 900) / size
    wander = 1 + 0.02 * r.normal(0, 1, n).cumsum() / np.sqrt(n)
    phase = np.cumsum(peak * (0.55 + 0.45 * np.sin(np.pi * time ** r.uniform(0.5, 1.0))) * wander) / RATE
    source = 2 * (phase % 1) - 1 + r.uniform(0.2, 1.0) * noise(r, n)
    formants = ((r.uniform(550, 950), 180, 1), (r.uniform(1200, 1900), 260, 0.8), (r.uniform(2500, 3800), 500, 0.5))
    out = sum(gain * resonance(source, min(f / size**0.7, 9000), width) for f, width, gain in formants) + 0.05 * source
    shape = np.minimum(1, time / r.uniform(0.02, 0.12)) * np.exp(-time * r.uniform(1.5, 4)) * np.minimum(1, (1 - time) / 0.1)
    return (out * shape).astype(np.float32) / (np.abs(out).max() + 1e-9)


def _voiced_bark(r: Generator, voices: list[Wave]) -> Wave:
    """A bark cut out of speech: a short voiced piece at another speed, rough, with a sharp envelope."""
    voice = voices[r.integers(len(voices))]
    pieces = [voice[at : at + RATE // 4] for at in r.integers(0, len(voice) - RATE, 6)]
    loudest, speed = max(pieces, key=lambda piece: float((piece**2).sum())), r.uniform(0.7, 2.0)
    x = np.interp(np.arange(0, len(loudest) - 1, speed), np.arange(len(loudest)), loudest)[: int(r.uniform(0.08, 0.25) * RATE)]
    x = np.tanh(x / (np.abs(x).max() + 1e-6) * r.uniform(1, 6)) + r.uniform(0, 0.15) * noise(r, len(x))
    time = np.linspace(0, 1, len(x))
    shape = np.minimum(1, time / r.uniform(0.03, 0.15)) * np.exp(-time * r.uniform(1, 4)) * np.minimum(1, (1 - time) / 0.1)
    return (x * shape).astype(np.float32)


def _growl(r: Generator, size: float) -> Wave:
    n = int(r.uniform(0.5, 1.6) * RATE)
    source = 2 * (np.cumsum(curve(r, n, 0.2, 55, 110) / size) / RATE % 1) - 1 + 0.5 * noise(r, n)
    out = sum(resonance(source, f / size**0.5, 200) for f in (r.uniform(300, 600), r.uniform(900, 1500)))
    return (out / np.abs(out).max() * np.hanning(n) ** 0.5 * 0.5).astype(np.float32)


def _howl(r: Generator, size: float) -> Wave:
    n = int(r.uniform(0.4, 2.2) * RATE)
    arch = 1 + 0.5 * np.sin(np.pi * np.linspace(0, 1, n)) ** r.uniform(0.5, 2)
    f0 = r.uniform(350, 800) / size * arch * (1 + 0.01 * np.sin(2 * np.pi * 6 * np.arange(n) / RATE))
    phase, slope = 2 * np.pi * np.cumsum(f0) / RATE, r.uniform(1, 2.2)
    return (sum(np.sin(h * phase) / h**slope for h in range(1, 8)) * np.hanning(n) * 0.5).astype(np.float32)


def dog(r: Generator, n: int, voices: list[Wave] | None = None) -> Wave:
    """Barks in bursts, growls or howls; with `voices`, barks are cut out of speech."""
    size, kind = r.uniform(0.65, 1.6), r.choice(["bark", "bark", "bark", "growl", "howl"])

    def event() -> Wave:
        if kind == "growl" and r.random() < 0.6:
            return _growl(r, size)
        if kind == "howl" and r.random() < 0.6:
            return _howl(r, size)
        pieces = []
        for _ in range(r.integers(1, 5)):
            bark = _voiced_bark(r, voices) if voices else _bark(r, size * r.uniform(0.95, 1.05))
            pieces += [bark, np.zeros(int(r.uniform(0.08, 0.4) * RATE), np.float32)]
        return np.concatenate(pieces)

    return room(r, scatter(r, n, event, (0.05, 0.9)))


def _chirp(r: Generator, base: float) -> Wave:
    n = int(r.uniform(0.03, 0.25) * RATE)
    time = np.linspace(0, 1, n)
    trill = 1 + r.uniform(0.05, 0.3) * np.sin(2 * np.pi * r.uniform(1, 14) * time)
    shapes = (1 + r.uniform(-0.4, 0.4) * time, trill, 1 + r.uniform(-0.3, 0.5) * (time - 0.5) ** 2 * 4, np.ones(n))
    phase = 2 * np.pi * np.cumsum(np.clip(base * shapes[r.integers(4)], 300, 11000)) / RATE
    tone = np.sin(phase) + r.uniform(0, 0.3) * np.sin(2 * phase)
    return (tone * np.hanning(n) ** r.uniform(0.4, 1.2)).astype(np.float32)


def _caw(r: Generator) -> Wave:
    n = int(r.uniform(0.15, 0.5) * RATE)
    f0 = r.uniform(250, 1100) * (1 + 0.2 * np.sin(np.pi * np.linspace(0, 1, n)))
    source = 2 * (np.cumsum(f0 * (1 + 0.03 * noise(r, n))) / RATE % 1) - 1 + 0.3 * noise(r, n)
    x = resonance(source, r.uniform(1100, 1900), 300) + 0.7 * resonance(source, r.uniform(2400, 3500), 500)
    return (x / np.abs(x).max() * np.hanning(n) ** 0.5).astype(np.float32)


def owl(r: Generator, n: int) -> Wave:
    """An owl's long low hoots, steady or quavering, each phrase in the same rhythm."""
    base, quaver, breath = r.uniform(240, 950), r.uniform(8, 16), r.uniform(0.02, 0.3)
    lengths = r.uniform(0.12, 0.9, r.integers(1, 6))
    trembling = r.random(len(lengths)) < 0.3

    def hoot(seconds: float, trembles: bool) -> Wave:
        m = int(seconds * RATE)
        arch = 1 + r.uniform(-0.06, 0.12) * np.sin(np.pi * np.linspace(0, 1, m)) - r.uniform(0, 0.1) * np.linspace(0, 1, m) ** 3
        phase = 2 * np.pi * np.cumsum(base * arch) / RATE
        tone = np.sin(phase) + r.uniform(0, 0.25) * np.sin(2 * phase) + r.uniform(0, 0.12) * np.sin(3 * phase)
        x = tone + breath * resonance(noise(r, m), base, 150) * 8
        swell = np.hanning(m) ** r.uniform(0.3, 0.8)
        return x * swell * (1 + trembles * 0.6 * np.sin(2 * np.pi * quaver * np.arange(m) / RATE))

    def phrase() -> Wave:
        pieces = []
        for seconds, trembles in zip(lengths, trembling, strict=True):
            pieces += [hoot(seconds, trembles), np.zeros(int(r.uniform(0.05, 0.35) * RATE))]
        return np.concatenate(pieces).astype(np.float32)

    return room(r, scatter(r, n, phrase, (0.3, 3)), r.uniform(0.3, 1.5), r.uniform(0.1, 0.8))


def hawk(r: Generator, n: int) -> Wave:
    """A bird of prey: hoarse falling screams, or rows of short cries."""
    base, rough, falls, many = r.uniform(1300, 3600), r.uniform(30, 180), r.uniform(0.1, 0.5), r.random() < 0.4

    def cry() -> Wave:
        m = int((r.uniform(0.06, 0.25) if many else r.uniform(0.4, 1.6)) * RATE)
        time = np.linspace(0, 1, m)
        rise = np.minimum(1, time / r.uniform(0.05, 0.2)) ** 0.5
        f0 = base * (0.75 + 0.25 * rise) * (1 - falls * time) * (1 + 0.02 * np.sin(2 * np.pi * rough * time * m / RATE))
        phase = 2 * np.pi * np.cumsum(f0) / RATE
        x = sum(np.sin(h * phase) * gain for h, gain in ((1, 1), (2, r.uniform(0.2, 0.9)), (3, r.uniform(0, 0.5))))
        x = x * (1 + r.uniform(0, 0.8) * noise(r, m)) + r.uniform(0, 0.5) * resonance(noise(r, m), base, 900) * 3
        return (x * np.hanning(m) ** 0.4).astype(np.float32)

    def phrase() -> Wave:
        pieces = []
        for _ in range(r.integers(3, 10) if many else r.integers(1, 3)):
            pieces += [cry(), np.zeros(int(r.uniform(0.03, 0.3) * RATE), np.float32)]
        return np.concatenate(pieces)

    return room(r, scatter(r, n, phrase, (0.3, 2.5)), r.uniform(0.2, 1.2), r.uniform(0.1, 0.7))


def birds(r: Generator, n: int) -> Wave:
    """One to four birds with motifs of their own; some are rough (crows, ducks, gulls)."""
    out = np.zeros(n, np.float32)
    for _ in range(r.integers(1, 5)):
        ranges = ((350, 900), (1500, 3500), (2500, 7500), (2500, 7500))
        base, rough = r.uniform(*ranges[r.integers(4)]), r.random() < 0.2

        def phrase(base: float = base, rough: bool = rough) -> Wave:
            motif, pieces = [_chirp(r, base * r.uniform(0.8, 1.3)) for _ in range(r.integers(1, 4))], []
            for k in range(r.integers(1, 12)):
                call = _caw(r) if rough else motif[k % len(motif)]
                pieces += [call, np.zeros(int(r.uniform(0.01, 0.15) * RATE), np.float32)]
            return np.concatenate(pieces)

        out += scatter(r, n, phrase, (0.2, 2.5)) * r.uniform(0.2, 1)
    return room(r, out)


def applause(r: Generator, n: int) -> Wave:
    """Thousands of hand claps of six kinds."""
    out, swell = np.zeros(n, np.float32), curve(r, n, 1.5, 0.2, 1)
    for _ in range(6):
        hits, at = np.zeros(n, np.float32), r.integers(0, n, int(n / RATE * r.uniform(8, 90)))
        hits[at] = r.uniform(0.3, 1, len(at)) * swell[at]
        m = int(0.03 * RATE)
        clap = band(noise(r, m), r.uniform(500, 1400), r.uniform(2200, 7000)) * np.exp(-np.arange(m) / r.uniform(60, 250))
        out += fftconvolve(hits, clap)[:n].astype(np.float32)
    return room(r, out, r.uniform(0.3, 1.5))


def cheer(r: Generator, n: int) -> Wave:
    """Shouted vowels far away, over a roar."""

    def shout() -> Wave:
        m = int(r.uniform(0.3, 1.8) * RATE)
        f0 = r.uniform(180, 600) * (1 + r.uniform(-0.2, 0.4) * np.sin(np.pi * np.linspace(0, 1, m)))
        source, vowel = 2 * (np.cumsum(f0) / RATE % 1) - 1, VOWELS[r.integers(len(VOWELS))]
        return (sum(resonance(source, f * r.uniform(0.9, 1.2), 120) for f in vowel) * np.hanning(m)).astype(np.float32)

    out = sum(scatter(r, n, shout, (-0.3, 0.6)) * r.uniform(0.2, 1) for _ in range(r.integers(5, 14)))
    roar = band(noise(r, n), 300, r.uniform(1500, 4000)) * curve(r, n, 1, 0.2, 1)
    return room(r, (out / (np.std(out) + 1e-9) + r.uniform(0.1, 1.2) * roar / np.std(roar)).astype(np.float32), 1.2, 0.8)


def babble(r: Generator, n: int, voices: list[Wave]) -> Wave:
    """Six to twenty-five talkers at once."""
    out = np.zeros(n, np.float32)
    for _ in range(r.integers(6, 26)):
        voice = voices[r.integers(len(voices))]
        at = r.integers(0, max(1, len(voice) - n))
        out[: len(voice[at : at + n])] += voice[at : at + n] * r.uniform(0.2, 1)
    return room(r, 0.4 * out, r.uniform(0.3, 1.2), r.uniform(0.4, 1.2))


def playground(r: Generator, n: int, voices: list[Wave]) -> Wave:
    """Children at play: many high voices that talk in bursts and shout, at all distances."""
    out = np.zeros(n, np.float32)
    for _ in range(r.integers(8, 26)):
        voice, speed = voices[r.integers(len(voices))], r.uniform(1.3, 2.0)
        at = r.integers(0, max(1, int(len(voice) - n * speed)))
        piece = voice[at : at + int(n * speed)]
        child = np.interp(np.arange(0, len(piece) - 1, speed), np.arange(len(piece)), piece)[:n]
        talking = (curve(r, len(child), r.uniform(0.3, 1.5), 0, 1) > r.uniform(0.2, 0.7)) * 1.0
        heard = np.tanh(child / (np.abs(child).max() + 1e-6) * r.uniform(1, 8)) * uniform_filter1d(talking, 800)
        out[: len(child)] += (band(heard, 150, r.uniform(2500, 12000)) * r.uniform(0.1, 1) ** 2).astype(np.float32)
    shouts = cheer(r, n)
    out = out / (np.std(out) + 1e-9) + r.uniform(0, 0.5) * shouts / (np.std(shouts) + 1e-9)
    return room(r, out.astype(np.float32), r.uniform(0.3, 1.5), r.uniform(0.3, 1.2))


def gadget(r: Generator, n: int) -> Wave:
    """What no class names: beeps, clocks, zaps and machines with a rhythm."""
    kind = r.integers(4)

    def event() -> Wave:
        m = int(r.uniform(0.02, 0.5) * RATE)
        time = np.arange(m) / RATE
        if kind == 0:
            return np.sin(2 * np.pi * base * time) * np.minimum(1, np.minimum(time, time[::-1]) / 0.004)
        if kind == 1:
            return resonance(noise(r, m), base, 60) * np.exp(-time * 60)
        if kind == 2:
            return np.sin(2 * np.pi * np.cumsum(base * np.exp(-time * r.uniform(-6, 12))) / RATE) * np.exp(-time * 6)
        return np.sign(np.sin(2 * np.pi * base / 8 * time)) * np.exp(-time * 10) * noise(r, m)

    base, gap = r.uniform(300, 4000), r.uniform(0.05, 1.0)
    return room(r, scatter(r, n, lambda: event().astype(np.float32), (gap, gap * r.uniform(1, 1.6))))


MAKERS: dict[str, tuple[Callable[[Generator, int], Wave], ...]] = {
    "weather": (rain, wind, hiss, water, waves, thunder, fire, rain),
    "vehicles": (engine, siren, engine, horn, passing, helicopter, train, passing, plane, plane),
    "dog": (dog,),
    "birds": (birds, birds, owl, hawk),
    "crowd": (applause, cheer),
    "other": (gadget,),
}


def build(count: int) -> None:
    """Write `count` clips of every class; barks and babble made from speech need the clips of `voices` first."""
    r, out, n = np.random.default_rng(5), folder("clips", "train"), RATE * SECONDS
    for label, makers in MAKERS.items():
        for k in range(count):
            maker = makers[k % len(makers)]
            write(out / f"{label}__{maker.__name__}{k}.wav", maker(r, n))
    voices = [decode(path) for path in sorted(out.glob("speech__*.wav"))]
    for k in range(count if voices else 0):
        write(out / f"dog__voiced{k}.wav", dog(r, n, voices))
        write(out / f"crowd__babble{k}.wav", babble(r, n, voices))
        write(out / f"crowd__playground{k}.wav", playground(r, n, voices))


if __name__ == "__main__":
    build(int(sys.argv[1]))
