"""How much an installation of the engine takes on disk, by the library that computes it."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

from tests.local_stack import ROOT

_ONLY = {"onnx": "onnxruntime", "torch": "torch"}
"""The requirement that the other environment lacks."""


def install_mib(runtime: str) -> int:
    """MiB of everything that the engine needs on ``runtime`` and on that alone, its dependencies included.

    Raises:
        SystemExit: something of it is not installed.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["separator"], *extras["torch"]]
    others = {package for name, package in _ONLY.items() if name != runtime}
    mine = [r for r in map(Requirement, wanted) if r.name not in {"riata", *others}]
    return sum(map(_size, _closure(mine).values())) >> 20


def _closure(requirements: Iterable[Requirement]) -> dict[str, Distribution]:
    found, left = dict[str, Distribution](), list(requirements)
    while left:
        requirement = left.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or not _applies(requirement):
            continue
        try:
            found[name] = distribution(requirement.name)
        except PackageNotFoundError as error:
            raise SystemExit(f"{requirement.name} is not installed. Run: make bench-runtime") from error
        left += [dependency for dependency in map(Requirement, found[name].requires or []) if _applies(dependency)]
    return found


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _size(package: Distribution) -> int:
    paths = [file.locate() for file in package.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file())
