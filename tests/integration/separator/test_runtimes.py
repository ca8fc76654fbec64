"""Without torch the embedded engine gives the same sound, and nothing asks for torch."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from sound_files import read
from test_seams import EXAMPLE, summary_of, whole_run

from riata.domain.options import SeparationOptions
from riata_separator.models import Store

AGREEMENT_DB = -60.0
"""Level of the difference between the two runtimes' targets, relative to the target."""

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def stereo() -> tuple[np.ndarray, int]:
    samples, rate = read(EXAMPLE)
    left = samples[0].astype(np.float32)
    return np.stack([left, 0.7 * np.roll(left, 60)]), rate


def difference_db(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(np.square(one - other).sum() / np.square(other).sum()))


def on(runtime: str, weights: Path | None = None):
    from riata_separator.backends import load

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RIATA_RUNTIME", runtime)
        environment.setenv("RIATA_RUNTIME_THREADS", "1")
        return load("riata-small", weights=weights)


@pytest.fixture(scope="module", params=["shipped", "class-network"])
def both(request, tmp_path_factory):
    """The backend on onnxruntime and on torch: with the weights that are shipped, and with random ones of the larger network."""
    if request.param == "shipped":
        return on("onnx"), on("torch")
    import torch
    from safetensors.torch import save_file

    from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
    from riata_separator.backends.riata_small.networks.loading import described

    torch.manual_seed(0)
    network, folder = ClassNetwork(), tmp_path_factory.mktemp("weights")
    state = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    save_file(state, folder / "separator.safetensors", described(network))
    return on("onnx", folder), on("torch", folder)


@pytest.fixture(scope="module")
def alone(both):
    """Both without experts."""
    experts = [separator.experts for separator in both]
    for separator in both:
        separator.experts = {}
    yield both
    for separator, mine in zip(both, experts, strict=True):
        separator.experts = mine


@pytest.mark.parametrize("prompt", ["isolate the speaker", "everything but the music"])
def test_both_runtimes_give_the_same_sound(alone, stereo, prompt):
    without_torch, with_torch = (whole_run(separator, *stereo, SeparationOptions(prompt)) for separator in alone)
    assert difference_db(without_torch, with_torch) < AGREEMENT_DB


@pytest.mark.parametrize("prompt", ["isolate the lead vocal", "the drums"])
def test_both_runtimes_give_the_same_sound_with_the_experts(stereo, prompt):
    if not Store().has("voice"):
        pytest.skip("the model 'voice' is not in the cache: riata models pull voice")
    both = on("onnx"), on("torch")
    assert all("voice" in s.begin(SeparationOptions(prompt), summary_of(*stereo)).report()["experts"] for s in both)
    without_torch, with_torch = (whole_run(separator, *stereo, SeparationOptions(prompt)) for separator in both)
    assert difference_db(without_torch, with_torch) < AGREEMENT_DB


def test_both_runtimes_learn_the_same_target_without_a_name(alone, stereo):
    from riata.domain.options import Span
    from riata_separator.separator import Chunk

    samples, rate = stereo
    found = []
    for separator in alone:
        separation = separator.begin(SeparationOptions("the bzzzrp", spans=(Span(1.0, 3.0),)), summary_of(samples, rate))
        separation.learn([Chunk(samples[:, a:b], a) for a, b in separation.stretches()], lambda: None)
        found.append(separation.target(Chunk(samples, 0), lambda: None))
    assert difference_db(*found) < AGREEMENT_DB


WITHOUT_TORCH = """
    import sys
    from importlib.machinery import PathFinder

    find = PathFinder.find_spec

    def find_all_but_torch(name, path=None, target=None):
        return None if name.partition(".")[0] in {"torch", "torchaudio"} else find(name, path, target)

    PathFinder.find_spec = find_all_but_torch
"""


def run_without_torch(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python where torch is not installed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RIATA_RUNTIME")}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WITHOUT_TORCH) + textwrap.dedent(code), *map(str, arguments)],
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("prompt", ["isolate the speaker", "separate the drums from the bass"])
def test_a_file_is_separated_where_torch_is_not_installed(tmp_path, prompt):
    done = run_without_torch(
        """
        from riata_client.cli import main

        main()
        """,
        "separate", "--local", "--output", tmp_path, EXAMPLE, prompt,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    target = read(tmp_path / "target.wav")[0]
    assert 0 < np.abs(target).max() <= 1
    if Store().has("voice") and "speaker" in prompt:
        assert "Without the voice expert" not in done.stderr


def test_neither_worker_nor_models_ask_for_torch():
    done = run_without_torch(
        """
        import riata_separator.worker.__main__
        import riata_separator.worker.job
        import riata_separator.models.cli
        from riata_separator.backends import load
        from riata_separator.compute import default_concurrency

        assert default_concurrency() == 1
        assert type(load("riata-small").network).__name__ == "OnnxNetwork"
        """
    )
    assert done.returncode == 0, done.stderr


def test_where_torch_is_installed_but_there_is_no_gpu_it_is_not_imported():
    """It would take seconds and hundreds of megabytes."""
    code = """
    import sys
    from riata_separator import compute
    compute._DRIVERS, compute._AMD_DRIVER = (), compute.Path("/dev/no-such-driver")
    from riata_separator.backends import load
    assert load("riata-small").begin is not None
    assert "torch" not in sys.modules
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RIATA_RUNTIME")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("backend", ["hdemucs", "sam-audio"])
def test_a_backend_of_torch_says_what_it_needs(backend):
    done = run_without_torch(
        f"""
        from riata.errors import BackendUnavailable
        from riata_separator.backends import load

        try:
            load("{backend}")
        except BackendUnavailable as error:
            assert "torch" in str(error), error
        else:
            raise AssertionError("it was loaded")
        """
    )
    assert done.returncode == 0, done.stderr
