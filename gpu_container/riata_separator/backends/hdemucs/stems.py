"""Prompt → the stems of the model that make up the target."""

from riata.errors import PromptNotUnderstood
from riata.understanding import understand
from riata.understanding.classes import INSTRUMENTS, VOICES, label
from riata.understanding.scan import Kind, scan
from riata.understanding.tokens import tokenise

PARAM = "input.prompt"

SOURCES = ("drums", "bass", "other", "vocals")
"""The stems in the order in which the model gives them."""

CLASSES = {
    "vocals": VOICES,
    "drums": frozenset({"drums"}),
    "bass": frozenset({"bass"}),
    "other": INSTRUMENTS - {"drums", "bass"},
}
"""The sound classes that each stem holds; the model takes a stem as a whole or not at all."""

_NAMES_OTHER = frozenset({"other", "others"})


def stems_for(prompt: str) -> frozenset[str]:
    """The stems whose sum is what ``prompt`` asks for.

    Raises:
        PromptNotUnderstood: it asks for a sound that is none of the stems, or only a part of one.
        PromptAmbiguous: see :func:`riata.understanding.understand`.
    """
    if _asks_for_other(prompt):
        return frozenset({"other"})
    found = understand(prompt)
    named = frozenset(found.removed if found.rest == "kept" else found.wanted)
    stems = frozenset(stem for stem, classes in CLASSES.items() if named & classes)
    unknown = sorted(named - {"other"} - frozenset[str]().union(*CLASSES.values()))
    parts = sorted(named & CLASSES["other"]) if not named >= CLASSES["other"] else []
    if unknown or parts or not stems:
        wrong = ", ".join(label(name) for name in unknown or parts or sorted(named))
        raise PromptNotUnderstood(
            f"The deployed model tells vocals, drums, bass and all other instruments together apart, but not {wrong}. "
            "Ask for one or more of these four.", param=PARAM,
        )  # fmt: skip
    return frozenset(SOURCES) - stems if found.rest == "kept" else stems


def _asks_for_other(prompt: str) -> bool:
    """The stem's own name, also as "the other instruments": it stands for no sound class."""
    marks = [mark for mark in scan(tokenise(prompt)) if mark.kind not in {Kind.DETERMINER, Kind.PAUSE, Kind.STEMS, Kind.FILLER}]
    if marks and marks[0].kind is Kind.KEEP:
        marks = marks[1:]
    words = " ".join(mark.text for mark in marks).split()
    return bool(words) and words[0] in _NAMES_OTHER and set(words[1:]) <= {"instruments", "music", "stem"}
