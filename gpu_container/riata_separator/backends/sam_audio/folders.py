"""Where the weights of SAM-Audio and of the models that it leans on lie: always in local folders, always safetensors.

They come there by the model manager (from a hub id, an S3 prefix or a mirror), or are one folder with a subfolder for each.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import torch
from safetensors import SafetensorError, safe_open

from riata.errors import BackendUnavailable, ModelUnavailable

from ...models import Store

_log = logging.getLogger(__name__)

MODEL, TEXT_ENCODER, SPAN_PREDICTOR, TEXT_RANKER = "sam-audio", "t5-base", "pe-a-frame", "sam-audio-ranker"
"""Names in the manifest, and of the subfolders. Only the last two may be missing."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of the model and of its text encoder; ``find`` gives that of an optional one by name, None if it is nowhere."""

    model: Path
    text_encoder: Path
    find: Callable[[str], Path | None]

    @classmethod
    def pulled(cls, store: Store) -> Self:
        """Those that the model manager has; ``RIATA_SAM_AUDIO_MODEL`` names the manifest's entry to use for the model itself.

        Raises:
            BackendUnavailable: one that cannot be done without is not there.
        """
        try:
            model = store.obtain(os.environ.get("RIATA_SAM_AUDIO_MODEL") or MODEL)
            return cls(model, store.obtain(TEXT_ENCODER), partial(_obtained, store))
        except ModelUnavailable as error:
            raise BackendUnavailable(f"The backend 'sam-audio' lacks weights. {error}") from error

    @classmethod
    def under(cls, root: Path) -> Self:
        """The subfolders of ``root`` that bear the models' names.

        Raises:
            BackendUnavailable: one that cannot be done without is not there.
        """
        for name in (MODEL, TEXT_ENCODER):
            if not (root / name).is_dir():
                raise BackendUnavailable(f"The backend 'sam-audio' needs a folder {name!r} in {root}.")
        return cls(root / MODEL, root / TEXT_ENCODER, partial(_subfolder, root))


def _obtained(store: Store, name: str) -> Path | None:
    try:
        return store.obtain(name)
    except ModelUnavailable as error:
        _log.warning("SAM-Audio goes on without %s: %s", name, error)
        return None


def _subfolder(root: Path, name: str) -> Path | None:
    return root / name if (root / name).is_dir() else None


def weights_in(folder: Path) -> Path:
    """The one safetensors file of ``folder``.

    Raises:
        BackendUnavailable: there is none, or several; a pickle is refused, for it may run code.
    """
    found = sorted(folder.glob("*.safetensors"))
    if len(found) == 1:
        return found[0]
    pickles = [path.name for suffix in ("pt", "pth", "bin", "ckpt") for path in folder.glob(f"*.{suffix}")]
    if not found and pickles:
        raise BackendUnavailable(
            f"{folder} holds only {', '.join(pickles)}, a pickle, which may run code. "
            f"Convert it with: riata models convert {folder / pickles[0]}"
        )
    raise BackendUnavailable(f"{folder} must hold one .safetensors file, but holds {len(found)}.")


def tensors_of(path: Path, *, without: str) -> Mapping[str, torch.Tensor]:
    """The tensors of a safetensors file but those whose name begins with ``without``, which are not even read."""
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys() if not name.startswith(without)}  # noqa: SIM118


@contextmanager
def loading(what: str, folder: Path) -> Iterator[None]:
    """Translate what goes wrong while a model is built from ``folder``."""
    try:
        yield
    except (ImportError, OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackendUnavailable(f"{what} cannot be loaded from {folder}: {error}") from error
