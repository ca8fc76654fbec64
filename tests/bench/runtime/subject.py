"""One engine that is loaded, warm and waiting: ``python -m tests.bench.runtime.subject RECORDING PROMPT``.

It prints the seconds from its start to its readiness, then, for every line it is given, the seconds of one separation by the clock
and of the processors; at the end of input its largest memory in bytes. All as JSON. The environment says which library computes.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.bench.engine.subjects import processor_seconds

_WARM_UP = 1


def main(source: Path, prompt: str) -> None:
    """Serve until the input ends."""
    from riata.domain.options import SeparationOptions
    from riata_separator.backends import load
    from riata_separator.engine import separate_file

    separator = load("riata-small")
    _say(ready=time.time() - psutil.Process().create_time(), experts=sorted(separator.experts))

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="riata-bench-") as outputs:
            separate_file(
                source, Path(outputs), SeparationOptions(prompt), separator,
                progress=lambda _: None, log=lambda _: None, cancelled=lambda: False,
            )  # fmt: skip

    for _ in range(_WARM_UP):
        work()
    _say(warm=True)
    for _ in sys.stdin:
        began, spent = time.perf_counter(), processor_seconds()
        work()
        _say(wall=time.perf_counter() - began, processor=processor_seconds() - spent)
    _say(peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _say(**figures: object) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
