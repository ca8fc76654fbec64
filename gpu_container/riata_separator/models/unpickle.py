"""Reading tensors out of pickles without running anything from them.

Checkpoints of PyTorch are pickles, and a pickle may call any function. This reader knows the few calls that build arrays and
gives each its own harmless stand-in; every other name is refused. Both layouts are read: pickled NumPy arrays, and the zip
of ``torch.save`` with its storages beside the pickle. Storages are only read when their tensors are asked for, so that a
checkpoint of any size can be gone through with the memory of its largest tensor.
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, BinaryIO, Protocol

import numpy as np

from riata.errors import ModelUnavailable

_MOST_ELEMENTS = 1 << 31
_STORAGES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?", "BFloat16Storage": "bfloat16",
}  # fmt: skip


_MALFORMED = (pickle.UnpicklingError, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, AttributeError,
              IndexError, OverflowError, MemoryError)  # fmt: skip


class Tensor(Protocol):
    """A tensor of a checkpoint, still in its file."""

    @property
    def code(self) -> str:
        """NumPy's code of its type, or ``bfloat16``."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """Its dimensions."""
        ...

    def raw(self) -> np.ndarray[Any, Any]:
        """Its values; bfloat16 as the uint16 of its bits."""
        ...


@contextmanager
def open_tensors(file: BinaryIO) -> Iterator[Mapping[str, Tensor]]:
    """The tensors of a checkpoint by name; nested mappings are joined with dots, anything else is left out.

    Raises:
        ModelUnavailable: It is no such checkpoint, or it holds something other than plain data and arrays; also while the
            tensors are read.
    """
    try:
        archive = zipfile.ZipFile(file) if zipfile.is_zipfile(file) else None
        file.seek(0)
        loaded = _load_zip(archive) if archive else _Reader(file, {}).load()
        tensors: dict[str, Tensor] = {}
        _collect("", loaded, tensors)
        yield tensors
    except _MALFORMED as error:
        raise ModelUnavailable(f"The checkpoint cannot be read safely: {error}") from error


def read_tensors(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """All tensors of a small checkpoint, bfloat16 as float32; see :func:`open_tensors`."""
    with open_tensors(io.BytesIO(data)) as tensors:
        return {name: widened(tensor) for name, tensor in tensors.items()}


def widened(tensor: Tensor) -> np.ndarray[Any, Any]:
    """The values of a tensor, bfloat16 as float32."""
    values = tensor.raw()
    return (values.astype("<u4") << 16).view("<f4") if tensor.code == "bfloat16" else values


def _load_zip(archive: zipfile.ZipFile) -> Any:
    (name,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
    folder = name.removesuffix("data.pkl")
    storages = {
        entry.removeprefix(folder + "data/"): partial(archive.read, entry)
        for entry in archive.namelist()
        if entry.startswith(folder + "data/")
    }
    with archive.open(name) as pickled:
        return _Reader(pickled, storages).load()


def _collect(prefix: str, value: Any, tensors: dict[str, Tensor]) -> None:
    if isinstance(value, _Array):
        value.check()
    if isinstance(value, (_Array, _View)):
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

    def check(self) -> None:
        if self.state is None:
            raise pickle.UnpicklingError("an array without data")

    @property
    def code(self) -> str:
        return self._state()[1].str

    @property
    def shape(self) -> tuple[int, ...]:
        return self._state()[0]

    def raw(self) -> np.ndarray[Any, Any]:
        shape, dtype, by_columns, data = self._state()
        return np.frombuffer(data, dtype).reshape(shape, order="F" if by_columns else "C").copy()

    def _state(self) -> tuple[tuple[int, ...], np.dtype[Any], bool, bytes]:
        assert self.state is not None, "checked when it was collected"  # noqa: S101
        return self.state


@dataclass(frozen=True, slots=True)
class _Storage:
    """``count`` values that a tensor is a view of, in a file of their own."""

    read: Callable[[], bytes]
    code: str
    count: int

    def values(self) -> np.ndarray[Any, Any]:
        return np.frombuffer(self.read(), "<u2" if self.code == "bfloat16" else self.code, self.count)


@dataclass(frozen=True, slots=True)
class _View:
    """``torch._utils._rebuild_tensor_v2``: a strided view into a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def code(self) -> str:
        return self.storage.code

    def raw(self) -> np.ndarray[Any, Any]:
        values = self.storage.values()
        steps = [step * values.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, steps).copy()


def _encode(text: str, encoding: str) -> bytes:
    """``_codecs.encode`` as pickles of old protocols use it for bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"the encoding {encoding!r}")
    return text.encode("latin1")


def _rebuild(storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object) -> _View:
    if not isinstance(storage, _Storage) or math.prod(size) > _MOST_ELEMENTS or min((*size, *stride, offset, 0)) < 0:
        raise pickle.UnpicklingError("a tensor of impossible size")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) if math.prod(size) else 0
    if last >= max(storage.count, 1):
        raise pickle.UnpicklingError("a tensor beyond its storage")
    return _View(storage, offset if math.prod(size) else 0, tuple(size), tuple(stride))


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
    def __init__(self, file: IO[bytes], storages: Mapping[str, Callable[[], bytes]]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _CALLS:
            return _CALLS[module, name]
        if (module, name) == ("numpy", "ndarray") or (module == "torch" and name in _STORAGES):
            return _Type(name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no tensor")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage_type, key, _, count = pid
        if kind != "storage" or not isinstance(storage_type, _Type):
            raise pickle.UnpicklingError("an unknown reference")
        return _Storage(self._storages[key], _STORAGES[storage_type.name], int(count))
