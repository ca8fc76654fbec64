"""What the labels of AudioSet say of the separator's classes: a linear readout of the ear's logits (Alain and Bengio, 2016).

The labels that name a class are not all that tells whether it sounds: those of another class may speak against it, or be heard
in its place. What each says for or against each class is learnt from mixtures of the training split (``training.ear_readout``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from riata.errors import ModelUnavailable
from riata_separator.arrays import Array, Place, namespace
from riata_separator.packaged import WEIGHTS

LABELS = 527
"""Labels of AudioSet, in the order of the network's logits."""

PACKAGED = WEIGHTS / "ear-readout.safetensors"

UNDOUBTED = 20.0
"""The presence of a class that no label speaks of."""

LEAST, MOST = -12.0, 4.0
"""Logits beyond these say no more than these."""

Numbers = np.ndarray[Any, np.dtype[np.float32]]

SPEAKING: Mapping[str, Mapping[int, str]] = MappingProxyType({
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
"""Per class the labels that name it or a kind of it, by their index in the network's output."""


@dataclass(frozen=True, slots=True)
class Readout:
    """Logits to presences of C classes: at 0 a class is as likely there as not where half of all mixtures have it.

    Attributes:
        classes: their names; of those that :data:`SPEAKING` lacks nothing is ever doubted.
        by_class: (C, K), what the largest logit of the labels of each of the K classes in ``SPEAKING`` counts, in its order.
        by_label: (C, LABELS), what the logit of each label counts.
        bias: (C,), in which a class that is never doubted has UNDOUBTED.
        others: (K, LABELS), -inf where a label is none of a class in ``SPEAKING``, else 0.
    """

    classes: tuple[str, ...]
    by_class: Array
    by_label: Array
    bias: Array
    others: Array

    @classmethod
    def made(cls, by_class: Numbers, by_label: Numbers, bias: Numbers) -> Self:
        """Of the classes in ``SPEAKING``, in its order."""
        return cls(tuple(SPEAKING), by_class, by_label, bias, others())

    @classmethod
    def load(cls, path: Path = PACKAGED) -> Self:
        """From a file that :meth:`save` wrote.

        Raises:
            ModelUnavailable: it is missing or no such file.
        """
        try:
            with safe_open(path, "numpy") as file:
                classes = json.loads((file.metadata() or {})["classes"])
                found = {name: file.get_tensor(name) for name in ("by_class", "by_label", "bias")}
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise ModelUnavailable(f"{path}, the ear's readout, cannot be loaded: {error}") from error
        count = len(SPEAKING)
        shapes = {"by_class": (count, count), "by_label": (count, LABELS), "bias": (count,)}
        if classes != list(SPEAKING) or any(found[name].shape != shape for name, shape in shapes.items()):
            raise ModelUnavailable(f"{path}, the ear's readout, is of other classes: {classes}")
        return cls.made(**found)

    def save(self, path: Path) -> None:
        """Write a readout of the classes in ``SPEAKING``."""
        tensors = {name: np.ascontiguousarray(getattr(self, name), np.float32) for name in ("by_class", "by_label", "bias")}
        save_file(tensors, path, {"classes": json.dumps(self.classes)})
        path.chmod(0o644)

    def of(self, classes: Sequence[str]) -> Self:
        """The same for other classes, or in another order."""
        rows = {name: k for k, name in enumerate(self.classes)}

        def picked(values: Array, default: float = 0.0) -> Numbers:
            nothing = np.full(values.shape[1:], default, np.float32)
            return np.stack([values[rows[name]] if name in rows else nothing for name in classes]).astype(np.float32)

        return replace(
            self, classes=tuple(classes), by_class=picked(self.by_class), by_label=picked(self.by_label),
            bias=picked(self.bias, UNDOUBTED),
        )  # fmt: skip

    def placed(self, place: Place) -> Self:
        """The same where a network computes."""
        by_class, by_label, bias, nobody = (place(x) for x in (self.by_class, self.by_label, self.bias, self.others))
        return replace(self, by_class=by_class, by_label=by_label, bias=bias, others=nobody)

    def presence(self, logits: Array) -> Array:
        """Presences (B, C) of logits (B, LABELS)."""
        said, loudest = clipped(logits), largest(logits, self.others)
        xp = namespace(logits)
        return xp.matmul(loudest, xp.permute_dims(self.by_class, (1, 0))) + xp.matmul(
            said, xp.permute_dims(self.by_label, (1, 0))
        ) + self.bias  # fmt: skip


def clipped(logits: Array) -> Array:
    """Logits, those that are far off brought near."""
    return namespace(logits).clip(logits, min=LEAST, max=MOST)


def largest(logits: Array, others: Array) -> Array:
    """(B, K), the largest of the logits (B, LABELS) of each class in ``SPEAKING``."""
    loudest: Array = namespace(logits).max(logits[:, None] + others, axis=-1)
    return loudest


def others() -> Numbers:
    """(K, LABELS), -inf where a label is none of a class in ``SPEAKING``, else 0."""
    table = np.full((len(SPEAKING), LABELS), -np.inf, np.float32)
    for row, labels in zip(table, SPEAKING.values(), strict=True):
        row[list(labels)] = 0
    return table
