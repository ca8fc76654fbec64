"""How models compute is decided by the machine and a few variables."""

import importlib.util
import sys

import pytest
import torch

from riata.errors import BackendUnavailable
from riata_separator import compute
from riata_separator.compute import Runtime


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch):
    for name in ("RUNTIME", "RUNTIME_THREADS", "RUNTIME_BATCH", "TORCH_PRECISION", "TORCH_COMPILE"):
        monkeypatch.delenv(f"RIATA_{name}", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(compute, "has_gpu", lambda: False)


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(compute, "has_gpu", lambda: True)


@pytest.fixture
def without(monkeypatch):
    """Names packages that are not installed."""

    def hide(*packages: str) -> None:
        find = importlib.util.find_spec
        monkeypatch.setattr(compute.importlib.util, "find_spec", lambda name: None if name in packages else find(name))

    return hide


@pytest.mark.parametrize(
    ("granted", "processors"), [("max 100000", 64), ("200000 100000", 2), ("50000 100000", 1), ("350000 100000", 3), ("?", 64)]
)
def test_a_container_uses_the_processors_it_was_granted(tmp_path, monkeypatch, granted, processors):
    monkeypatch.setattr(compute.os, "sched_getaffinity", lambda _pid: set(range(64)), raising=False)
    limit = tmp_path / "cpu.max"
    limit.write_text(granted)
    assert compute.granted_processors(limit) == processors
    assert compute.granted_processors(tmp_path / "missing") == 64


def test_threads_follow_the_wish_else_openmp_else_the_processors(monkeypatch):
    monkeypatch.setattr(compute, "granted_processors", lambda: 3)
    assert compute.compute_here().threads == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert compute.compute_here().threads == 2
    monkeypatch.setenv("RIATA_RUNTIME_THREADS", "1")
    assert compute.compute_here().threads == 1


def test_without_a_gpu_onnxruntime_computes_one_file_at_a_time():
    here = compute.compute_here()
    assert (here.runtime, here.device, here.precision, here.batch) == (Runtime.ONNX, "cpu", "float32", 2)
    assert compute.default_concurrency() == 1


def test_without_onnxruntime_torch_computes(without):
    without("onnxruntime")
    here = compute.compute_here()
    assert (here.runtime, here.device, here.precision, here.batch, here.compiled) == (Runtime.TORCH, "cpu", "float32", 4, False)


def test_the_runtime_can_be_chosen(monkeypatch, gpu):
    monkeypatch.setenv("RIATA_RUNTIME", "onnx")
    assert compute.compute_here().runtime is Runtime.ONNX
    assert compute.default_concurrency() == 1
    monkeypatch.setenv("RIATA_RUNTIME", "torch")
    assert compute.compute_here().runtime is Runtime.TORCH


@pytest.mark.parametrize(("wish", "package"), [("onnx", "onnxruntime"), ("torch", "torch"), ("auto", "torch")])
def test_a_runtime_that_is_not_installed_is_named(monkeypatch, without, wish, package):
    monkeypatch.setenv("RIATA_RUNTIME", wish)
    without("onnxruntime", "torch")
    with pytest.raises(BackendUnavailable, match=f"{package} is not installed"):
        compute.compute_here()


def test_where_there_is_no_driver_torch_is_not_asked_for_a_gpu(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(compute, "_DRIVERS", ("libno-such-driver.so.1",))
    monkeypatch.setattr(compute, "_AMD_DRIVER", compute.Path("/dev/no-such-driver"))
    monkeypatch.setitem(sys.modules, "torch", None)
    assert not compute.has_gpu()


@pytest.mark.parametrize(("has_bfloat16", "precision"), [(True, "bfloat16"), (False, "float16")])
def test_a_gpu_computes_in_half_precision_large_batches_and_several_files(monkeypatch, gpu, has_bfloat16, precision):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bfloat16)
    here = compute.compute_here()
    assert (here.runtime, here.device, here.precision, here.batch) == (Runtime.TORCH, "cuda", precision, 32)
    assert compute.default_concurrency() > 1


def test_the_variables_decide(monkeypatch):
    for name, value in {"RUNTIME": "torch", "RUNTIME_BATCH": "7", "TORCH_PRECISION": "bfloat16", "TORCH_COMPILE": "true"}.items():
        monkeypatch.setenv(f"RIATA_{name}", value)
    here = compute.compute_here()
    assert (here.batch, here.precision, here.compiled) == (7, "bfloat16", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("RUNTIME", "tensorflow"), ("RUNTIME_BATCH", "0"), ("RUNTIME_BATCH", "many"), ("RUNTIME_THREADS", "-1"),
     ("TORCH_PRECISION", "int8")],
)  # fmt: skip
def test_a_variable_without_a_usable_value_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"RIATA_{name}", value)
    with pytest.raises(BackendUnavailable, match=f"RIATA_{name}"):
        compute.compute_here()
