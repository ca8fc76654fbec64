"""The ear: which of the separator's classes sound in a window, by a network that tells the labels of AudioSet apart.

It estimates no waveform. The network is EfficientAT's mn04_as (Schmid et al., ICASSP 2023); AudioSet: Gemmeke et al., ICASSP 2017.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from riata.errors import BackendUnavailable, ModelUnavailable
from riata_separator.arrays import Array, Place, in_memory, is_numpy_array, namespace, power
from riata_separator.arrays.spectra import stft
from riata_separator.compute import Compute, Runtime
from riata_separator.graphs import Graph

RATE = 32_000
N_FFT, WINDOW, HOP = 1024, 800, 320
BANDS, HIGHEST = 128, 15_000.0
"""Mel bands, and the Hz that they reach up to."""

LEVEL = 0.1
"""RMS of what the network hears."""

_SILENCE = 1e-3
"""What has a smaller RMS is amplified no further."""

OUTPUTS = 527
"""Labels of AudioSet, in the order of the network's logits."""

_EMPHASIS = 0.97
_FLOOR, _CENTRE, _SPREAD = 1e-5, -4.5, 5.0
"""Of mel power before its logarithm, and how that is standardised."""

_GRAPH, _FILE = "ear-mobilenet", "ear.safetensors"

Net = Callable[[Array], Array]
"""From mel features (B, 1, BANDS, T) to logits (B, OUTPUTS)."""

Samples = np.ndarray[Any, Any]

LABELS: Mapping[str, Mapping[int, str]] = MappingProxyType({
    "vocals": {
        27: "Singing", 28: "Choir", 29: "Yodeling", 30: "Chant", 31: "Mantra", 32: "Male singing", 33: "Female singing",
        34: "Child singing", 35: "Synthetic singing", 36: "Rapping", 37: "Humming", 254: "Vocal music", 255: "A capella",
    },
    "drums": {
        161: "Percussion", 162: "Drum kit", 163: "Drum machine", 164: "Drum", 165: "Snare drum", 166: "Rimshot", 167: "Drum roll",
        168: "Bass drum", 169: "Timpani", 170: "Tabla", 171: "Cymbal", 172: "Hi-hat", 173: "Wood block", 174: "Tambourine",
        176: "Maraca",
    },
    "bass": {142: "Bass guitar", 194: "Double bass"},
    "piano": {152: "Keyboard (musical)", 153: "Piano", 154: "Electric piano", 160: "Harpsichord"},
    "electric_guitar": {140: "Guitar", 141: "Electric guitar", 145: "Tapping (guitar technique)", 517: "Distortion"},
    "acoustic_guitar": {
        140: "Guitar", 143: "Acoustic guitar", 144: "Steel guitar, slide guitar", 146: "Strum", 147: "Banjo", 149: "Mandolin",
        151: "Ukulele",
    },
    "synthesizer": {158: "Synthesizer", 159: "Sampler", 213: "Theremin", 239: "Electronic music"},
    "strings": {
        184: "Orchestra", 189: "Bowed string instrument", 190: "String section", 191: "Violin, fiddle", 192: "Pizzicato",
        193: "Cello", 199: "Harp",
    },
    "brass": {185: "Brass instrument", 186: "French horn", 187: "Trumpet", 188: "Trombone"},
    "woodwind": {
        195: "Wind instrument, woodwind instrument", 196: "Flute", 197: "Saxophone", 198: "Clarinet", 208: "Harmonica",
        210: "Bagpipes",
    },
    "organ": {155: "Organ", 156: "Electronic organ", 157: "Hammond organ", 209: "Accordion"},
    "speech": {
        0: "Speech", 1: "Male speech, man speaking", 2: "Female speech, woman speaking", 3: "Child speech, kid speaking",
        4: "Conversation", 5: "Narration, monologue", 15: "Whispering",
    },
    "dog": {
        74: "Dog", 75: "Bark", 76: "Yip", 77: "Howl", 78: "Bow-wow", 79: "Growling", 80: "Whimper (dog)",
        122: "Canidae, dogs, wolves",
    },
    "birds": {
        98: "Fowl", 99: "Chicken, rooster", 100: "Cluck", 101: "Crowing, cock-a-doodle-doo", 102: "Turkey", 103: "Gobble",
        104: "Duck", 105: "Quack", 106: "Goose", 107: "Honk", 111: "Bird", 112: "Bird vocalization, bird call, bird song",
        113: "Chirp, tweet", 114: "Squawk", 115: "Pigeon, dove", 116: "Coo", 117: "Crow", 118: "Caw", 119: "Owl", 120: "Hoot",
    },
    "crowd": {
        63: "Clapping", 66: "Cheering", 67: "Applause", 68: "Chatter", 69: "Crowd", 70: "Hubbub, speech noise, speech babble",
        71: "Children playing",
    },
    "weather": {
        283: "Wind", 285: "Wind noise (microphone)", 286: "Thunderstorm", 287: "Thunder", 288: "Water", 289: "Rain",
        290: "Raindrop", 291: "Rain on surface", 292: "Stream", 293: "Waterfall", 294: "Ocean", 295: "Waves, surf", 298: "Fire",
    },
    "vehicles": {
        300: "Vehicle", 301: "Boat, Water vehicle", 304: "Motorboat, speedboat", 305: "Ship", 306: "Motor vehicle (road)",
        307: "Car", 308: "Vehicle horn, car horn, honking", 310: "Car alarm", 314: "Car passing by", 315: "Race car, auto racing",
        316: "Truck", 321: "Bus", 322: "Emergency vehicle", 323: "Police car (siren)", 324: "Ambulance (siren)",
        325: "Fire engine, fire truck (siren)", 326: "Motorcycle", 327: "Traffic noise, roadway noise", 328: "Rail transport",
        329: "Train", 330: "Train whistle", 331: "Train horn", 332: "Railroad car, train wagon", 334: "Subway, metro, underground",
        335: "Aircraft", 336: "Aircraft engine", 337: "Jet engine", 338: "Propeller, airscrew", 339: "Helicopter",
        340: "Fixed-wing aircraft, airplane", 343: "Engine", 396: "Siren",
    },
})  # fmt: skip
"""Per class the labels of AudioSet that say that it sounds, by their index in the network's output."""

