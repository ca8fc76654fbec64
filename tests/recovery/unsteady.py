"""A DynamoDB that is as unpleasant as the real one.

moto's transactions do not isolate threads from one another, so one lock makes each call as atomic as DynamoDB makes it; what
interleaves are the calls. By chance a transaction loses against another one, and by chance an answer is lost after its call took
effect.
"""

import random
import threading
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

_CONFLICT = 0.25
_LOST = 0.15


class Unsteady:
    """Stands between every client and moto from `install` on."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.conflicts = self.lost = 0
        self.is_calm = False

    def install(self, patch: pytest.MonkeyPatch) -> None:
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
            with self._lock:
                if operation == "TransactWriteItems" and self._happens(_CONFLICT):
                    self.conflicts += 1
                    raise _conflict(len(arguments["TransactItems"]))
                answer = real(client, operation, arguments)
                if operation in ("TransactWriteItems", "UpdateItem") and self._happens(_LOST):
                    self.lost += 1
                    raise ReadTimeoutError(endpoint_url="https://dynamodb.test")
                return answer

        patch.setattr(BaseClient, "_make_api_call", call)

    def _happens(self, chance: float) -> bool:
        return not self.is_calm and self._random.random() < chance


def _conflict(items: int) -> ClientError:
    reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in range(items - 1))]
    answer: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    return ClientError(answer, "TransactWriteItems")
