"""The state machine's step for ``audio_url``: copy what the URL has into the bucket."""

from typing import Any

from riata.bootstrap import App
from riata.log import log

app = App()


def handler(event: dict[str, Any], _context: object) -> dict[str, bool]:
    """Do it, once or again; ``go_on`` is False when the request has ended."""
    go_on = app.fetch_source(event["request_id"], event["generation"])
    log("fetched", request_id=event["request_id"], go_on=go_on)
    return {"go_on": go_on}