OFFSETS: Mapping[str, float] = MappingProxyType({
    "vocals": 5.64, "drums": 4.43, "bass": 5.71, "piano": 2.74, "electric_guitar": 4.04,
    "acoustic_guitar": 4.11, "synthesizer": 3.24, "strings": 4.85, "brass": 5.63, "woodwind": 5.25,
    "organ": 4.66, "speech": 1.71, "dog": 5.56, "birds": 4.40, "crowd": 6.54,
    "weather": 5.54, "vehicles": 4.39,
})  # fmt: skip
"""Per class what its largest logit wants added, so that at 0 the class is as likely there as not, in mixtures of the training split
of which half have it (``python -m training.ear_offsets``)."""

UNDOUBTED = 20.0
"""The presence of a class that no label speaks of."""


class Ear:
    """Hears windows of sound, and tells of each class how surely it sounds in them.

    Args:
        net: the network.
        classes: what is asked for, by name; of those that :data:`LABELS` lacks nothing is ever heard.
        place: puts arrays where the network computes.
    """

    def __init__(self, net: Net, classes: Sequence[str], place: Place) -> None:
        self.classes = tuple(classes)
        self._net, self._place = net, place
        self._window, self._bank = place(_window()), place(_mel_bank())
        self._others = place(_others(self.classes))
        self._offset = place(np.array([OFFSETS.get(name, 0) for name in self.classes], np.float32))
        self._known = place(np.array([name in LABELS for name in self.classes]))

    @classmethod
    def load(cls, folder: Path, compute: Compute, classes: Sequence[str]) -> Self:
        """From ``ear.safetensors``.

        Raises:
            ModelUnavailable: It is missing or not of this network.
        """
        path = folder / _FILE
        if compute.runtime is Runtime.TORCH:
            import torch

            from riata_separator.arrays.tensors import placed_on
            from riata_separator.experts.mobilenet import load_mobilenet

            here = torch.device(compute.device)
            return cls(load_mobilenet(path, here), classes, placed_on(here))
        return cls(_graph(path, compute.threads), classes, in_memory)

    def presence(self, windows: Array) -> Array:
        """How surely each class sounds in each of the mono windows (B, samples) at :data:`RATE`, however loud they are:
        (B, classes), the largest logit of its labels and its offset; UNDOUBTED for a class without labels.

        The graph takes windows of :data:`~riata_separator.backends.riata_small.windows.LENGTH` samples only.
        """
        logits = self.logits(levelled(windows))
        heard = namespace(logits).max(logits[:, None] + self._others, axis=-1) + self._offset
        return namespace(heard).where(self._known, heard, UNDOUBTED)

    def logits(self, windows: Array) -> Array:
        """Of all labels, (B, OUTPUTS), in windows as :meth:`presence` takes them."""
        return self._net(self.features(windows))

    def features(self, windows: Array) -> Array:
        """What the network sees of windows as :meth:`presence` takes them: log mel power (B, 1, BANDS, T)."""
        x = self._place(windows) if is_numpy_array(windows) else windows
        xp = namespace(x)
        emphasised = x[:, 1:] - _EMPHASIS * x[:, :-1]
        mel = xp.matmul(self._bank, power(stft(emphasised, N_FFT, HOP, reflected=True, window=self._window)))
        return ((xp.log(mel + _FLOOR) - _CENTRE) / _SPREAD)[:, None]


