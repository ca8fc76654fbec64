"""The C library's memory: what is freed goes back to the system, so that a long file needs no more than a short one.

glibc keeps freed memory, in an arena per thread; chunk after chunk leaves other holes in each, and a process would grow for an
hour. Elsewhere both functions do nothing.
"""

import ctypes
import sys
from functools import cache

_M_ARENA_MAX = -8
_ARENAS = 2
"""One for the model's thread, one for those of decoder and encoder beside it."""


@cache
def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    return library if library is not None and hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


def few_arenas() -> None:
    """Let threads share arenas. It holds for threads that allocate for the first time afterwards: call it early."""
    if (library := _glibc()) is not None:
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return what was freed and lies between blocks still in use."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)
