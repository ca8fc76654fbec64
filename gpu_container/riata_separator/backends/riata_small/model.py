"""The network behind a batcher: what several requests ask of it at the same time is computed in one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...arrays import Array, device, namespace
from ...separator import Workload
from ..batching import Batcher
from .networks.base import PlacedNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a prompt asks of the network: the ``hint`` (C,), and the groups of classes (G, C) whose shares it wants."""

    hint: Array
    groups: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """One window of all channels (channels, F, T), and what is asked of it."""

    spec: Array
    questions: Sequence[Question]


class Model:
    """Answers questions about windows of sound.

    One window is encoded once, however many prompts ask. Windows of different requests share a call when they have as many
    channels and as many questions; every answer depends on its own window only, but for rounding that follows from the shape
    of the call.

    Args:
        network: that is called.
        batch: most windows in one call.
        threads: that may prepare and finish windows beside each other; calls are made one after the other.
    """

    def __init__(self, network: PlacedNetwork, batch: int, threads: int = 1) -> None:
        self.threads = threads
        self._encode: Callable[[Array], Any] = network.encode
        self._summed_shares: Callable[[Any, Array, Array], Array] = network.summed_shares
        self._batcher = Batcher(
            self._answered, batch,
            key=lambda window: (window.spec.shape, len(window.questions)), size=lambda window: len(window.spec),
        )  # fmt: skip

    def windows_per_call(self, channels: int) -> int:
        """How many windows of so many channels to ask about at a time."""
        return max(1, self._batcher.most // channels)

    def shares(
        self, specs: Array, questions: Sequence[Question], beliefs: Sequence[Array] | None = None
    ) -> list[list[Array]]:
        """For each window of ``specs`` (B, channels, F, T), complex: for each question, the shares (G, channels, F, T).

        ``beliefs``, for each question (B, C), are factors of the shares of classes in each window.

        Raises:
            ModelFailed: there is not memory enough for one window.
        """
        if beliefs is None:
            return self._batcher([_Window(spec, questions) for spec in specs])
        return self._batcher([
            _Window(spec, [Question(q.hint, q.groups * by[k]) for q, by in zip(questions, beliefs, strict=True)])
            for k, spec in enumerate(specs)
        ])  # fmt: skip

    def workload(self) -> Workload:
        """See :class:`~riata_separator.separator.Metered`; items are windows of one channel."""
        return self._batcher.workload()

    def _answered(self, windows: list[_Window]) -> list[list[Array]]:
        channels = len(windows[0].spec)
        answers: list[list[Array]] = [[] for _ in windows]
        encoded = self._encode(_stacked([window.spec for window in windows]))
        for questions in zip(*(window.questions for window in windows), strict=True):
            shares = self._summed_shares(encoded, *_merged(questions))
            for k, (answer, question) in enumerate(zip(answers, questions, strict=True)):
                answer.append(shares[: len(question.groups), k * channels : (k + 1) * channels])
        return answers


def _stacked(arrays: Sequence[Array]) -> Array:
    return namespace(arrays[0]).stack(arrays)


def _merged(questions: Sequence[Question]) -> tuple[Array, Array]:
    """Hint and groups for one call: as they are when all windows are asked the same, else stacked, padded with empty groups."""
    first = questions[0]
    if all(question is first for question in questions):
        return first.hint, first.groups
    most = max(len(question.groups) for question in questions)
    return _stacked([question.hint for question in questions]), _stacked([_with_empty(q.groups, most) for q in questions])


def _with_empty(groups: Array, most: int) -> Array:
    xp = namespace(groups)
    empty = xp.zeros((most - len(groups), groups.shape[1]), dtype=groups.dtype, device=device(groups))
    return xp.concat([groups, empty])
