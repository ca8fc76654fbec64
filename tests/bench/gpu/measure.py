"""Time, memory and arithmetic of one model call after the other."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch

WARM_UP_CALLS = 2

PUBLISHED_TERAFLOPS = {
    "T4": 65.0, "A10G": 70.0, "A10": 125.0, "L4": 121.0, "L40S": 362.0, "A100": 312.0, "H100": 989.0, "H200": 989.0,
}  # fmt: skip
"""Peak of dense half-precision matrix products, of the SXM variant where there are several, from NVIDIA's data sheets."""


class Subject(Protocol):
    """A model that can be called with batches. ``seconds`` of new audio come of each item; ``flops`` are those of one item."""

    name: str
    seconds: float
    flops: float

    def call(self, batch: int) -> None:
        """Compute ``batch`` items, and return when they are done.

        Raises:
            torch.OutOfMemoryError: they do not fit.
        """


@dataclass(frozen=True, slots=True)
class Row:
    """One model at one batch size; without ``audio_seconds_per_second`` it did not fit. ``gibibytes`` at the peak."""

    model: str
    batch: int
    audio_seconds_per_second: float | None
    gibibytes: float | None = None
    teraflops: float | None = None


def measured(subject: Subject, batches: Iterable[int], device: torch.device, calls: int) -> Iterator[Row]:
    """A row per batch size, until one does not fit."""
    for batch in batches:
        try:
            yield _row(subject, batch, device, calls)
        except torch.OutOfMemoryError:
            yield Row(subject.name, batch, None)
            return
        finally:
            if device.type == "cuda":
                torch.cuda.empty_cache()


def _row(subject: Subject, batch: int, device: torch.device, calls: int) -> Row:
    for _ in range(min(WARM_UP_CALLS, calls)):
        subject.call(batch)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    seconds = _timed(lambda: subject.call(batch), calls)
    memory = torch.cuda.max_memory_reserved(device) / 2**30 if device.type == "cuda" else None
    return Row(
        subject.name, batch, subject.seconds * batch / seconds, memory, subject.flops * batch / seconds / 1e12
    )


def reached_teraflops(device: torch.device, dtype: torch.dtype, size: int) -> float:
    """What a plain product of two square matrices reaches here: the most that any model can hope for."""
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))

    def product() -> None:
        torch.matmul(a, b)
        synchronize(device)

    product()
    return 2 * size**3 / _timed(product, 10) / 1e12


def published_teraflops(gpu: str) -> float | None:
    """The data sheet's peak of a GPU by its full name."""
    words = gpu.replace("-", " ").split()
    return next((PUBLISHED_TERAFLOPS[word] for word in words if word in PUBLISHED_TERAFLOPS), None)


def synchronize(device: torch.device) -> None:
    """Wait for what was asked of the device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _timed(call: Callable[[], None], calls: int) -> float:
    """Seconds of one call, the mean."""
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls
