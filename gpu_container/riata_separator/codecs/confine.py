"""Limits a media child process puts on itself before it touches hostile bytes."""

import os
import resource
from collections.abc import Mapping

ADDRESS_SPACE_BYTES = 1 << 30
CPU_SECONDS = 900
OPEN_FILES = 64

_KEPT_VARIABLES = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR")


def confine(*, written_bytes: int) -> None:
    """Cap this process's memory, processor time, open files and the size of any file it writes; leave no core dump."""
    for limit, value in (
        (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, written_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (wanted, wanted))


def bare_environment(import_path: list[str]) -> Mapping[str, str]:
    """The environment of a media child: no credentials, only what the interpreter needs."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(p for p in import_path if p), "PYTHONDONTWRITEBYTECODE": "1"}
