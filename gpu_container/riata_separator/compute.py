"""How models compute here, from the environment: threads, batch, precision. Imports torch only when asked.

=========================  =========================================================================================
variable                   meaning
=========================  =========================================================================================
``RIATA_TORCH_THREADS``    threads of one model call on the CPU; else ``OMP_NUM_THREADS``, else the processors granted
``RIATA_TORCH_BATCH``      most windows in one model call; else 4 on the CPU, 32 on a GPU
``RIATA_TORCH_PRECISION``  ``float32``, ``bfloat16`` or ``float16``; else float32 on the CPU, bfloat16 on a GPU, float16 on old ones
``RIATA_TORCH_COMPILE``    ``true`` compiles the model when it is first used: minutes then, less per call afterwards
=========================  =========================================================================================
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riata.errors import BackendUnavailable

if TYPE_CHECKING:
    import torch

PRECISIONS = ("float32", "bfloat16", "float16")
_CPU_BATCH, _GPU_BATCH = 4, 32
_GPU_JOBS = 4
"""Files at work at the same time on a GPU: enough that some are computed while others are decoded and encoded."""

_CGROUP = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True, slots=True)
class Compute:
    """Where a model computes: ``batch`` windows per call at most, ``precision`` one of :data:`PRECISIONS`."""

    device: "torch.device"
    batch: int
    precision: str
    compiled: bool = False

    @property
    def dtype(self) -> "torch.dtype":
        """The type of matrix products and convolutions; sums, norms and masks stay float32."""
        import torch

        found: torch.dtype = getattr(torch, self.precision)
        return found


def compute_here() -> Compute:
    """What this machine and the environment allow; also sets the number of threads.

    Raises:
        BackendUnavailable: a variable has no usable value.
    """
    import torch

    torch.set_num_threads(_positive("RIATA_TORCH_THREADS") or _positive("OMP_NUM_THREADS") or granted_processors())
    on_gpu = torch.cuda.is_available()
    usual = "float32" if not on_gpu else "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    precision = os.environ.get("RIATA_TORCH_PRECISION") or usual
    if precision not in PRECISIONS:
        raise BackendUnavailable(f"RIATA_TORCH_PRECISION is {precision!r}. Choose one of: {', '.join(PRECISIONS)}.")
    return Compute(
        torch.device("cuda" if on_gpu else "cpu"),
        _positive("RIATA_TORCH_BATCH") or (_GPU_BATCH if on_gpu else _CPU_BATCH),
        precision,
        os.environ.get("RIATA_TORCH_COMPILE", "").lower() == "true",
    )


def default_concurrency() -> int:
    """Files that a worker should have at work at the same time here."""
    import torch

    return _GPU_JOBS if torch.cuda.is_available() else 1


def granted_processors(limit: Path = _CGROUP) -> int:
    """Processors that this process may use, whole ones: a container's share counts, not the machine."""
    visible = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = limit.read_text().split()
    except (OSError, ValueError):
        return visible
    return visible if quota == "max" else max(1, min(visible, math.floor(int(quota) / int(period))))


def _positive(name: str) -> int | None:
    value = os.environ.get(name, "")
    if not value:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise BackendUnavailable(f"{name} is {value!r}. Set it to a whole number above 0, or not at all.")
    return int(value)
