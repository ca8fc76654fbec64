"""``python -m tests.bench.gpu``: measure the models on a GPU and write ``tests/bench/gpu.md``."""

import argparse
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from riata_separator.backends import load
from riata_separator.compute import PRECISIONS, compute_here
from riata_separator.packaged import WEIGHTS
from tests.bench.gpu import report
from tests.bench.gpu.measure import Row, measured, published_teraflops, reached_teraflops
from tests.bench.gpu.subjects import SAM_AUDIO, RiataSmallModel, sam_audio
from tests.bench.gpu.whole import WholeRow, whole
from tests.bench.machine import described, machine

PAGE = Path(__file__).parents[1] / "gpu.md"
BATCHES = (1, 2, 4, 8, 16, 32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write, or say why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--calls", type=int, default=20, help="of the model, per batch size")
    parser.add_argument("--seconds", type=float, default=180.0, help="of the whole files")
    parser.add_argument("--files", type=int, default=4, help="side by side")
    parser.add_argument("--matrix", type=int, default=8192, help="edge of the matrices whose product shows the peak")
    parser.add_argument("--out", type=Path, default=PAGE)
    wishes = parser.parse_args(arguments)
    if wishes.device == "cuda" and not torch.cuda.is_available():
        print("bench-gpu: skipped, there is no GPU here. (--device cpu runs it on the processor.)")
        return
    host, compute = machine(), compute_here()
    device = torch.device(wishes.device)
    notes: list[str] = []
    reached = reached_teraflops(device, getattr(torch, compute.precision), wishes.matrix)
    published = published_teraflops(_name(device)) if compute.precision != PRECISIONS[0] else None
    rows = [*_riata_small(wishes, device), *_sam_audio(wishes, device, notes)]
    page = report.markdown(
        f"{_name(device)}; {described(host)}",
        f"torch {torch.__version__}, {compute.precision}",
        published or reached,
        f"the data sheet's dense peak; a plain matrix product reaches {reached:.1f} here" if published
        else f"what a plain product of {wishes.matrix} × {wishes.matrix} matrices reaches here in {compute.precision}",
        rows, list(_wholes(wishes)), notes,
    )  # fmt: skip
    wishes.out.write_text(page)
    print(page)


def _riata_small(wishes: argparse.Namespace, device: torch.device) -> Iterator[Row]:
    compute = compute_here()
    subject = RiataSmallModel(WEIGHTS, device, compute.precision, compute.compiled)
    yield from measured(subject, wishes.batches, device, wishes.calls)


def _sam_audio(wishes: argparse.Namespace, device: torch.device, notes: list[str]) -> Iterator[Row]:
    if importlib.util.find_spec("sam_audio") is None:
        notes.append("SAM-Audio was not measured: Meta's `sam_audio` package is not installed here.")
        return
    for size in SAM_AUDIO:
        with sam_audio(size, device) as subject:
            yield from measured(subject, wishes.batches, device, max(1, wishes.calls // 10))


def _wholes(wishes: argparse.Namespace) -> Iterator[WholeRow]:
    separator = load("riata-small")
    for files, prompts in ((1, 1), (wishes.files, 1), (wishes.files, 4)):
        yield whole(separator, seconds=wishes.seconds, files=files, prompts=prompts)


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"no GPU but {torch.get_num_threads()} threads of the processor"


if __name__ == "__main__":
    main()
