"""`riata.ports.RateLimiter` in memory."""

from datetime import datetime

from riata.domain.rate_limit import Allowance, RateLimit, judge


class FakeRateLimiter:
    """Token buckets."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._full_at: dict[str, float] = {}

    def take(self, key_id: str, now: datetime) -> Allowance:
        at = now.timestamp()
        full_at = max(self._full_at.get(key_id, at), at)
        allowed = full_at <= at + self._limit.tolerance - self._limit.interval
        if allowed:
            full_at += self._limit.interval
            self._full_at[key_id] = full_at
        return judge(self._limit, full_at, at, allowed)
