"""One case in a process of its own: ``python -m tests.bench.engine.subjects CASE FOLDER``, both as JSON in and out.

Models are loaded and warm before the clock starts, as a worker's are; demucs is given the same advantage.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from tests.bench.engine.cases import DEMUCS, PROMPTS, Case
from tests.bench.engine.recordings import recording

_WARM_UP_SECONDS = 10.0

Work = Callable[[Sequence[Path], Path], None]
"""Separates recordings into a folder."""


def main(case: Case, folder: Path) -> None:
    """Print seconds by the clock and of the processors, and this process' largest memory in bytes."""
    work = _demucs() if case.system == DEMUCS else _riata(case)
    count = 1 if case.one_file else case.requests
    sources = [recording(folder / f"{case.seconds:g}-{k}.wav", case.seconds, k) for k in range(count)]
    with tempfile.TemporaryDirectory(dir=folder) as outputs:
        work([recording(folder / "warm.wav", _WARM_UP_SECONDS)], Path(outputs))
    with tempfile.TemporaryDirectory(dir=folder) as outputs:
        began, spent = time.perf_counter(), processor_seconds()
        work(sources, Path(outputs))
        wall, processor = time.perf_counter() - began, processor_seconds() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wall": wall, "processor": processor, "peak": peak}))


def processor_seconds() -> float:
    """Of this process and the media children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _riata(case: Case) -> Work:
    """The engine as a worker drives it: files side by side as the machine allows, prompts on one file in one pass."""
    from riata.domain.options import Acceleration, SeparationOptions
    from riata_separator.backends import load
    from riata_separator.compute import default_concurrency
    from riata_separator.engine import separate_together
    from riata_separator.orders import Order, SeparationResult

    separator, concurrency = load("riata-small"), default_concurrency()
    prompts = PROMPTS[case.system]

    def separate(source: Path, outputs: Path, count: int, first: int) -> None:
        orders = []
        for k in range(first, first + count):
            destination = outputs / f"{source.stem}-{k}"
            destination.mkdir()
            options = SeparationOptions(prompts[k % len(prompts)], acceleration=Acceleration(case.acceleration))
            orders.append(Order(options, destination, _ignore, _ignore, _never))
        for _, outcome in separate_together(source, orders, separator, threaded=concurrency > 1):
            if not isinstance(outcome, SeparationResult):
                raise outcome
            _expect_experts(case, outcome.extra["experts"])

    def work(sources: Sequence[Path], outputs: Path) -> None:
        count = case.requests if case.one_file else 1
        with ThreadPoolExecutor(concurrency) as threads:
            jobs = [threads.submit(separate, source, outputs, count, k) for k, source in enumerate(sources)]
            for job in jobs:
                job.result()

    return work


def _ignore(_said: object) -> None:
    """Nobody is told."""


def _never() -> bool:
    return False


def _expect_experts(case: Case, asked: Sequence[str]) -> None:
    if bool(asked) != (PROMPTS[case.system] == PROMPTS["riata-small + experts"]):
        raise SystemExit(f"{case.system} asked the experts {list(asked)}. Fetch them with: riata models pull voice speech")


def _demucs() -> Work:
    """htdemucs with random weights, which cost what the released ones cost, as ``demucs --two-stems vocals --other-method minus``
    runs it: one file after the other.
    """
    import torch
    from demucs.api import Separator, save_audio
    from demucs.htdemucs import HTDemucs

    class RandomWeights(Separator):  # type: ignore[misc]
        """The sizes are those of the released ``htdemucs`` (Rouard et al., 2023): 42 million parameters."""

        def _load_model(self) -> None:
            torch.manual_seed(0)
            sources = ["drums", "bass", "other", "vocals"]
            self._model = HTDemucs(sources, samplerate=44_100, segment=Fraction(39, 5), bottom_channels=512, dconv_mode=3).eval()
            self._audio_channels, self._samplerate = self._model.audio_channels, self._model.samplerate

    separator = RandomWeights()

    def work(sources: Sequence[Path], outputs: Path) -> None:
        for source in sources:
            mixture, stems = separator.separate_audio_file(source)
            for name, stem in (("vocals", stems["vocals"]), ("minus_vocals", mixture - stems["vocals"])):
                save_audio(stem, str(outputs / f"{source.stem}-{name}.wav"), samplerate=separator.samplerate)

    return work


if __name__ == "__main__":
    main(Case(**json.loads(sys.argv[1])), Path(sys.argv[2]))
