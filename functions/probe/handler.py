"""The state machine's step after a fetch: what the copy is, and the reservation of its seconds."""

from typing import Any

from riata.bootstrap import App
from riata.log import log

app = App()


def handler(event: dict[str, Any], _context: object) -> dict[str, bool]:
    """Do it, once or again; ``go_on`` is False when the request has ended."""
    go_on = app.prepare_source(event["request_id"], event["generation"])
    log("probed", request_id=event["request_id"], go_on=go_on)
    return {"go_on": go_on}
