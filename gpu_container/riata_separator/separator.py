"""What a backend is: the seam between the engine and a model.

A :class:`Separator` is loaded once and serves many files. :meth:`Separator.begin` fixes everything that must not change
within a file (the understood prompt, the loudness, the seed); the :class:`Separation` it returns maps one chunk of mixture
after the other to the target. Positions are absolute samples of the file, so that a model which works on a grid of its own
gives the same target whatever chunks the file was cut into.

``begin`` and ``target`` are all that a backend needs. Several prompts on one file are several separations, each of its own
``begin``, which the engine takes through the same chunks together; a backend that can share work between them implements
:class:`JointSeparator` as well, for the others :func:`targets` asks one separation after the other. Several files may be at work
on different threads at the same time: a separator's methods must allow that, a separation is only used by one thread at a time.
A backend that counts its model calls (:class:`~riata_separator.backends.batching.Batcher` does) tells them as :class:`Metered`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from riata.domain.options import SeparationOptions

Audio = np.ndarray[Any, np.dtype[np.float32]]
"""float32, (channels, samples), full scale at ±1."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a whole file before its separation begins.

    ``total`` is in samples per channel, ``peak`` and ``rms`` in full scale (``rms`` over all channels and samples).
    """

    sample_rate: int
    channels: int
    total: int
    peak: float
    rms: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the mixture with its hidden context: ``mixture`` (channels, samples) begins at sample ``start``."""

    mixture: Audio
    start: int

    @property
    def end(self) -> int:
        """One past the last sample, absolute."""
        return self.start + self.mixture.shape[1]


class Separation(Protocol):
    """One prompt at work on one file."""

    def target(self, chunk: Chunk, checkpoint: Callable[[], None]) -> Audio:
        """The target in ``chunk``, (channels, samples) as the mixture there.

        ``checkpoint`` is called between model calls; what it raises ends the separation.
        """
        ...

    def confidence(self) -> float:
        """How sure the model is of the targets so far, 0…1; candidates are ranked by it."""
        ...

    def report(self) -> Mapping[str, Any]:
        """JSON-compatible facts about the separation so far, for the result's extra data."""
        ...


class Separator(Protocol):
    """A loaded model.

    ``sample_rate`` is the rate in Hz at which it listens, ``context`` the seconds of mixture it wants to hear on both sides
    of what it is asked for, ``stride`` the seconds of which chunk starts should be multiples.
    """

    name: str
    sample_rate: int
    context: float
    stride: float

    def begin(self, options: SeparationOptions, summary: Summary, candidate: int = 0) -> Separation:
        """Understand the prompt and start on a file.

        ``candidate`` counts the attempts at the same file: candidate 0 is what a single separation gives, the others differ
        from it by nothing but chance that follows from ``options.seed``.

        Raises:
            SeparationFailed: the prompt cannot be served.
        """
        ...


@runtime_checkable
class Learner(Separation, Protocol):
    """A separation that may have to hear parts of the file before it can give a target."""

    def stretches(self) -> Sequence[tuple[int, int]]:
        """What it wants to hear: (first, end) in samples of the file, in rising order. Empty when it needs nothing."""
        ...

    def learn(self, heard: Sequence[Chunk], checkpoint: Callable[[], None]) -> None:
        """Hear the stretches asked for; ``checkpoint`` as for :meth:`target`."""
        ...


@runtime_checkable
class JointSeparator(Separator, Protocol):
    """A model that does for several prompts on one file only once what does not depend on the prompt."""

    def targets(
        self, separations: Sequence[Separation], chunk: Chunk, checkpoint: Callable[[], None]
    ) -> Iterator[Audio]:
        """What :meth:`Separation.target` gives for each of ``separations``, which this separator began with the same summary.

        They come one by one, so that not all of them need be in memory. Which are asked together may change from chunk to
        chunk; it changes targets by rounding only.
        """
        ...


def targets(
    separator: Separator, separations: Sequence[Separation], chunk: Chunk, checkpoint: Callable[[], None]
) -> Iterator[Audio]:
    """The targets of several separations of one file in the same chunk, in their order, sharing what the backend can share."""
    if isinstance(separator, JointSeparator):
        return separator.targets(separations, chunk, checkpoint)
    return (separation.target(chunk, checkpoint) for separation in separations)


@dataclass(frozen=True, slots=True)
class Workload:
    """What a model has computed since it was loaded: ``items`` in ``calls`` that had room for ``room``, within ``seconds``."""

    calls: int = 0
    items: int = 0
    room: int = 0
    seconds: float = 0.0


@runtime_checkable
class Metered(Protocol):
    """A backend that counts its model calls."""

    def workload(self) -> Workload:
        """The counts so far."""
        ...
