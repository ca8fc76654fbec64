"""The state machine's last step: the terminal transaction, by the recorded outcome or by the death of the execution."""

from typing import Any

from riata.bootstrap import App
from riata.domain.requests import Failure
from riata.errors import TimedOut, WorkerLost
from riata.log import log

app = App()

DEATHS = {
    "States.Timeout": Failure(TimedOut.code, "The request was not finished in time. Submit it again."),
}
LOST = Failure(WorkerLost.code, "The separation was interrupted and could not be resumed. Submit it again.")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """End the request; ``error`` is the state machine's name for what went wrong, if anything did."""
    death = DEATHS.get(event["error"], LOST) if event.get("error") else None
    ended = app.finish(event["request_id"], event["generation"], death)
    status = ended.status.value if ended else "GOES_ON"
    log("request ended", request_id=event["request_id"], status=status)
    return {"status": status, "has_webhook": ended is not None and ended.webhook is not None}
