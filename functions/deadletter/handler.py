"""The separation queue's dead letters: what a hundred deliveries did not finish fails as WORKER_LOST."""

import json
from typing import Any

from riata.bootstrap import App
from riata.domain.requests import Failure
from riata.errors import WorkerLost
from riata.log import log

app = App()

LOST = Failure(WorkerLost.code, "No worker could finish this request. Submit it again.")


def handler(event: dict[str, Any], _context: object) -> None:
    """End each request; the execution that waits for it finds it ended when its time is over."""
    for record in event["Records"]:
        message = json.loads(record["body"])
        app.finish(message["request_id"], message["generation"], LOST)
        log("dead letter", request_id=message["request_id"])
