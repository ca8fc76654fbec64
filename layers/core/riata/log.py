"""One structured line per event; a Lambda's and a container's log is standard output."""

import json
from typing import Any


def log(message: str, *, level: str = "info", **fields: Any) -> None:
    """Print one JSON line. Never pass a secret, a presigned URL or a key."""
    print(json.dumps({"level": level, "message": message} | fields, default=str), flush=True)  # noqa: T201
