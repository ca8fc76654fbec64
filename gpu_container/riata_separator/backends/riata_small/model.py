"""The network behind a batcher: what several requests ask of it at the same time is computed in one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ...compute import Compute
from ...separator import Workload
from ..batching import Batcher
from .networks.base import Network


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a prompt asks of the network: the ``hint`` (C,), and the groups of classes (G, C) whose shares it wants."""

    hint: torch.Tensor
    groups: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """One window of all channels (channels, F, T), and what is asked of it."""

    spec: torch.Tensor
    questions: Sequence[Question]


class Model:
    """Answers questions about windows of sound.

    One window is encoded once, however many prompts ask. Windows of different requests share a call when they have as many
    channels and as many questions; every answer depends on its own window only, but for rounding that follows from the shape
    of the call.
    """

    def __init__(self, network: Network, compute: Compute) -> None:
        self._compute = compute
        self._encode: Callable[..., Any] = network.encode
        self._summed_shares: Callable[..., torch.Tensor] = network.summed_shares
        if compute.compiled:
            self._encode, self._summed_shares = torch.compile(self._encode), torch.compile(self._summed_shares)
        self._batcher = Batcher(
            self._answered, compute.batch,
            key=lambda window: (window.spec.shape, len(window.questions)), size=lambda window: len(window.spec),
        )  # fmt: skip

    def windows_per_call(self, channels: int) -> int:
        """How many windows of so many channels to ask about at a time."""
        return max(1, self._batcher.most // channels)

    def shares(self, specs: torch.Tensor, questions: Sequence[Question]) -> list[list[torch.Tensor]]:
        """For each window of ``specs`` (B, channels, F, T), complex: for each question, the shares (G, channels, F, T).

        Raises:
            ModelFailed: there is not memory enough for one window.
        """
        return self._batcher([_Window(spec, questions) for spec in specs])

    def workload(self) -> Workload:
        """See :class:`~riata_separator.separator.Metered`; items are windows of one channel."""
        return self._batcher.workload()

    def _answered(self, windows: list[_Window]) -> list[list[torch.Tensor]]:
        device, channels = self._compute.device, len(windows[0].spec)
        answers: list[list[torch.Tensor]] = [[] for _ in windows]
        with torch.autocast(device.type, self._compute.dtype, enabled=self._compute.dtype is not torch.float32):
            encoded = self._encode(torch.stack([window.spec for window in windows]))
            for questions in zip(*(window.questions for window in windows), strict=True):
                shares = self._summed_shares(encoded, *_merged(questions)).float()
                for k, (answer, question) in enumerate(zip(answers, questions, strict=True)):
                    answer.append(shares[: len(question.groups), k * channels : (k + 1) * channels])
        if device.type == "cuda":
            torch.cuda.current_stream(device).synchronize()
        return answers


def _merged(questions: Sequence[Question]) -> tuple[torch.Tensor, torch.Tensor]:
    """Hint and groups for one call: as they are when all windows are asked the same, else stacked, padded with empty groups."""
    first = questions[0]
    if all(question is first for question in questions):
        return first.hint, first.groups
    most = max(len(question.groups) for question in questions)
    padded = [torch.nn.functional.pad(q.groups, (0, 0, 0, most - len(q.groups))) for q in questions]
    return torch.stack([question.hint for question in questions]), torch.stack(padded)
