"""The figures as a page."""

from collections.abc import Sequence

from tests.bench.gpu.measure import Row
from tests.bench.gpu.whole import WholeRow


def markdown(
    device: str, settings: str, peak: float, source: str, rows: Sequence[Row], wholes: Sequence[WholeRow], notes: Sequence[str]
) -> str:
    """The page; ``peak`` in teraflops is what shares are of, ``source`` says where it comes from."""
    lines = [
        "# GPU benchmarks",
        "",
        f"`make bench-gpu`: {device}; {settings}. Shares are of {peak:.3g} TFLOP/s, {source}.",
        "",
        "## Models",
        "",
        "One call after the other, with nothing beside it. riata-small: windows of one channel of which each gives 4.8 s, without "
        "the experts. SAM-Audio: stretches with random weights, balanced acceleration (16 midpoint steps), codec included.",
        "",
        "| model | batch | audio s/s | VRAM GiB | TFLOP/s | share of the peak |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_row(row, peak) for row in rows),
        "",
        "## Whole files",
        "",
        "As a worker does it: files side by side, decoded, separated in chunks, written as WAV; audio counts once per prompt. The "
        "model waits while it has nothing to compute although there is work.",
        "",
        "| model | files | prompts each | audio s/s | batch fill | model waits |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {w.model} | {w.files} | {w.prompts} | {w.audio_seconds_per_second:.1f} | {w.fill:.0%} | {w.wait:.0%} |"
            for w in wholes
        ),
        "",
        *(f"{note}\n" for note in notes),
    ]
    return "\n".join(lines)


def _row(row: Row, peak: float) -> str:
    if row.audio_seconds_per_second is None or row.teraflops is None:
        return f"| {row.model} | {row.batch} | does not fit | | | |"
    memory = f"{row.gibibytes:.1f}" if row.gibibytes is not None else "–"
    share = f"{row.teraflops / peak:.1%}"
    return f"| {row.model} | {row.batch} | {row.audio_seconds_per_second:.1f} | {memory} | {row.teraflops:.3g} | {share} |"
