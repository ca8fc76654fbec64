"""The figures as a page."""

from typing import Any

from tests.bench.machine import LOAD_MEANS, described


def markdown(figures: dict[str, Any]) -> str:
    """Tables of import times, latencies and overhead."""
    overhead = figures["overhead"]
    lines = [
        "# API benchmarks",
        "",
        f"`make bench-api`, {described(figures['machine'])}; one local stack with one worker. {LOAD_MEANS}",
        "",
        "## Imports of a cold start",
        "",
        "`python -X importtime`, medians of fresh interpreters; the ratio is of processor times. A handler makes its AWS clients "
        "when they are first asked for, so one that needs fewer than the bare handler imports can be cheaper than that.",
        "",
        "| handler | ms | processor ms | × bare boto3 |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {row['function']} | {row['milliseconds']:.0f} | {row['cpu_milliseconds']:.0f} | {row['ratio']:.2f} |"
            for row in figures["imports"]
        ),
        "",
        "## Warm latency",
        "",
        "| endpoint | p50 ms | p95 ms |",
        "| --- | ---: | ---: |",
        *(f"| {row['endpoint']} | {row['p50']:.0f} | {row['p95']:.0f} |" for row in figures["endpoints"]),
        "",
        "## Overhead",
        "",
        f"{overhead['requests']} requests of a {overhead['seconds']:g} s recording, one after the other, by the times in their "
        "logs. The separation begins when the worker has claimed the request (fetching the input counts) and ends when the engine "
        "has written both outputs (storing them does not count).",
        "",
        "| part | p50 s | p95 s |",
        "| --- | ---: | ---: |",
        *(f"| {row['part']} | {row['p50']:.2f} | {row['p95']:.2f} |" for row in overhead["parts"]),
        "",
        "## Promises",
        "",
        "Webhooks leave as requests end, a hundred to a receiver that holds each connection open, every fifth to "
        "one that answers at once. A cancelled separation is of ten minutes of sound; its worker reads the row every two seconds.",
        "",
        "| what | cases | promised s | p50 s | p95 s |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {row['what']} | {row['count']} | {row['promised']:g} | {row['p50']:.2f} | {row['p95']:.2f} |"
            for row in figures["promises"]
        ),
        "",
    ]
    return "\n".join(lines)
