"""One limit on the total time of a visit, however slowly the other side feeds it."""

import time

from riata.errors import RemoteFailed


class Deadline:
    """Counts down from ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self, at_most: float) -> float:
        """Seconds that the next step may take.

        Raises:
            RemoteFailed: the time is over.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise RemoteFailed("it took too long")
        return min(left, at_most)
