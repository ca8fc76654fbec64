"""The cache of models: one folder per model and hash, written whole or not at all."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from riata.errors import ModelUnavailable
from riata_separator.models.convert import convert
from riata_separator.models.manifest import Artifact, Model, find, manifest
from riata_separator.models.sources import LITTLE_PATIENCE, PATIENCE, fetch

_RECEIPT = "receipt.json"
_LOCK_SECONDS = 1800
_BLOCK = 1 << 20


def default_folders() -> list[Path]:
    """Those of ``RIATA_MODELS``, or ``riata/models`` in the user's cache folder. Models are pulled into the first.

    Several are joined as in ``PATH``: an image has some models in a folder that it cannot write to.
    """
    named = os.environ.get("RIATA_MODELS")
    if named:
        return [Path(folder) for folder in named.split(os.pathsep) if folder]
    if sys.platform == "darwin":
        return [Path.home() / "Library" / "Caches" / "riata" / "models"]
    return [Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "riata" / "models"]


class Store:
    """Models in one cache folder, by default that of the user."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder, *self._others = [folder] if folder else default_folders()

    def path(self, name: str) -> Path:
        """The folder of a pulled model.

        Raises:
            ModelUnavailable: There is no such model, or it has not been pulled.
        """
        model = find(name)
        for folder in (self.folder, *self._others):
            home = _home(folder, model)
            if (home / _RECEIPT).is_file():
                return home
        raise ModelUnavailable(f"The model {name!r} is not in {self.folder}. Fetch it with: riata models pull {name}")

    def obtain(self, name: str) -> Path:
        """The folder of a model, which is pulled first where the deployment lets its workers do so (``RIATA_MODELS_PULL=true``).

        Raises:
            ModelUnavailable: It is not there and may not, or cannot, be pulled.
        """
        return self.pull(name) if os.environ.get("RIATA_MODELS_PULL") == "true" else self.path(name)

    def has(self, name: str) -> bool:
        """Whether the model has been pulled."""
        try:
            self.path(name)
        except ModelUnavailable:
            return False
        return True

    def pull(self, name: str) -> Path:
        """Fetch, check, convert and keep a model, unless it is there already; the folder it is in.

        An interrupted pull goes on where it ended; processes that pull the same model wait for each other.

        Raises:
            ModelUnavailable: It cannot be had, or is not what the manifest promises.
        """
        if self.has(name):
            return self.path(name)
        model = find(name)
        home = _home(self.folder, model)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / f"{name}.lock", timeout=_LOCK_SECONDS):
                if not (home / _RECEIPT).is_file():
                    self._install(model, home)
        except Timeout as error:
            raise ModelUnavailable(f"Another process has been pulling {name!r} for too long.") from error
        except OSError as error:
            raise ModelUnavailable(f"{self.folder} cannot be written: {error}") from error
        return home

    def pull_unasked(self) -> Iterator[str]:
        """Pull every model but those on request; a line for each, also for an optional one that cannot be had.

        Raises:
            ModelUnavailable: Another than an optional one cannot be had.
        """
        for model in manifest().values():
            if not model.on_request:
                yield self._pulled_or_done_without(model)

    def _pulled_or_done_without(self, model: Model) -> str:
        try:
            return f"{model.name}: {self.pull(model.name)}"
        except ModelUnavailable as error:
            if not model.optional:
                raise
            return f"{model.name}: going on without it, which is optional: {error}"

    def verify(self, name: str) -> None:
        """Compare every file of a pulled model with what was written.

        Raises:
            ModelUnavailable: A file is missing or has changed, or the model is not there.
        """
        folder = self.path(name)
        for file, digest in json.loads((folder / _RECEIPT).read_text(encoding="utf-8"))["files"].items():
            if not (folder / file).is_file() or _sha256(folder / file) != digest:
                raise ModelUnavailable(f"{folder / file} is damaged. Delete {folder} and pull {name!r} again.")

    def _install(self, model: Model, home: Path) -> None:
        patience = LITTLE_PATIENCE if model.optional else PATIENCE
        parts = {artifact: self._download(artifact, patience) for artifact in model.wanted()}
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix="new-") as temporary:
            folder = Path(temporary) / "model"
            folder.mkdir()
            for artifact, part in parts.items():
                convert(model, artifact, part, folder)
            files = {file.name: _sha256(file) for file in sorted(folder.iterdir())}
            fetched = [{"source": artifact.source, "sha256": artifact.sha256} for artifact in parts]
            receipt = {"fetched": fetched, "licence": model.licence, "files": files}
            (folder / _RECEIPT).write_text(json.dumps(receipt, indent=1), encoding="utf-8")
            shutil.rmtree(home, ignore_errors=True)
            folder.replace(home)
        for part in parts.values():
            part.unlink(missing_ok=True)

    def _download(self, artifact: Artifact, patience: float) -> Path:
        part = self.folder / "downloads" / f"{artifact.sha256}.part"
        part.parent.mkdir(exist_ok=True)
        if not (part.is_file() and part.stat().st_size == artifact.size):
            fetch(artifact, part, patience)
        if _sha256(part) != artifact.sha256:
            part.unlink()
            raise ModelUnavailable(
                f"{artifact.file} from {artifact.source} is not the file that the manifest promises: its SHA-256 differs. "
                "It was deleted; nothing was installed."
            )
        return part


def _home(folder: Path, model: Model) -> Path:
    return folder / model.name / model.identity()[:16]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
