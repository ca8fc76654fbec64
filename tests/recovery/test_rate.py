"""Calls that come at the same moment are counted, not refused."""

from typing import Any

from riata.adapters.dynamodb.rate import DynamoRateLimiter
from riata.domain.rate_limit import RateLimit
from tests.recovery.service import Service

LIMIT = RateLimit(per_second=1, burst=3)


class _Between:
    """A table before whose second write another call comes in."""

    def __init__(self, service: Service) -> None:
        self._table = service.app._table(service.app.settings.accounts_table)
        self._another = DynamoRateLimiter(self._table, LIMIT)
        self._service = service
        self._writes = 0

    def update(self, change: dict[str, Any]) -> Any:
        self._writes += 1
        if self._writes == 2:
            assert self._another.take("key", self._service.clock()).allowed
        return self._table.update(change)

    def get(self, key: dict[str, Any]) -> Any:
        return self._table.get(key)


def test_two_first_calls_at_once_are_both_allowed(service: Service) -> None:
    limiter = DynamoRateLimiter(_Between(service), LIMIT)  # type: ignore[arg-type]

    allowance = limiter.take("key", service.clock())

    assert (allowance.allowed, allowance.remaining) == (True, 1)


def test_calls_beyond_the_burst_are_still_refused(service: Service) -> None:
    limiter = DynamoRateLimiter(_Between(service), LIMIT)  # type: ignore[arg-type]

    allowed = [limiter.take("key", service.clock()).allowed for _ in range(4)]

    assert allowed == [True, True, False, False]
