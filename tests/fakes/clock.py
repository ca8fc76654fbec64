"""Time that only moves when a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 4, 25, 8, 0, tzinfo=UTC)


class ManualClock:
    """`riata.ports.Clock`."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta | float) -> None:
        """Let time pass; a plain number is seconds."""
        self.now += by if isinstance(by, timedelta) else timedelta(seconds=by)
