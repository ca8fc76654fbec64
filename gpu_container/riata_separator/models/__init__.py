"""The model manager: weights are fetched once, checked by hash, converted, and kept in a cache."""

from riata_separator.models.manifest import Artifact, Model, find, manifest
from riata_separator.models.store import Store

__all__ = ["Artifact", "Model", "Store", "find", "manifest"]
