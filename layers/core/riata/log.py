"""One structured line per event; a Lambda's and a container's log is standard output."""

import json
import time
from collections.abc import Mapping
from typing import Any

METRICS_NAMESPACE = "Riata"


def log(message: str, *, level: str = "info", **fields: Any) -> None:
    """Print one JSON line. Never pass a secret, a presigned URL or a key."""
    print(json.dumps({"level": level, "message": message} | fields, default=str), flush=True)  # noqa: T201


def log_metrics(message: str, metrics: Mapping[str, tuple[float, str]], *, dimension: tuple[str, str], **fields: Any) -> None:
    """A line from which CloudWatch makes metrics (its embedded metric format): name → (value, unit), by one ``dimension``."""
    name, value = dimension
    declared = {
        "Timestamp": round(time.time() * 1000),
        "CloudWatchMetrics": [{
            "Namespace": METRICS_NAMESPACE,
            "Dimensions": [[name]],
            "Metrics": [{"Name": metric, "Unit": unit} for metric, (_, unit) in metrics.items()],
        }],
    }  # fmt: skip
    values: dict[str, Any] = {name: value} | {metric: number for metric, (number, _) in metrics.items()}
    log(message, **fields, **values, _aws=declared)
