"""`riata.ports.RateLimiter` on the Accounts table: one item per key, a few conditional writes per call."""

from datetime import datetime, timedelta

from riata.adapters.dynamodb.table import Item, Table, update
from riata.domain.rate_limit import Allowance, RateLimit, judge
from riata.errors import ConditionFailed

_TRIES = 5


class DynamoRateLimiter:
    """Token buckets."""

    def __init__(self, accounts: Table, limit: RateLimit) -> None:
        self._accounts = accounts
        self._limit = limit

    def take(self, key_id: str, now: datetime) -> Allowance:
        """Take one token of a key's bucket, if there is one."""
        limit, at = self._limit, now.timestamp()
        key = {"pk": f"RATE#{key_id}", "sk": "RATE"}
        tat = at
        for _ in range(_TRIES):
            row = self._moved(key, at) or self._filled(key, at)
            if row is not None:
                return judge(limit, float(row["tat"]), at, allowed=True)
            tat = float((self._accounts.get(key) or {"tat": at})["tat"])
            if tat > at + limit.tolerance - limit.interval:
                break
            # Another call filled the bucket between the two writes, and left room.
        return judge(limit, tat, at, allowed=False)

    def _moved(self, key: Item, at: float) -> Item | None:
        """The bucket is in use: move ``tat`` on, within the burst."""
        limit = self._limit
        change = update(
            key,
            {"expires_at": _expiry(at)},
            add={"tat": limit.interval},
            condition="tat >= :now AND tat <= :latest",
            values={":now": at, ":latest": at + limit.tolerance - limit.interval},
        )
        return self._tried(change)

    def _filled(self, key: Item, at: float) -> Item | None:
        """The bucket is full, or new: start at now."""
        change = update(
            key,
            {"tat": at + self._limit.interval, "expires_at": _expiry(at)},
            condition="attribute_not_exists(tat) OR tat < :now",
            values={":now": at},
        )
        return self._tried(change)

    def _tried(self, change: Item) -> Item | None:
        try:
            return self._accounts.update(change)
        except ConditionFailed:
            return None


def _expiry(at: float) -> int:
    return int(at + timedelta(days=1).total_seconds())
