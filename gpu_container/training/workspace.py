"""Where the training keeps its files: one folder outside the repository, named by the environment."""

import os
from pathlib import Path

RATE = 32000
"""Sample rate of every stem, in Hz."""


def root() -> Path:
    """Folder of sources, stems, caches and checkpoints: `RIATA_TRAINING_DIR`, else the user's cache."""
    return Path(os.environ.get("RIATA_TRAINING_DIR", Path.home() / ".cache" / "riata" / "training"))


def mirror() -> Path | None:
    """Folder with bare git directories `owner+name` and Debian packages, or None when sources come over the network."""
    folder = os.environ.get("RIATA_SOURCE_MIRROR")
    return Path(folder) if folder else None


def folder(*parts: str) -> Path:
    """A folder under `root()`, created when missing."""
    path = root().joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path
