"""Time: always UTC, always aware; the wire format is RFC 3339 with milliseconds and ``Z``."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time, cut to milliseconds so that what is stored is what is answered."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def to_wire(moment: datetime) -> str:
    """``2026-04-25T08:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_wire(text: str) -> datetime:
    """Inverse of `to_wire`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
