"""Meta's packages import torchcodec, which needs FFmpeg's shared libraries, for files that they never get from us.

Riata decodes media itself, in a confined process. Where torchcodec cannot be imported, its decoders are stand-ins that refuse.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_DECODERS = ("AudioDecoder", "VideoDecoder")


class _Refusing:
    """A decoder that opens nothing."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("SAM-Audio is given samples, not files: Riata decodes media itself.")


@contextmanager
def decoders_importable() -> Iterator[None]:
    """Inside, ``from torchcodec.decoders import …`` succeeds; a torchcodec that works is the one that is imported."""
    if _works():
        yield
        return
    package, decoders = ModuleType("torchcodec"), ModuleType("torchcodec.decoders")
    for name in _DECODERS:
        setattr(decoders, name, _Refusing)
    stand_ins = {"torchcodec": package, "torchcodec.decoders": decoders}
    for name, module in stand_ins.items():
        # Others ask by the specification whether a package is there.
        module.__spec__ = ModuleSpec(name, None, is_package=module is package)
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            sys.modules.pop(name, None)


def _works() -> bool:
    try:
        importlib.import_module("torchcodec.decoders")
    except (ImportError, OSError, RuntimeError):
        # What a failed import left behind would hide the stand-ins.
        for name in [name for name in sys.modules if name.split(".")[0] == "torchcodec"]:
            del sys.modules[name]
        return False
    return True
