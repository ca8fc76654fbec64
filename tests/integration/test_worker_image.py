"""The worker's image, as far as it can be tried without a container engine: its files in place, its entry point as a process."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "gpu_container"
DOCKERFILE = (IMAGE / "Dockerfile").read_text()
HADOLINT = ROOT / ".venv" / "tools" / "bin" / "hadolint"

sys.path.insert(0, str(IMAGE))
import image_size  # noqa: E402


def instructions(name: str) -> list[str]:
    """The arguments of every instruction ``name``, with continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(None, 1)[1] for line in joined.splitlines() if line.startswith(name + " ")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the COPY instructions of the build stage bring, under a folder instead of ``/``."""
    root = tmp_path_factory.mktemp("image")
    for source, destination in (copy.split() for copy in instructions("COPY") if not copy.startswith("--from")):
        target = root / destination.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    return root


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A process that sees the image's modules and the image's environment, and none of this machine's of ours."""
    (assignments,) = (value for value in instructions("ENV") if "PYTHONPATH" in value)
    image = dict(pair.split("=", 1) for pair in assignments.split())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RIATA_", "AWS_", "PYTHON"))}
    path = ":".join(str(root / folder.lstrip("/")) for folder in image["PYTHONPATH"].split(":"))
    environment |= {"PYTHONPATH": path, "RIATA_MODELS": str(root / "no-models")}
    return subprocess.run([sys.executable, *command], env=environment, cwd=root, capture_output=True, text=True, timeout=120)


def test_the_dockerfile_is_clean() -> None:
    if not HADOLINT.exists():
        pytest.skip("hadolint is not installed: `make tools` installs it beside the environment")
    done = subprocess.run([HADOLINT, IMAGE / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_base_image_is_pinned_by_digest_and_every_wheel_by_hash() -> None:
    bases = instructions("FROM")
    assert bases
    assert all(re.search(r"^(scratch|\S+@sha256:[0-9a-f]{64}) AS \w+$", base) for base in bases)
    requirements = (IMAGE / "requirements.txt").read_text()
    pinned = re.split(r"^(?=\S+==)", requirements, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in pin for pin in pinned)
    assert "--require-hashes" in DOCKERFILE


def test_what_is_not_on_pypi_is_pinned_by_commit() -> None:
    fetched = instructions("ADD")
    assert fetched
    assert all(re.match(r"https://\S+\.git#[0-9a-f]{40} ", source) for source in fetched)


def test_what_metas_packages_import_is_installed() -> None:
    (imported,) = re.findall(r"PYTHONPATH=/opt/riata/meta \S+ -c \"import ([^\"]+)\"", DOCKERFILE)
    assert {name.strip() for name in imported.split(",")} <= set(image_size.pins((IMAGE / "requirements.txt").read_text()))


def test_the_worker_runs_as_nobody_special() -> None:
    assert instructions("USER") == ["10001:10001"]


def test_everything_that_the_worker_needs_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["separator"]
    names = {re.split(r"[\[><=]", requirement)[0] for requirement in needed}
    assert names <= set(image_size.pins((IMAGE / "requirements.txt").read_text()))


def test_the_entry_point_runs_from_what_was_copied(root: Path) -> None:
    command = json.loads(instructions("ENTRYPOINT")[0])
    assert command[0] == "python"

    done = run(root, *command[1:], "--help")

    assert done.returncode == 0, done.stderr
    assert "--idle-exit" in done.stdout


def test_the_embedded_model_loads_from_what_was_copied(root: Path) -> None:
    done = run(root, "-c", "import riata_separator; from riata_separator import backends; "
               "print(riata_separator.__file__, backends.load('riata-small').name)")  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(root))
    assert done.stdout.strip().endswith("riata-small")


def test_the_image_stays_below_four_gigabytes() -> None:
    versions = image_size.pins((IMAGE / "requirements.txt").read_text())
    rows = dict(re.findall(r"^\| ([a-z0-9._-]+) \| (\S+) \| [0-9.]+ \|$", image_size.TABLE.read_text(), re.MULTILINE))
    assert rows == versions, "the table is of other wheels: run `python image_size.py`"
    sizes = re.findall(r"\| ([0-9.]+) \|$", image_size.TABLE.read_text(), re.MULTILINE)
    assert sum(map(float, sizes)) * 1e6 < image_size.LIMIT
