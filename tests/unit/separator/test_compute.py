"""How models compute is decided by the machine and a few variables."""

import pytest

torch = pytest.importorskip("torch")

from riata.errors import BackendUnavailable  # noqa: E402
from riata_separator import compute  # noqa: E402


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch):
    before = torch.get_num_threads()
    for name in ("THREADS", "BATCH", "PRECISION", "COMPILE"):
        monkeypatch.delenv(f"RIATA_TORCH_{name}", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    yield
    torch.set_num_threads(before)


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
    compute.compute_here()
    assert torch.get_num_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    compute.compute_here()
    assert torch.get_num_threads() == 2
    monkeypatch.setenv("RIATA_TORCH_THREADS", "1")
    compute.compute_here()
    assert torch.get_num_threads() == 1


def test_a_processor_computes_in_float32_and_small_batches_one_file_at_a_time():
    here = compute.compute_here()
    assert (here.device.type, here.dtype, here.batch, here.compiled) == ("cpu", torch.float32, 4, False)
    assert compute.default_concurrency() == 1


@pytest.mark.parametrize(("has_bfloat16", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_gpu_computes_in_half_precision_large_batches_and_several_files(monkeypatch, has_bfloat16, dtype):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bfloat16)
    here = compute.compute_here()
    assert (here.device.type, here.dtype, here.batch) == ("cuda", dtype, 32)
    assert compute.default_concurrency() > 1


def test_the_variables_decide(monkeypatch):
    for name, value in {"BATCH": "7", "PRECISION": "bfloat16", "COMPILE": "true"}.items():
        monkeypatch.setenv(f"RIATA_TORCH_{name}", value)
    here = compute.compute_here()
    assert (here.batch, here.dtype, here.compiled) == (7, torch.bfloat16, True)


@pytest.mark.parametrize(("name", "value"), [("BATCH", "0"), ("BATCH", "many"), ("THREADS", "-1"), ("PRECISION", "int8")])
def test_a_variable_without_a_usable_value_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"RIATA_TORCH_{name}", value)
    with pytest.raises(BackendUnavailable, match=f"RIATA_TORCH_{name}"):
        compute.compute_here()
