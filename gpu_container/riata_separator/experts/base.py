"""What an expert is, and which of them can be had."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from riata.errors import ModelUnavailable
from riata_separator.compute import Compute, compute_here
from riata_separator.models import Store
from riata_separator.separator import Audio

if TYPE_CHECKING:
    from riata_separator.experts.ear import Ear


class Expert(Protocol):
    """Estimates one kind of sound.

    ``sample_rate`` (Hz) is the rate of what it takes and gives; ``context`` the seconds it wants to hear around what counts.
    """

    name: str
    sample_rate: int
    context: float

    def estimate(self, mixture: Audio, start: int, total: int, checkpoint: Callable[[], None]) -> Audio:
        """Its sound in ``mixture`` (channels, samples), aligned with it and of the same shape.

        ``start`` is the position of the mixture's first sample in a file of ``total`` samples, both at ``sample_rate``; what
        ``checkpoint``, called between model calls, raises ends the work.
        """
        ...


def load_experts(store: Store | None = None, compute: Compute | None = None) -> tuple[dict[str, Expert], list[str]]:
    """The experts whose models have been pulled, and a sentence for each that is missing.

    Raises:
        BackendUnavailable: see :func:`~riata_separator.compute.compute_here`, which ``compute`` replaces.
    """
    from riata_separator.experts.speech import SpeechExpert
    from riata_separator.experts.voice import VoiceExpert

    here = compute or compute_here()
    loaders: dict[str, Callable[[Path], Expert]] = {
        "voice": lambda folder: VoiceExpert.load(folder, here),
        "speech": SpeechExpert.load,
    }
    cache, found, missing = store or Store(), dict[str, Expert](), list[str]()
    for name, loader in loaders.items():
        try:
            found[name] = loader(cache.path(name))
        except ModelUnavailable as error:
            missing.append(f"Without the {name} expert: {error}")
    return found, missing


def load_ear(
    classes: Sequence[str], store: Store | None = None, compute: Compute | None = None
) -> tuple["Ear | None", list[str]]:
    """The ear for ``classes`` if its model has been pulled, and a sentence if it is missing. It is no :class:`Expert`.

    Raises:
        BackendUnavailable: see :func:`~riata_separator.compute.compute_here`, which ``compute`` replaces.
    """
    from riata_separator.experts.ear import Ear

    here = compute or compute_here()
    try:
        return Ear.load((store or Store()).path("ear"), here, classes), []
    except ModelUnavailable as error:
        return None, [f"Without the ear: {error}"]
