"""The sound classes a prompt is understood in, the groups that people name."""

CLASSES = (
    "vocals", "drums", "bass", "piano", "electric_guitar", "acoustic_guitar", "synthesizer", "strings", "brass",
    "woodwind", "organ", "speech", "dog", "birds", "crowd", "weather_water", "vehicles", "other",
)  # fmt: skip
"""Every class, in the order in which results list them. No prompt names ``other``: it follows the rest."""

VOICES = frozenset({"vocals", "speech"})
GUITARS = frozenset({"electric_guitar", "acoustic_guitar"})
MUSIC = frozenset(CLASSES[:11])
INSTRUMENTS = MUSIC - {"vocals"}
AMBIENCE = frozenset({"dog", "birds", "crowd", "weather_water", "vehicles"})

LABELS = {
    "electric_guitar": "electric guitar",
    "acoustic_guitar": "acoustic guitar",
    "weather_water": "weather and water",
}
"""How a class is written for people, where its name alone does not do."""


def in_order(names: "frozenset[str] | set[str]") -> tuple[str, ...]:
    """Sort class names into the order of ``CLASSES``."""
    return tuple(name for name in CLASSES if name in names)


def label(name: str) -> str:
    """The class as people read it."""
    return LABELS.get(name, name)
