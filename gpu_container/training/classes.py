"""How the classes of the separator map to General MIDI and to each other."""

from riata_separator.backends.riata_small.networks.base import CLASSES

MUSIC = (
    "vocals", "drums", "bass", "piano", "electric_guitar", "acoustic_guitar",
    "synthesizer", "strings", "brass", "woodwind", "organ",
)  # fmt: skip
AMBIENT = ("dog", "birds", "crowd", "weather", "vehicles")
EFFECTS = ("speech", *AMBIENT)

PROGRAMS = {
    "piano": (0, 1, 2, 3, 4, 5),
    "acoustic_guitar": (24, 25),
    "electric_guitar": (26, 27, 28, 29, 30),
    "bass": (32, 33, 34, 35, 36, 37, 38, 39),
    "strings": (40, 41, 42, 44, 45, 48, 49),
    "brass": (56, 57, 58, 59, 60, 61),
    "woodwind": (64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75),
    "organ": (16, 17, 18, 19, 20, 21),
    "synthesizer": (50, 62, 80, 81, 82, 83, 84, 86, 87, 88, 89, 90, 93, 95),
    "vocals": (52, 53, 54),
    "other": (8, 9, 10, 11, 12, 13, 14, 15, 46, 104, 105, 106, 107, 108, 109, 111, 114),
}
"""General MIDI programs (0-based) that render each class; `other` has what no class names: mallets, harp, sitar, bagpipe."""

CLASS_OF_PROGRAM = {program: name for name, programs in PROGRAMS.items() for program in programs}

assert set(MUSIC) | set(EFFECTS) | {"other"} == set(CLASSES)
