"""Where a prompt says more than the model knows: what the caller should be warned of."""

from riata.understanding import Understanding
from riata.understanding.classes import CLASSES, in_order, label

from .classes import Vocabulary


def doubts(found: Understanding, vocabulary: Vocabulary) -> list[str]:
    """A sentence for everything in which a network with ``vocabulary`` is coarser than the prompt."""
    named = found.wanted or found.removed
    sentences = []
    if found.confidence < 1:
        read = f" ({'; '.join(found.notes)})" if found.notes else ""
        sentences.append(f"The prompt says more than the model knows. It was taken for: {_listed(named)}{read}.")
    for name in named:
        known = vocabulary.of([name])
        alike = {other for other in CLASSES if vocabulary.of([other]) == known} - set(named)
        if not known:
            sentences.append(f"The model does not know {label(name)}: it goes with the rest.")
        elif alike:
            sentences.append(f"The model cannot tell {label(name)} from {_listed(in_order(alike))}: it takes both.")
    return sentences


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(label, names))
