"""A token bucket per key, in the form of the generic cell rate algorithm: its whole state is one moment.

``tat`` is the theoretical arrival time: the moment at which the bucket would be full again. A call moves it on by one interval and
is allowed while it stays within a burst of now. (ITU-T I.371, annex A.)
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimit:
    """``per_second`` tokens come back each second, at most ``burst`` are saved up."""

    per_second: float
    burst: int

    @property
    def interval(self) -> float:
        """Seconds that one call costs."""
        return 1.0 / self.per_second

    @property
    def tolerance(self) -> float:
        """How far ahead of now ``tat`` may be after a call, seconds."""
        return self.burst * self.interval


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer to one call; ``remaining`` whole tokens, ``reset`` seconds until the bucket is full."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


def judge(limit: RateLimit, tat: float, now: float, allowed: bool) -> Allowance:
    """What to tell the caller, given the bucket after the call; times are epoch seconds."""
    ahead = max(0.0, tat - now)
    remaining = max(0, math.floor((limit.tolerance - ahead) / limit.interval + 1e-9))
    wait = max(0.0, ahead + limit.interval - limit.tolerance)
    return Allowance(allowed, limit.burst, remaining if allowed else 0, math.ceil(ahead), max(1, math.ceil(wait)))
