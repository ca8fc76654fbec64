"""The webhook queue: a batch of tickets, each in a thread of its own, so that a receiver that hangs delays nothing beside it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from riata.adapters.delivery_queue import ticket_of
from riata.bootstrap import App
from riata.errors import RiataError
from riata.log import log

app = App()


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Make the attempts that are due; a ticket that could not be looked at goes back to the queue."""
    records, _ = event["Records"], app.send_delivery  # built before the threads: making AWS clients is not thread-safe
    with ThreadPoolExecutor(len(records)) as threads:
        done = threads.map(_is_done, records)
        failed = [{"itemIdentifier": r["messageId"]} for r, is_done in zip(records, done, strict=True) if not is_done]
    return {"batchItemFailures": failed}


def _is_done(record: dict[str, Any]) -> bool:
    ticket = ticket_of(record["body"])
    try:
        log("webhook", request_id=ticket.request_id, outcome=app.send_delivery(ticket).name)
    except RiataError as error:
        log("webhook not looked at", level="error", request_id=ticket.request_id, error=str(error))
        return False
    return True
