"""Checkpoint → safetensors file, one tensor in memory at a time.

The format is a length, a JSON header and the tensors' bytes; the library's own writer wants all of them in memory at once, which
for a model of 15 GB is more than the machine that prepares it has.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from riata.errors import ModelUnavailable
from riata_separator.models.unpickle import Tensor, open_tensors

_NAMES = {
    "f4": "F32", "f8": "F64", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8", "u1": "U8", "b1": "BOOL",
    "bfloat16": "BF16",
}  # fmt: skip
_SIZES = {"F32": 4, "F64": 8, "F16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "BF16": 2}


def write_safetensors(checkpoint: Path, destination: Path) -> None:
    """Convert a pickled checkpoint without running anything of it; types stay as they are.

    Raises:
        ModelUnavailable: It is no checkpoint, or holds something other than plain data and arrays.
    """
    with checkpoint.open("rb") as file, open_tensors(file) as tensors:
        if not tensors:
            raise ModelUnavailable(f"{checkpoint.name} holds no tensors.")
        header: dict[str, Any] = {}
        position = 0
        for name, tensor in tensors.items():
            kind = _kind(tensor)
            end = position + _SIZES[kind] * int(np.prod(tensor.shape, dtype=np.int64))
            header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [position, end]}
            position = end
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with destination.open("wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            for tensor in tensors.values():
                values = tensor.raw()
                out.write(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())


def _kind(tensor: Tensor) -> str:
    code = tensor.code if tensor.code == "bfloat16" else np.dtype(tensor.code).str[1:]
    if code not in _NAMES:
        raise ModelUnavailable(f"The checkpoint holds tensors of the type {code!r}, which safetensors has not.")
    return _NAMES[code]
