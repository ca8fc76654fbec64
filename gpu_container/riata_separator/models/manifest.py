"""What models there are: name, source, hash, licence, size, converter.

The manifest is ``manifest.json`` beside this module; a deployment adds its own models with a file of the same form, named
by ``RIATA_MODELS_MANIFEST``.
"""

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
    """One file to fetch. ``platform`` is ``System-machine`` for which it is made, None for all; ``size`` in bytes."""

    source: str
    file: str
    sha256: str
    size: int
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the manifest. ``members`` maps names inside the artifact to names in the cache."""

    name: str
    title: str
    artifacts: tuple[Artifact, ...]
    licence: str
    credit: str
    converter: str
    members: dict[str, str]

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
    artifacts = tuple(Artifact(**artifact) for artifact in entry["artifacts"])
    optional = {key: entry.get(key, "") for key in ("title", "credit")}
    return Model(
        name=name, artifacts=artifacts, licence=entry["licence"], converter=entry["converter"],
        members=entry.get("members", {}), **optional,
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
