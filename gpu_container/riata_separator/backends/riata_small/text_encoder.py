"""A learned reader for prompts outside the lexicon: typos and unseen words."""

import zlib
from itertools import chain

import torch
from torch import nn

from .classes import CLASSES
from .grammar import words_of

_MOST_WORDS = 24


class TextEncoder(nn.Module):
    """Words as bags of hashed character n-grams, a bidirectional GRU, attention pooling."""

    def __init__(self, buckets: int = 4096, width: int = 48, classes: int = len(CLASSES)) -> None:
        super().__init__()
        self.buckets = buckets
        self.embed = nn.EmbeddingBag(buckets, width, mode="mean")
        self.gru = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.attend = nn.Linear(2 * width, 1)
        self.out = nn.Sequential(nn.Linear(2 * width, 96), nn.GELU(), nn.Linear(96, 2 * classes))

    def forward(self, prompt: str) -> torch.Tensor:
        """Logits (2, classes): wanted and named."""
        grams = [self._grams(word) for word in words_of(prompt)[:_MOST_WORDS] or ["nothing"]]
        offsets = torch.tensor([0, *map(len, grams[:-1])]).cumsum(0)
        device = self.attend.weight.device
        embedded = self.embed(torch.tensor(list(chain(*grams)), device=device), offsets.to(device))
        hidden = self.gru(embedded[None])[0][0]
        weight = self.attend(hidden).softmax(0)
        logits: torch.Tensor = self.out((weight * hidden).sum(0))
        return logits.view(2, -1)

    def _grams(self, word: str) -> list[int]:
        bounded = f"<{word}>"
        parts = [word] + [bounded[i : i + n] for n in (3, 4) for i in range(len(bounded) - n + 1)]
        return [zlib.crc32(part.encode()) % self.buckets for part in parts]