def levelled(windows: Array) -> Array:
    """Windows (B, samples) at an RMS of LEVEL, those of next to silence below it."""
    xp = namespace(windows)
    rms = xp.sqrt(xp.mean(xp.square(windows), axis=1, keepdims=True))
    return windows * (LEVEL / xp.clip(rms, min=_SILENCE))


def frames(samples: int) -> int:
    """T of the features of that many samples."""
    return (samples - 1) // HOP + 1


def _graph(path: Path, threads: int) -> Net:
    try:
        graph = Graph(_GRAPH, load_file(path), threads)
    except (OSError, SafetensorError, BackendUnavailable) as error:
        raise ModelUnavailable(f"{path} cannot be loaded: {error}") from error
    return lambda features: graph(np.ascontiguousarray(features))[0]


def _window() -> Samples:
    """The symmetric Hann window of WINDOW samples in the middle of N_FFT."""
    around = (N_FFT - WINDOW) // 2
    return np.pad(np.hanning(WINDOW), around).astype(np.float32)


def _mel_bank() -> Samples:
    """Triangles (BANDS, bins) on the mel scale, of the form that Kaldi has: their slopes are straight in mel, not in Hz."""
    edges = np.linspace(0, _mel(HIGHEST), BANDS + 2)
    low, centre, high = (edges[k : k + BANDS, None] for k in range(3))
    bins = _mel(np.arange(N_FFT // 2 + 1) * RATE / N_FFT)
    bank: Samples = np.clip(np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)), 0, None)
    return bank.astype(np.float32)


def _mel(hertz: Any) -> Any:
    return 1127 * np.log1p(hertz / 700)


def _others(classes: Sequence[str]) -> Samples:
    """(classes, OUTPUTS) to be added to logits: -inf where a label does not belong to the class; of no labels all do."""
    table = np.zeros((len(classes), OUTPUTS), np.float32)
    for row, name in zip(table, classes, strict=True):
        if name in LABELS:
            row[[label for label in range(OUTPUTS) if label not in LABELS[name]]] = -np.inf
    return table

