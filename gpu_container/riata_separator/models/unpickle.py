"""Reading tensors out of pickles without running anything from them.

Checkpoints of PyTorch are pickles, and a pickle may call any function. This reader knows the few calls that build arrays and
gives each its own harmless stand-in; every other name is refused. Both layouts are read: pickled NumPy arrays, and the zip
of ``torch.save`` with its storages beside the pickle (bfloat16 comes back as float32).
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from typing import Any

import numpy as np

from riata.errors import ModelUnavailable

_MOST_ELEMENTS = 1 << 31
_STORAGES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?", "BFloat16Storage": "bfloat16",
}  # fmt: skip


def read_tensors(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """The tensors of a checkpoint by name; nested mappings are joined with dots, anything else is left out.

    Raises:
        ModelUnavailable: It is no such checkpoint, or it holds something other than plain data and arrays.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data)) if zipfile.is_zipfile(io.BytesIO(data)) else None
        loaded = _load_zip(archive) if archive else _Reader(io.BytesIO(data), {}).load()
    except (pickle.UnpicklingError, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, AttributeError,
            IndexError, OverflowError, MemoryError) as error:  # fmt: skip
        raise ModelUnavailable(f"The checkpoint cannot be read safely: {error}") from error
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    _collect("", loaded, tensors)
    return tensors


def _load_zip(archive: zipfile.ZipFile) -> Any:
    (name,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
    folder = name.removesuffix("data.pkl")
    storages = {
        entry.removeprefix(folder + "data/"): archive.read(entry)
        for entry in archive.namelist()
        if entry.startswith(folder + "data/")
    }
    return _Reader(io.BytesIO(archive.read(name)), storages).load()


def _collect(prefix: str, value: Any, tensors: dict[str, np.ndarray[Any, Any]]) -> None:
    if isinstance(value, _Array):
        value = value.array()
    if isinstance(value, np.ndarray):
        tensors[prefix] = value
    elif isinstance(value, dict):
        for key, item in value.items():
            _collect(f"{prefix}.{key}" if prefix else str(key), item, tensors)


class _Type:
    """Stands for a class that a pickle names but that nobody may instantiate."""

    def __init__(self, name: str) -> None:
        self.name = name


class _DType:
    """Stands for ``numpy.dtype``: a plain type code, its byte order set by the state."""

    def __init__(self, code: str, *_: object) -> None:
        self.code = code

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in {"<", ">", "|", "="}:
            self.code = state[1] + self.code.lstrip("<>|=")

    def dtype(self) -> np.dtype[Any]:
        found = np.dtype(self.code)
        if found.hasobject or found.kind not in "fiub":
            raise pickle.UnpicklingError(f"arrays of {self.code!r} are not numbers")
        return found


class _Array:
    """Stands for an array that ``numpy.core.multiarray._reconstruct`` would have made; the state brings its data."""

    def __init__(self, *_: object) -> None:
        self.state: tuple[tuple[int, ...], np.dtype[Any], bool, bytes] | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, by_columns, data = state
        if not isinstance(data, bytes) or not isinstance(dtype, _DType):
            raise pickle.UnpicklingError("an array without plain data")
        self.state = tuple(shape), dtype.dtype(), bool(by_columns), data

    def array(self) -> np.ndarray[Any, Any]:
        if self.state is None:
            raise ModelUnavailable("The checkpoint cannot be read safely: an array without data.")
        shape, dtype, by_columns, data = self.state
        flat = np.frombuffer(data, dtype)
        return flat.reshape(shape, order="F" if by_columns else "C").copy()


def _encode(text: str, encoding: str) -> bytes:
    """``_codecs.encode`` as pickles of old protocols use it for bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"the encoding {encoding!r}")
    return text.encode("latin1")


def _rebuild(storage: np.ndarray[Any, Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object) -> Any:
    """``torch._utils._rebuild_tensor_v2``: a strided view into a storage, copied."""
    if math.prod(size) > _MOST_ELEMENTS or min((*size, *stride, offset, 0)) < 0:
        raise pickle.UnpicklingError("a tensor of impossible size")
    if math.prod(size) == 0:
        return np.zeros(size, storage.dtype)
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if last >= len(storage):
        raise pickle.UnpicklingError("a tensor beyond its storage")
    steps = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps).copy()


def _parameter(data: Any, *_: object) -> Any:
    return data


_CALLS: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "dtype"): _DType,
    ("_codecs", "encode"): _encode,
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch._utils", "_rebuild_parameter"): _parameter,
}


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, storages: dict[str, bytes]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _CALLS:
            return _CALLS[module, name]
        if (module, name) == ("numpy", "ndarray") or (module == "torch" and name in _STORAGES):
            return _Type(name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no tensor")

    def persistent_load(self, pid: Any) -> np.ndarray[Any, Any]:
        kind, storage_type, key, _, count = pid
        if kind != "storage" or not isinstance(storage_type, _Type):
            raise pickle.UnpicklingError("an unknown reference")
        code = _STORAGES[storage_type.name]
        data = self._storages[key]
        if code == "bfloat16":
            return (np.frombuffer(data, "<u2", count).astype("<u4") << 16).view("<f4")
        return np.frombuffer(data, code, count)
