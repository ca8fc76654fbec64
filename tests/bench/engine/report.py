"""The figures as a page."""

from collections.abc import Iterator
from typing import Any

from tests.bench.machine import LOAD_MEANS, described

_HEAD = ("audio s per s", "processor s per audio s", "peak RSS, MiB")


def markdown(figures: dict[str, Any]) -> str:
    """Tables of lengths, accelerations and requests."""
    rows = figures["rows"]
    lines = [
        "# Engine benchmarks",
        "",
        f"`make bench-engine`, {described(figures['machine'])}. {LOAD_MEANS} Processor time suffers less from it.",
        "",
        "Every row is a process of its own, its model loaded and warm. Recordings are 48 kHz stereo; target and residual are "
        "written as WAV. *riata-small + experts* is the same backend with a prompt that asks its pretrained experts. *demucs* is "
        "htdemucs of the package demucs 4.1.0 on torch, with random weights, which cost the same. Peak RSS counts "
        "everything: interpreter, libraries, model, decoder.",
        "",
        "## Length of the recording",
        "",
        *_table(("recording", "system"), [row for row in rows if row["table"] == "lengths"], _by_length),
        "",
        "## Acceleration",
        "",
        *_table(("acceleration", "system"), [row for row in rows if row["table"] == "accelerations"], _by_acceleration),
        "",
        "## Requests at the same time",
        "",
        "demucs has no queue and takes its files one after the other. Prompts on one file are separated in one pass.",
        "",
        *_table(("requests", "system"), [row for row in rows if row["table"] == "requests"], _by_requests),
        "",
    ]
    return "\n".join(lines)


def _by_length(row: dict[str, Any]) -> tuple[tuple[float, ...], str]:
    return (row["seconds"],), length(row["seconds"])


def _by_acceleration(row: dict[str, Any]) -> tuple[tuple[float, ...], str]:
    return (("fast", "balanced", "quality").index(row["acceleration"]),), f"{row['acceleration']}, {length(row['seconds'])}"


def _by_requests(row: dict[str, Any]) -> tuple[tuple[float, ...], str]:
    kind = "prompts on one file" if row["one_file"] else "files"
    return (row["one_file"], row["requests"]), f"{row['requests']} {kind}, {length(row['seconds'])}"


def _table(names: tuple[str, str], rows: list[dict[str, Any]], named: Any) -> Iterator[str]:
    yield f"| {' | '.join((*names, *_HEAD))} |"
    yield f"| --- | --- |{' ---: |' * len(_HEAD)}"
    for row in sorted(rows, key=lambda row: (named(row)[0], row["system"] == "demucs", row["system"])):
        yield f"| {named(row)[1]} | {row['system']} | {_measured(row)} |"


def _measured(row: dict[str, Any]) -> str:
    if row["wall"] is None:
        return f"not run: {row['expected'] / 60:.0f} min at the pace above | |"
    audio = row["seconds"] * row["requests"]
    return f"{audio / row['wall']:.2f} | {row['processor'] / audio:.3f} | {row['peak_mib']}"


def length(seconds: float) -> str:
    """Seconds as a person says them."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"
