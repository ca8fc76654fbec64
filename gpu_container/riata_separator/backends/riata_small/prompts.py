"""From a prompt to a plan: the one place where words become classes."""

import torch

from .classes import CLASSES
from .grammar import Wish, parse
from .text_encoder import TextEncoder

VOICES = frozenset({"speech", "vocals"})


def understand(prompt: str, encoder: TextEncoder) -> Wish:
    """What the prompt wants and names: the grammar's answer, else the encoder's.

    A prompt that names one kind of voice means any voice: one speaks or sings, and hardly anybody says which.
    """
    wish = parse(prompt) or _guessed(prompt, encoder)
    voices = wish.named & VOICES or (wish.wanted if wish.wanted <= VOICES else frozenset())
    if len(voices) != 1:
        return wish
    wanted = wish.wanted | VOICES if voices <= wish.wanted else wish.wanted - VOICES
    return Wish(wanted, wish.named | VOICES)


@torch.inference_mode()
def _guessed(prompt: str, encoder: TextEncoder) -> Wish:
    wanted, named = encoder(prompt).sigmoid().tolist()
    likely = {name for name, chance in zip(CLASSES, wanted, strict=True) if chance > 0.5}
    if not likely:
        likely = {CLASSES[max(range(len(CLASSES)), key=wanted.__getitem__)]}
    return Wish(frozenset(likely), frozenset(name for name, chance in zip(CLASSES, named, strict=True) if chance > 0.5))
