"""When a webhook is tried again, and what an answer means. The offsets follow what the Standard Webhooks specification suggests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from riata.domain.deliveries import Delivery

TIMEOUT = timedelta(seconds=15)
"""How long the receiver has for one attempt."""

OFFSETS = (
    timedelta(0), timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""From the first attempt to each."""

JITTER = 0.1
"""An attempt comes up to this part of its gap late, so that events that failed together do not all come back together."""

LONGEST_RETRY_AFTER = timedelta(hours=24)

GONE = 410
"""The receiver wants no more of this."""


def acknowledges(status: int) -> bool:
    """Whether an answer takes the event; a redirect does not."""
    return 200 <= status < 300


def retry_after_of(header: str | None, now: datetime) -> timedelta | None:
    """What a ``Retry-After`` header asks for, in seconds or as a date (RFC 9110); None when it says nothing that can be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return min(max(date - now, timedelta(0)), LONGEST_RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The offsets, scaled: tests live faster."""

    scale: float = 1.0

    def next_attempt(
        self, delivery: Delivery, now: datetime, jitter: float, retry_after: timedelta | None = None
    ) -> datetime | None:
        """When the delivery's next attempt is due, None after the last.

        Args:
            delivery: As it is after an attempt that failed.
            now: When that attempt ended.
            jitter: 0 to 1, drawn at random.
            retry_after: How long the receiver asked to be left alone; it can put the attempt off, never bring it forward.
        """
        done = delivery.attempts_in_round
        if done >= len(OFFSETS) or delivery.first_attempt_at is None:
            return None
        gap = (OFFSETS[done] - OFFSETS[done - 1]) * self.scale
        on_time = delivery.first_attempt_at + OFFSETS[done] * self.scale
        # An attempt that came late, after an outage of ours, does not make those behind it follow at once.
        due = max(on_time, now + gap / 2) + gap * JITTER * jitter
        return due if retry_after is None else max(due, now + retry_after)
