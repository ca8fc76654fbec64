"""``understand``: from a prompt to the classes it wants and removes."""

from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Literal

from riata.errors import PromptAmbiguous, PromptNotUnderstood
from riata.understanding.classes import CLASSES, in_order, label
from riata.understanding.grammar import Reading, Role, read
from riata.understanding.lexicon import UNSUPPORTED
from riata.understanding.resolve import Contradiction, Unclear, resolve
from riata.understanding.scan import scan
from riata.understanding.spelling import nearest
from riata.understanding.tokens import tokenise
from riata.understanding.words import ENGLISH, FOREIGN

PARAM = "input.prompt"
_UNKNOWN_WORD = 0.93
"""Factor on the confidence for each word that was passed over."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a prompt asks for, in names of ``CLASSES``.

    Attributes:
        wanted: Classes of the target; empty where everything but ``removed`` is kept.
        removed: Classes that are named as not wanted.
        context: Classes that are named as being in the recording, on neither side.
        rest: Whether what is not named belongs to the target.
        confidence: 1 where every word was known, less for each interpretation.
        notes: How words were interpreted, e.g. ``snare → drums``.
    """

    wanted: tuple[str, ...]
    removed: tuple[str, ...]
    context: tuple[str, ...]
    rest: Literal["kept", "removed"]
    confidence: float
    notes: tuple[str, ...]

    def target(self) -> tuple[str, ...]:
        """The classes that make up the target, with those that the rest stands for."""
        if self.rest == "removed":
            return self.wanted
        return tuple(name for name in CLASSES if name not in self.removed)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def understand(prompt: str) -> Understanding:
    """Understand a prompt in English, e.g. ``remove crowd noise and keep the speaker``.

    Raises:
        PromptNotUnderstood: It names no sound that the embedded model knows, or not clearly; the message says which
            sounds are nearest.
        PromptAmbiguous: It wants and removes the same sound, or two of a kind that the model cannot tell apart.
    """
    tokens = tokenise(prompt)
    if any(token in FOREIGN for token in tokens) and not any(token in ENGLISH for token in tokens):
        raise PromptNotUnderstood("Prompts are understood in English only. " + _offer(), param=PARAM)
    reading = read(scan(tokens))
    try:
        sides = resolve(reading)
    except Contradiction as contradiction:
        raise PromptAmbiguous(f"The prompt is ambiguous: {contradiction}.", param=PARAM) from None
    except Unclear as unclear:
        raise PromptNotUnderstood(_refusal(unclear, reading), param=PARAM) from None
    certainties = [m.certainty for m in reading.mentions if m.role is not Role.SCENE]
    passed_over = len(reading.unknown)
    return Understanding(
        wanted=in_order(sides.wanted),
        removed=in_order(sides.removed),
        context=in_order(sides.context),
        rest="kept" if sides.rest_kept else "removed",
        confidence=round(prod(certainties) * _UNKNOWN_WORD**passed_over, 2),
        notes=tuple(dict.fromkeys(sides.notes)),
    )


def _refusal(unclear: Unclear, reading: Reading) -> str:
    reason = str(unclear)
    sentence = f"The prompt is not understood: {reason}. "
    if unclear.unsupported is None:
        close = nearest(reading.unknown)
        return sentence + (f"Did you mean {_listed(close)}?" if close else _offer())
    near = UNSUPPORTED.get(tuple(unclear.unsupported.split())) or nearest([unclear.unsupported])
    return sentence + (f"The nearest sounds are {_listed(near)}." if near else _offer())


def _offer() -> str:
    return f"Name one or more of: {_listed([name for name in CLASSES if name != 'other'])}."


def _listed(names: "tuple[str, ...] | list[str]") -> str:
    return ", ".join(label(name) for name in names)
