"""How a request ends: everything that one terminal transaction writes follows from its outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from riata.domain.deliveries import Delivery
from riata.domain.ids import new_delivery_id
from riata.domain.money import LedgerEntry, billable_seconds, release, settle
from riata.domain.requests import Failure, Manifest, Outcome, Request, Status


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of ``request`` by ``outcome`` at ``at``; outputs are kept for ``retention`` from then on."""

    request: Request
    outcome: Outcome
    at: datetime
    retention: timedelta

    @property
    def status(self) -> Status:
        """The terminal status."""
        return Status.COMPLETED if isinstance(self.outcome, Manifest) else Status.FAILED

    @property
    def failure(self) -> Failure | None:
        """Why it failed, if it did."""
        return self.outcome if isinstance(self.outcome, Failure) else None

    @property
    def delete_after(self) -> datetime:
        """When the outputs go; a failed request has none, so its own date stays."""
        return self.at + self.retention if self.failure is None else self.request.delete_after

    @property
    def delivery(self) -> Delivery | None:
        """The delivery of the terminal event, due at once; None without a webhook."""
        webhook = self.request.webhook
        if webhook is None:
            return None
        return Delivery(
            new_delivery_id(), self.request.request_id, self.request.tenant, webhook.url, self.at, next_attempt_at=self.at
        )

    @property
    def billed(self) -> int:
        """Audio seconds: never more than was reserved, none when it failed."""
        if not isinstance(self.outcome, Manifest):
            return 0
        seconds = billable_seconds(self.outcome.duration)
        return seconds if self.request.reserved is None else min(seconds, self.request.reserved)

    @property
    def entry(self) -> LedgerEntry | None:
        """Settle what completed, release what failed; None on a key without metering."""
        key_id, request_id, reserved = self.request.key_id, self.request.request_id, self.request.reserved
        if reserved is None:
            return None
        if self.failure is not None:
            return release(key_id, request_id, reserved, self.at)
        return settle(key_id, request_id, reserved, self.billed, self.at)
