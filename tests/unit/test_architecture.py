"""The rules that the layout rests on."""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from riata import delivery_ports, ports
from tests.fakes import accounts, clock, executions, files, objects, probe, queue, rate, requests, webhooks

ROOT = Path(__file__).parents[2]
CORE = ROOT / "layers" / "core" / "riata"
SOURCES = {"layers/core": CORE, **{name: ROOT / name for name in ("functions", "gpu_container", "client", "infra")}}
MODULES = sorted(path for folder in SOURCES.values() for path in folder.rglob("*.py"))
SHIPPED = [path for path in MODULES if "training" not in path.parts]
LONGEST_MODULE, LONGEST_HANDLER = 400, 30


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, by its full name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offenders(paths: list[Path], *packages: str) -> list[str]:
    """The files that import one of the packages."""
    return [name_of(path) for path in paths if {name.partition(".")[0] for name in imports_of(path)} & set(packages)]


@pytest.mark.parametrize("path", sorted((CORE / "domain").glob("*.py")), ids=lambda path: path.stem)
def test_the_domain_needs_nothing_but_the_standard_library(path):
    allowed = {*sys.stdlib_module_names, "riata"} | ({"ulid"} if path.name == "ids.py" else set())
    assert {name.partition(".")[0] for name in imports_of(path)} <= allowed
    inner = {name for name in imports_of(path) if name.startswith("riata.")}
    assert all(name.startswith(("riata.domain", "riata.errors")) for name in inner), inner


@pytest.mark.parametrize("path", sorted((CORE / "usecases").glob("*.py")), ids=lambda path: path.stem)
def test_a_use_case_knows_neither_adapters_nor_http(path):
    assert not [name for name in imports_of(path) if name.startswith(("riata.adapters", "riata.api", "riata.bootstrap"))]


def test_only_the_adapters_and_the_local_cloud_know_aws():
    elsewhere = [path for path in SHIPPED if CORE / "adapters" not in path.parents and ROOT / "infra" not in path.parents]
    assert offenders(elsewhere, "boto3", "botocore", "s3transfer") == []


def test_only_the_gpu_container_imports_torch_and_onnxruntime():
    elsewhere = [path for path in MODULES if ROOT / "gpu_container" not in path.parents]
    assert offenders(elsewhere, "torch", "torchaudio", "onnxruntime", "riata_separator.backends") == []


def test_the_shared_package_stands_alone():
    assert offenders(list(CORE.rglob("*.py")), "riata_separator", "riata_client", "riata_local", "tests") == []


@pytest.mark.parametrize(("mine", "other"), [("native", "lalal"), ("lalal", "native")])
def test_the_facades_never_import_each_other(mine, other):
    modules = sorted((CORE / "api" / mine).rglob("*.py"))
    assert not [name_of(path) for path in modules for name in imports_of(path) if name.startswith(f"riata.api.{other}")]


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_a_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/*.py")), ids=name_of)
def test_a_handler_only_wires(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_HANDLER


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_work_is_left_for_later_in_a_comment(path):
    assert not [word for word in ("TODO", "FIXME", "XXX") if word in path.read_text("utf-8")]


FAKES = {
    "Clock": clock.ManualClock,
    "Files": files.FakeFiles,
    "Requests": requests.FakeRequests,
    "Accounts": accounts.FakeAccounts,
    "ObjectStore": objects.FakeObjects,
    "Executions": executions.FakeExecutions,
    "RateLimiter": rate.FakeRateLimiter,
    "MediaProbe": probe.FakeProbe,
    "WorkQueue": queue.FakeWorkQueue,
    "Deliveries": webhooks.FakeDeliveries,
    "EndpointSlots": webhooks.FakeSlots,
    "DeliveryQueue": webhooks.FakeDeliveryQueue,
    "SecretBox": webhooks.FakeSecretBox,
}


@pytest.mark.parametrize("name", FAKES)
def test_a_fake_takes_the_same_calls_as_its_port(name):
    port = getattr(ports, name, None) or getattr(delivery_ports, name)
    for method, declared in inspect.getmembers(port, inspect.isfunction):
        if method.startswith("_") and method != "__call__":
            continue
        wanted = [(p.name, p.kind, p.default) for p in inspect.signature(declared).parameters.values()]
        given = [(p.name, p.kind, p.default) for p in inspect.signature(getattr(FAKES[name], method)).parameters.values()]
        assert given == wanted, method
