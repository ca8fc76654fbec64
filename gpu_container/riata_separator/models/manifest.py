"""What models there are: name, source, hash, licence, size, converter.

The manifest is ``manifest.json`` beside this module; a deployment adds its own models with a file of the same form, named
by ``RIATA_MODELS_MANIFEST``.
"""

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from riata.errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file to fetch.

    ``file`` is its name in a mirror, with the folder that it lies in there; ``size`` in bytes, or the most that is accepted;
    ``platform`` is ``System-machine`` for which it is made, None for all.
    """

    source: str
    file: str
    sha256: str
    size: int
    platform: str | None = None

    @property
    def name(self) -> str:
        """The file's own name."""
        return Path(self.file).name


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the manifest.

    Either one of the ``artifacts`` is fetched, the one for this machine, or all of the ``parts``. ``members`` maps names inside
    the artifact to names in the cache. A model ``on_request`` is only pulled by its name: it is large, or its licence has to be
    agreed to. All others are pulled unasked; an ``optional`` one is done without where it cannot be had.
    """

    name: str
    title: str
    artifacts: tuple[Artifact, ...]
    licence: str
    credit: str
    converter: str
    members: dict[str, str]
    parts: tuple[Artifact, ...] = ()
    on_request: bool = False
    optional: bool = False

    def wanted(self) -> tuple[Artifact, ...]:
        """What is to be fetched on this machine.

        Raises:
            ModelUnavailable: The model is not made for it.
        """
        return self.parts or (self.artifact(),)

    def identity(self) -> str:
        """What the model is known by: a hash of all that is fetched, and of what becomes of it."""
        fetched = [artifact.sha256 for artifact in self.wanted()]
        return hashlib.sha256(json.dumps([fetched, self.converter, sorted(self.members.items())]).encode()).hexdigest()

    def artifact(self) -> Artifact:
        """The artifact for this machine.

        Raises:
            ModelUnavailable: The model is not made for it.
        """
        here = f"{platform.system()}-{platform.machine()}"
        for artifact in self.artifacts:
            if artifact.platform in {None, here}:
                return artifact
        raise ModelUnavailable(f"The model {self.name!r} is not made for {here}.")


def _model(name: str, entry: dict[str, Any]) -> Model:
    artifacts, parts = (tuple(Artifact(**artifact) for artifact in entry.get(key, ())) for key in ("artifacts", "parts"))
    if not (artifacts or parts):
        raise ValueError(f"{name} has neither artifacts nor parts")
    more: dict[str, Any] = {key: entry.get(key, "") for key in ("title", "credit")}
    more |= {key: bool(entry.get(key)) for key in ("on_request", "optional")}
    return Model(
        name=name, artifacts=artifacts, licence=entry["licence"], converter=entry["converter"],
        members=entry.get("members", {}), parts=parts, **more,
    )  # fmt: skip


def manifest() -> dict[str, Model]:
    """All models by name.

    Raises:
        ModelUnavailable: The additional manifest cannot be read.
    """
    entries = json.loads(resources.files(__package__).joinpath("manifest.json").read_text(encoding="utf-8"))
    models = {name: _model(name, entry) for name, entry in entries.items()}
    extra = os.environ.get("RIATA_MODELS_MANIFEST")
    if extra:
        try:
            added = json.loads(Path(extra).read_text(encoding="utf-8"))
            models |= {name: _model(name, entry) for name, entry in added.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelUnavailable(f"RIATA_MODELS_MANIFEST={extra} is no readable manifest: {error!r}") from error
    return models


def find(name: str) -> Model:
    """The model called ``name``.

    Raises:
        ModelUnavailable: There is none.
    """
    models = manifest()
    if name not in models:
        raise ModelUnavailable(f"There is no model {name!r}. Choose one of: {', '.join(models)}.")
    return models[name]
