from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from riata.domain.options import SeparationOptions
from riata_separator.engine import SeparationResult, separate_file


class FakeSeparation:
    def __init__(self, gain: float) -> None:
        self.gain = gain

    def target(self, chunk, checkpoint):
        checkpoint()
        return (chunk.mixture * self.gain).astype(np.float32)

    def confidence(self):
        return self.gain

    def report(self):
        return {}


class FakeSeparator:
    """Takes a fixed share of the mixture: all that the engine around a model needs to be tested."""

    name = "fake"
    sample_rate = 16_000
    context = 0.0
    stride = 0.1

    def __init__(self, gain: float = 0.25) -> None:
        self.gain = gain

    def begin(self, options, summary, candidate=0):
        self.summary = summary
        return FakeSeparation(self.gain)


@pytest.fixture
def fake() -> FakeSeparator:
    return FakeSeparator()


@pytest.fixture
def separate(tmp_path: Path) -> Callable[..., SeparationResult]:
    """Run the engine quietly; ``log`` and ``progress`` may be given lists to fill."""
    out = tmp_path / "outputs"
    out.mkdir()

    def run(
        source, separator, *, prompt="the piano", log=None, progress=None, cancelled=lambda: False, max_seconds=None, **options
    ):
        return separate_file(
            source,
            out,
            SeparationOptions(prompt=prompt, **options),
            separator,
            progress=(progress if progress is not None else []).append,
            log=(log if log is not None else []).append,
            cancelled=cancelled,
            max_seconds=max_seconds,
        )

    return run


def _riata_small(runtime: str):
    from riata_separator.backends import load

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RIATA_RUNTIME", runtime)
        environment.setenv("RIATA_RUNTIME_THREADS", "1")
        return load("riata-small")


@pytest.fixture(scope="session")
def riata_small():
    """The embedded backend as it is on a machine without a GPU."""
    return _riata_small("onnx")


@pytest.fixture(scope="session", params=["onnx", "torch"])
def on_each_runtime(request):
    """The embedded backend on each library that can compute it."""
    return _riata_small(request.param)
