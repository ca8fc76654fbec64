"""How the classes in which prompts are understood (:mod:`riata.understanding`) map to those of a network."""

from collections.abc import Iterable
from dataclasses import dataclass

COUNTERPARTS = {
    "electric_guitar": ("guitar",),
    "acoustic_guitar": ("guitar",),
    "synthesizer": ("synth",),
    "weather_water": ("weather", "noise"),
    "vehicles": ("vehicle",),
}
"""Our class → what networks that lack the name call the nearest of theirs, the nearest first."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The classes of a network, in the order of its outputs."""

    classes: tuple[str, ...]

    def of(self, names: Iterable[str]) -> frozenset[str]:
        """The network's classes for ours; what it does not know is left out."""
        known = (self._known(name) for name in names)
        return frozenset(name for name in known if name is not None)

    def _known(self, name: str) -> str | None:
        return next((n for n in (name, *COUNTERPARTS.get(name, ())) if n in self.classes), None)
