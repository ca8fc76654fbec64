"""What does not depend on our weights is computed once: kept by content under `$RIATA_TRAINING_DIR/kept`."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from riata_separator.experts.base import Expert, load_experts
from riata_separator.models import Store
from training.workspace import folder


def digest(*parts: bytes | str | np.ndarray) -> str:
    """A short name of contents."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else memoryview(part).cast("B"))
    return found.hexdigest()[:32]


def file_digest(path: Path) -> str:
    """Of a file, or of all files in a folder."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return digest(*(file.read_bytes() for file in files if file.is_file()))


class KeptExpert:
    """An expert whose estimates of whole mixtures are kept."""

    def __init__(self, expert: Expert, identity: str) -> None:
        self.name, self.sample_rate, self.context = expert.name, expert.sample_rate, expert.context
        self._expert, self._folder = expert, folder("kept", f"{expert.name}-{identity[:12]}")

    def estimate(self, mixture: np.ndarray, start: int, total: int, checkpoint: Callable[[], None]) -> np.ndarray:
        """See :class:`~riata_separator.experts.base.Expert`."""
        path = self._folder / f"{digest(mixture, f'{start} {total}')}.npy"
        if not path.exists():
            estimate = self._expert.estimate(mixture, start, total, checkpoint)
            unfinished = path.with_suffix(".part.npy")
            np.save(unfinished, estimate.astype(np.float32))
            unfinished.rename(path)
        kept: np.ndarray = np.load(path)
        return kept


def kept_experts() -> dict[str, Expert]:
    """All experts. Raises FileNotFoundError where one has not been pulled."""
    experts, missing = load_experts()
    if missing:
        raise FileNotFoundError(" ".join(missing))
    store = Store()
    return {name: KeptExpert(expert, file_digest(store.path(name))) for name, expert in experts.items()}


class KeptScores:
    """Scores by key in one file, read when it is opened and written by :meth:`save`."""

    def __init__(self, name: str) -> None:
        self._path = folder("kept") / f"{name}.json"
        self._scores: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def of(self, key: str, compute: Callable[[], Any]) -> Any:
        """What is kept under ``key``, or what is computed now."""
        if key not in self._scores:
            self._scores[key] = compute()
        return self._scores[key]

    def save(self) -> None:
        """Write all."""
        unfinished = self._path.with_suffix(".part")
        unfinished.write_text(json.dumps(self._scores), encoding="utf-8")
        unfinished.replace(self._path)
