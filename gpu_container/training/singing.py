"""Singing made from speech: the syllables of a spoken voice, held and pitched to the notes of a melody (WORLD)."""

import random

import numpy as np

from training.audio_files import Wave
from training.composition import Note
from training.speech import FRAME_MS, Voice, longer_tract, resynthesised
from training.workspace import RATE

FRAMES_PER_SECOND = 1000 / FRAME_MS


def syllables(voice: Voice, shortest: float = 0.08) -> list[tuple[int, int]]:
    """Runs of voiced frames (first, last + 1) at least `shortest` seconds long, with the consonant before them."""
    voiced = np.concatenate([[False], voice.f0 > 0, [False]])
    edges = np.flatnonzero(np.diff(voiced.astype(int)))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    lead = int(0.06 * FRAMES_PER_SECOND)
    return [(max(0, a - lead), b) for a, b in runs if b - a >= shortest * FRAMES_PER_SECOND]


def _stretched(first: int, last: int, frames: int) -> np.ndarray:
    """Frame indices that play a syllable over `frames`: consonants at speed, the vowel's middle held."""
    length = last - first
    if frames <= length:
        return first + np.linspace(0, length - 1, frames).astype(int)
    head, tail = int(0.4 * length), int(0.25 * length)
    middle = np.linspace(head, length - tail - 1, frames - head - tail)
    return first + np.concatenate([np.arange(head), middle, np.arange(length - tail, length)]).astype(int)[:frames]


def sing(notes: list[Note], seconds: float, voice: Voice, choose: random.Random) -> Wave:
    """The melody sung by the voice, (seconds + 0.5) · RATE samples; chords are sung as their highest notes."""
    frames = int(seconds * FRAMES_PER_SECOND)
    source, pitch = np.zeros(frames, int), np.zeros(frames)
    sung, pool = np.zeros(frames, bool), syllables(voice)
    if not pool:
        return np.zeros(int((seconds + 0.5) * RATE), np.float32)
    centre = 69 + 12 * np.log2(voice.median_pitch * choose.choice((1.0, 1.19, 1.5, 1.8)) / 440)
    middle = float(np.median([note.pitch for note in notes])) if notes else 60.0
    shift, at = 12 * round((centre - middle) / 12), choose.randrange(len(pool))
    ordered = sorted(notes, key=lambda note: (round(note.start, 2), -note.pitch))
    free = 0
    for k, (start, length, key, _) in enumerate(ordered):
        first = int(start * FRAMES_PER_SECOND)
        following = next((int(n.start * FRAMES_PER_SECOND) for n in ordered[k + 1 :] if n.start > start + 0.05), frames)
        last = min(first + max(12, int(length * FRAMES_PER_SECOND)), following, frames)
        if first < free or last - first < 12:
            continue
        begin, end = pool[at % len(pool)]
        at += 1 if choose.random() < 0.95 else choose.randrange(len(pool))
        source[first:last], sung[first:last] = _stretched(begin, end, last - first), True
        pitch[first:last] = key + shift
        free = last
    glide = np.hanning(choose.choice((9, 17, 33)))
    held = pitch.copy()
    for k in range(1, frames):
        if held[k] == 0:
            held[k] = held[k - 1]
    first_pitch = held[held > 0][0] if (held > 0).any() else 60.0
    held = np.convolve(np.pad(np.where(held > 0, held, first_pitch), 20, mode="edge"), glide / glide.sum(), "same")[20:-20]
    time = np.arange(frames) / FRAMES_PER_SECOND
    drift = np.cumsum([choose.gauss(0, 0.02) for _ in range(frames)])
    vibrato = choose.uniform(0.05, 0.55) * np.sin(2 * np.pi * choose.uniform(4.6, 6.2) * time + drift)
    f0 = np.where(sung & (voice.f0[source] > 0), 440 * 2 ** ((held + vibrato - 69) / 12), 0.0)
    envelope = longer_tract(voice.envelope[source], choose.uniform(0.9, 1.2)) * np.where(sung, 1.0, 1e-9)[:, None]
    x = resynthesised(f0, envelope, voice.aperiodicity[source])
    n = int((seconds + 0.5) * RATE)
    return np.pad(x[:n], (0, max(0, n - len(x))))


def choir(notes: list[Note], seconds: float, voices: list[Voice], choose: random.Random) -> Wave:
    """Several voices on the same melody, slightly apart."""
    total = np.zeros(int((seconds + 0.5) * RATE), np.float32)
    for voice in voices:
        late = abs(choose.gauss(0, 0.025))
        moved = [note._replace(start=note.start + late) for note in notes]
        total += sing(moved, seconds, voice, choose) * np.float32(choose.uniform(0.5, 1.0))
    return total
