"""The figures as a page."""

from typing import Any


def markdown(figures: dict[str, Any]) -> str:
    """Tables of import times, latencies and overhead."""
    machine, overhead = figures["machine"], figures["overhead"]
    lines = [
        "# API benchmarks",
        "",
        f"`make bench-api`: Python {machine['python']}, {machine['system']}, {machine['cores']} cores, load {machine['load']} "
        "before the start; one local stack with one worker.",
        "",
        "## Imports of a cold start",
        "",
        "`python -X importtime -c 'import handler'`, median of fresh interpreters.",
        "",
        "| handler | ms | × bare boto3 |",
        "| --- | ---: | ---: |",
        *(f"| {row['function']} | {row['milliseconds']:.0f} | {row['ratio']:.2f} |" for row in figures["imports"]),
        "",
        "## Warm latency",
        "",
        "| endpoint | p50 ms | p95 ms |",
        "| --- | ---: | ---: |",
        *(f"| {row['endpoint']} | {row['p50']:.0f} | {row['p95']:.0f} |" for row in figures["endpoints"]),
        "",
        "## Overhead",
        "",
        f"{overhead['requests']} requests of the 8.6 s example, one after the other, polled every 50 ms: submit → COMPLETED "
        f"{overhead['whole_p50']:.2f} s (p95 {overhead['whole_p95']:.2f} s), the separation alone "
        f"{overhead['separation_p50']:.2f} s, so Riata's own share is **{overhead['overhead_p50']:.2f} s** (medians).",
        "",
    ]
    return "\n".join(lines)
