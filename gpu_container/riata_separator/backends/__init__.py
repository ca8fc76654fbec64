"""Loading a backend by its name."""

import importlib.util
from pathlib import Path

from riata.errors import BackendUnavailable

from ..memory import few_arenas
from ..separator import Separator

NAMES = ("riata-small", "sam-audio", "hdemucs")


def load(name: str, *, weights: Path | None = None) -> Separator:
    """The separator called ``name``, ready to work; ``weights`` replaces the folder it is loaded from.

    Raises:
        BackendUnavailable: no such backend, or what it needs is not there.
    """
    few_arenas()
    if name == "riata-small":
        from .riata_small.backend import RiataSmall

        return RiataSmall.load(weights)
    if name in NAMES and importlib.util.find_spec("torch") is None:
        raise BackendUnavailable(f"The backend {name!r} needs torch, which is not installed here. Install riata[torch].")
    if name == "sam-audio":
        from .sam_audio.backend import SamAudio

        return SamAudio.load(weights)
    if name == "hdemucs":
        from .hdemucs.backend import HDemucs

        return HDemucs.load(weights)
    raise BackendUnavailable(f"There is no backend {name!r}. Choose one of: {', '.join(NAMES)}.")
