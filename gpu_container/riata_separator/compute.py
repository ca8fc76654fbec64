"""How models compute here, from the environment: library, threads, batch, precision. Imports torch only where it is needed.

=========================  =========================================================================================
variable                   meaning
=========================  =========================================================================================
``RIATA_RUNTIME``          what computes riata-small: ``onnx``, ``torch``, or ``auto`` (the default): torch where it
                           finds a GPU, else onnxruntime, without that torch
``RIATA_RUNTIME_THREADS``  threads of one separation on the CPU; else ``OMP_NUM_THREADS``, else the processors granted
``RIATA_RUNTIME_BATCH``    most windows in one model call; else 2 with onnxruntime, with torch 4, on a GPU 32
``RIATA_TORCH_PRECISION``  ``float32``, ``bfloat16`` or ``float16``; else float32 on the CPU, bfloat16 on a GPU, float16 on old ones
``RIATA_TORCH_COMPILE``    ``true`` compiles the model when it is first used: minutes then, less per call afterwards
=========================  =========================================================================================
"""

import ctypes
import importlib.util
import math
import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from riata.errors import BackendUnavailable


class Runtime(StrEnum):
    """The library that computes a model."""

    ONNX = "onnx"
    TORCH = "torch"


_PACKAGES = {Runtime.ONNX: "onnxruntime", Runtime.TORCH: "torch"}
_AUTO = "auto"

PRECISIONS = ("float32", "bfloat16", "float16")
_ONNX_BATCH, _CPU_BATCH, _GPU_BATCH = 2, 4, 32
_GPU_JOBS = 4
"""Files at work at the same time on a GPU: enough that some are computed while others are decoded and encoded."""

_CGROUP = Path("/sys/fs/cgroup/cpu.max")
_DRIVERS = ("libcuda.so.1", "nvcuda.dll")
_AMD_DRIVER = Path("/dev/kfd")


@dataclass(frozen=True, slots=True)
class Compute:
    """Where a model computes: ``batch`` windows per call at most.

    ``device`` (``cpu`` or ``cuda``), ``precision`` (one of :data:`PRECISIONS`) and ``compiled`` are torch's: onnxruntime computes
    on the processor, in float32.
    """

    runtime: Runtime
    threads: int
    batch: int
    device: str = "cpu"
    precision: str = PRECISIONS[0]
    compiled: bool = False


def compute_here() -> Compute:
    """What this machine and the environment allow.

    Raises:
        BackendUnavailable: a variable has no usable value, or the library that is asked for is not installed.
    """
    runtime = _runtime()
    threads = _positive("RIATA_RUNTIME_THREADS") or _positive("OMP_NUM_THREADS") or granted_processors()
    batch, precision = _positive("RIATA_RUNTIME_BATCH"), os.environ.get("RIATA_TORCH_PRECISION")
    if precision and precision not in PRECISIONS:
        raise BackendUnavailable(f"RIATA_TORCH_PRECISION is {precision!r}. Choose one of: {', '.join(PRECISIONS)}.")
    if runtime is Runtime.ONNX:
        return Compute(runtime, threads, batch or _ONNX_BATCH)
    on_gpu = has_gpu()
    compiled = os.environ.get("RIATA_TORCH_COMPILE", "").lower() == "true"
    return Compute(
        runtime, threads, batch or (_GPU_BATCH if on_gpu else _CPU_BATCH), "cuda" if on_gpu else "cpu",
        precision or (_gpu_precision() if on_gpu else PRECISIONS[0]), compiled,
    )  # fmt: skip


def has_gpu() -> bool:
    """Whether torch finds a GPU. Where there is no driver of one, torch is not imported to ask."""
    if not (_AMD_DRIVER.exists() or any(_loads(driver) for driver in _DRIVERS)) or not _installed(Runtime.TORCH):
        return False
    import torch

    return torch.cuda.is_available()


def default_concurrency() -> int:
    """Files that a worker should have at work at the same time here."""
    return _GPU_JOBS if os.environ.get("RIATA_RUNTIME") != Runtime.ONNX and has_gpu() else 1


def granted_processors(limit: Path = _CGROUP) -> int:
    """Processors that this process may use, whole ones: a container's share counts, not the machine."""
    visible = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = limit.read_text().split()
    except (OSError, ValueError):
        return visible
    return visible if quota == "max" else max(1, min(visible, math.floor(int(quota) / int(period))))


def memory_errors() -> tuple[type[BaseException], ...]:
    """What is raised where memory is short, by whichever libraries are at work."""
    torch = sys.modules.get(_PACKAGES[Runtime.TORCH])
    return (MemoryError, torch.OutOfMemoryError) if torch else (MemoryError,)


def free_memory() -> None:
    """Give back what torch keeps on a GPU for later."""
    torch = sys.modules.get(_PACKAGES[Runtime.TORCH])
    if torch and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _runtime() -> Runtime:
    wish = os.environ.get("RIATA_RUNTIME") or _AUTO
    if wish == _AUTO:
        wish = Runtime.TORCH if has_gpu() or not _installed(Runtime.ONNX) else Runtime.ONNX
    if wish not in list(Runtime):
        raise BackendUnavailable(f"RIATA_RUNTIME is {wish!r}. Choose one of: {', '.join((_AUTO, *Runtime))}.")
    if not _installed(Runtime(wish)):
        raise BackendUnavailable(
            f"riata-small cannot run on {wish}: {_PACKAGES[Runtime(wish)]} is not installed here. "
            "Install it, or choose another with RIATA_RUNTIME."
        )
    return Runtime(wish)


def _installed(runtime: Runtime) -> bool:
    return importlib.util.find_spec(_PACKAGES[runtime]) is not None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _gpu_precision() -> str:
    import torch

    return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"


def _positive(name: str) -> int | None:
    value = os.environ.get(name, "")
    if not value:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise BackendUnavailable(f"{name} is {value!r}. Set it to a whole number above 0, or not at all.")
    return int(value)
