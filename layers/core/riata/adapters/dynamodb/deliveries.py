"""`riata.delivery_ports.Deliveries` on the Jobs table."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from botocore.exceptions import ClientError

from riata.adapters.aws_errors import translate
from riata.adapters.dynamodb import rows
from riata.adapters.dynamodb.table import Item, Table, to_wire, transact
from riata.domain.clock import from_wire as moment
from riata.domain.clock import to_wire as text
from riata.domain.deliveries import Attempt, Delivery, Ticket

_ATTEMPT = "DELIVERY#ATTEMPT#"


class DynamoDeliveries:
    """Deliveries and their attempts, beside the request they belong to."""

    def __init__(self, jobs: Table) -> None:
        self._jobs = jobs

    def get(self, request_id: str) -> Delivery | None:
        """The delivery of a request's terminal event, or None."""
        row = self._jobs.get(rows.delivery_key(request_id))
        return rows.delivery_from(row) if row else None

    def change(self, seen: Delivery, new: Delivery, attempt: Attempt | None = None) -> None:
        """Replace the row if it is still as seen, and put the attempt with it."""
        condition = "#status = :status AND attempts = :attempts AND "
        condition += "attribute_not_exists(sweep_at)" if seen.next_attempt_at is None else "sweep_at = :due"
        values = {
            ":status": seen.status.value,
            ":attempts": seen.attempts,
            ":due": text(seen.next_attempt_at) if seen.next_attempt_at is not None else None,
        }
        replacement = {
            "TableName": self._jobs.name,
            "Item": to_wire(rows.delivery_row(new)),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": to_wire(values),
        }
        items: list[Item] = [{"Put": replacement}]
        if attempt is not None:
            items.append({"Put": {"TableName": self._jobs.name, "Item": to_wire(_attempt_row(new, attempt))}})
        try:
            transact(self._jobs.client, items)
        except ClientError as error:
            raise translate(error) from error

    def attempts(self, request_id: str) -> Sequence[Attempt]:
        """Every attempt, oldest first."""
        found = self._jobs.query(
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :attempt)",
            ExpressionAttributeValues=to_wire({":pk": rows.delivery_key(request_id)["pk"], ":attempt": _ATTEMPT}),
        )
        return [_attempt_from(row) for row in found]

    def due(self, before: datetime, limit: int) -> Sequence[Ticket]:
        """The attempts that were due before a moment, from the index alone."""
        found = self._jobs.query(
            IndexName="sweep",
            KeyConditionExpression="sweep = :sweep AND sweep_at < :before",
            ExpressionAttributeValues=to_wire({":sweep": rows.DELIVERY_SWEEP, ":before": text(before)}),
        )
        return [Ticket(row["pk"].removeprefix("REQ#"), moment(row["sweep_at"])) for row in islice(found, limit)]


def _attempt_row(delivery: Delivery, attempt: Attempt) -> Item:
    return {
        "pk": rows.delivery_key(delivery.request_id)["pk"],
        "sk": f"{_ATTEMPT}{attempt.number:05d}",
        "number": attempt.number,
        "started_at": text(attempt.started_at),
        "duration": attempt.duration,
        "response_status": attempt.response_status,
        "error": attempt.error,
        "expires_at": rows.request_expiry(delivery.created_at),
    }


def _attempt_from(row: Item) -> Attempt:
    duration = row.get("duration")
    return Attempt(
        row["number"],
        moment(row["started_at"]),
        float(duration) if duration is not None else None,
        row.get("response_status"),
        row.get("error"),
    )
