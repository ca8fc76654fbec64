"""`sam build` makes what AWS needs: the shared package and its pinned wheels under the layer's ``python/``."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".venv" / "tools" / "bin" / "sam"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SAM.exists():
        pytest.skip("the SAM CLI is not installed: `make tools` installs it beside the environment")
    folder = tmp_path_factory.mktemp("sam")
    subprocess.run(
        [SAM, "build", "--template", ROOT / "template.yaml", "--build-dir", folder / "build", "--cache-dir", folder / "cache"],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=300, env=_environment(folder),
    )  # fmt: skip
    return folder / "build"


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(home)}


def test_the_layer_holds_the_shared_package_under_python(built: Path) -> None:
    assert (built / "CoreLayer" / "python" / "riata" / "bootstrap.py").is_file()
    assert (built / "CoreLayer" / "python" / "riata" / "api" / "native" / "audiolasso.openapi.json").is_file()


def test_the_layers_wheels_are_for_the_functions_runtime_and_not_for_the_build_machine(built: Path) -> None:
    compiled = [path.name for path in (built / "CoreLayer" / "python").rglob("*.so") if "pydantic_core" in str(path)]
    assert compiled
    assert all("cpython-313-aarch64" in name for name in compiled)


def test_the_layer_fits_into_lambda(built: Path) -> None:
    unzipped = sum(path.stat().st_size for path in (built / "CoreLayer").rglob("*") if path.is_file())
    assert unzipped < 250 * 2**20


def test_the_template_validates(built: Path) -> None:
    subprocess.run(
        [SAM, "validate", "--lint", "--template", built / "template.yaml", "--region", "us-east-1"],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=120, env=_environment(built.parent),
    )  # fmt: skip
