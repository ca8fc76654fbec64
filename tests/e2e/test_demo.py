"""The first thing a newcomer runs."""

import re
from pathlib import Path

import pytest
import soundfile

from tests.local_stack import LocalStack

pytestmark = pytest.mark.stack


def test_the_demo_separates_its_example_and_leaves_nothing_running(tmp_path: Path) -> None:
    nobody = LocalStack(tmp_path / "untouched")

    done = nobody.riata("demo", "-o", str(tmp_path / "out"))

    improvement = re.search(r"SI-SDR improvement .*: ([+-][\d.]+) dB", done.stdout)
    assert improvement, done.stdout
    assert float(improvement[1]) > 0
    for name in ("target.wav", "residual.wav"):
        assert soundfile.info(tmp_path / "out" / name).duration == pytest.approx(8.6, abs=0.1)
    assert "stopped" in done.stdout
    assert not nobody.home.exists()
