"""The figures as a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.machine import LOAD_MEANS, described

_NAMES = {"onnx": "onnxruntime", "torch": "torch"}


def markdown(
    host: dict[str, object], rows: Sequence[Mapping[str, Any]], sizes: Mapping[str, int], seconds: float, rounds: int
) -> str:
    """A table of speeds and memory, and one of what is installed."""
    lines = [
        "# The two runtimes of riata-small",
        "",
        f"`make bench-runtime`, {described(host)}. {LOAD_MEANS} Processor time suffers less from it.",
        "",
        f"The whole engine, file to files, on {seconds:g} s of 48 kHz stereo. Both libraries are loaded and warm in processes of "
        f"their own and take turns; medians of {rounds} rounds. *+ experts* is a prompt that asks both pretrained experts. "
        "*Ready* is from the start of the interpreter to a loaded engine. Peak RSS does not count the decoder's process.",
        "",
        "| case | threads | runtime | audio s per s | audio s per processor s | peak RSS, MiB | ready, s |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {row['system']} | {row['threads']} | {_NAMES[row['runtime']]} | {row['pace']:.1f} | {row['per_processor']:.1f} "
            f"| {row['peak_mib']} | {row['ready']:.1f} |"
            for row in rows
        ),
        "",
        "What an environment with the engine takes, all its dependencies included:",
        "",
        "| runtime | MiB |",
        "| --- | ---: |",
        *(f"| {_NAMES[runtime]} | {size} |" for runtime, size in sizes.items()),
        "",
    ]
    return "\n".join(lines)
