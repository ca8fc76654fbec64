"""`riata.delivery_ports.EndpointSlots` on the Jobs table: one item per slot, leased by a conditional write."""

import random
import uuid
from datetime import datetime, timedelta

from riata.adapters.dynamodb.table import Item, Table, to_wire, update
from riata.delivery_ports import Full, Slot
from riata.domain.clock import from_wire as moment
from riata.domain.clock import to_wire as text
from riata.errors import ConditionFailed


class DynamoEndpointSlots:
    """``count`` slots for each endpoint."""

    def __init__(self, jobs: Table, count: int) -> None:
        self._jobs = jobs
        self._count = count

    def take(self, endpoint: str, now: datetime, until: datetime) -> Slot | Full:
        """A free slot; one read when all are taken, however many wait."""
        held = self._held(endpoint, now)
        free = [number for number in range(self._count) if number not in held]
        random.shuffle(free)
        for number in free:
            slot = Slot(endpoint, number, uuid.uuid4().hex)
            try:
                self._jobs.update(
                    update(
                        _key(slot),
                        {
                            "holder": slot.holder,
                            "taken_at": text(now),
                            "held_until": text(until),
                            "expires_at": int((until + timedelta(days=1)).timestamp()),
                        },
                        condition="attribute_not_exists(held_until) OR held_until <= :now",
                        values={":now": text(now)},
                    )
                )
            except ConditionFailed:
                continue
            return slot
        return Full(min(held.values(), default=now))

    def release(self, slot: Slot) -> None:
        """Free it, if it is still held by the same holder."""
        try:
            self._jobs.update(
                update(
                    _key(slot), {}, remove=("held_until", "holder"), condition="holder = :holder",
                    values={":holder": slot.holder},
                )
            )  # fmt: skip
        except ConditionFailed:
            return

    def _held(self, endpoint: str, now: datetime) -> dict[int, datetime]:
        """The slots that are taken, each with the moment since when."""
        found = self._jobs.query(
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_wire({":pk": f"ENDPOINT#{endpoint}"}),
        )
        return {
            int(row["sk"].removeprefix("SLOT#")): moment(row["taken_at"])
            for row in found
            if row.get("held_until", "") > text(now)
        }


def _key(slot: Slot) -> Item:
    return {"pk": f"ENDPOINT#{slot.endpoint}", "sk": f"SLOT#{slot.number}"}
