"""Whatever callers, workers and duplicate messages do at once: the ledger's sum is the balance, never below zero."""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from riata.domain.money import EntryKind, LedgerEntry
from riata.domain.requests import Failure, Manifest, OutputObject, Status
from riata.errors import ConditionFailed, InsufficientCredits, RequestAlreadyEnded, Unavailable
from riata.usecases.work import Attempt, Claimed
from tests.recovery.service import CREDITS, SECONDS, Service, submission
from tests.recovery.unsteady import Unsteady

THREADS = 4
_LOST = Failure("WORKER_LOST", "No worker could finish this request.")
_EXPECTED = (Unavailable, ConditionFailed, RequestAlreadyEnded, InsufficientCredits)


@pytest.fixture(autouse=True)
def _threads_take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-3)
    yield
    sys.setswitchinterval(before)


def _submit(service: Service, choose: random.Random, file_id: str) -> None:
    key = choose.choice([None, "once", "twice"])
    service.app.submit(service.ada, submission(file_id=file_id, idempotency_key=key, body_hash="body"))


def _separate(service: Service, choose: random.Random, request_id: str) -> None:
    claimed = service.app.claim(request_id, 1)
    if isinstance(claimed, Claimed):
        attempt = Attempt(service.app.requests, service.clock, claimed.request, claimed.attempt_id)
        attempt.record(_outcome(attempt) if choose.random() < 0.7 else _LOST)


def _finish(service: Service, choose: random.Random, request_id: str) -> None:
    service.app.finish(request_id, 1, choose.choice([None, _LOST]))


def _cancel(service: Service, _choose: random.Random, request_id: str) -> None:
    service.app.cancel(service.ada, request_id)


def _credit(service: Service, choose: random.Random, _request_id: str) -> None:
    entry_id = f"credit#{choose.randrange(3)}"
    service.app.accounts.credit(LedgerEntry(service.ada.key_id, entry_id, EntryKind.CREDIT, 5, service.clock()))


_ACTS = (_separate, _separate, _finish, _finish, _cancel, _credit)


def _live(service: Service, seed: int, file_id: str) -> None:
    """One thread's life: it submits, and meddles with everybody's requests, often twice."""
    choose = random.Random(seed)
    for _ in range(12):
        ids = [request.request_id for request in service.app.requests.newest("ada", None, 20)]
        act = choose.choice(_ACTS) if ids and choose.random() < 0.75 else None
        for _repeated in range(choose.choice([1, 2])):
            try:
                if act is None:
                    _submit(service, choose, file_id)
                else:
                    act(service, choose, choose.choice(ids))
            except _EXPECTED:
                continue


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_s_sum_is_the_balance_whatever_happens_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    unsteady, file_id = Unsteady(seed), service.upload().file_id
    service.app.submit(service.ada, submission(file_id=file_id))
    unsteady.install(monkeypatch)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda n: _live(service, 100 * seed + n, file_id), range(THREADS)))

    unsteady.is_calm = True
    _books_are_right(service)
    for request in service.app.requests.newest("ada", None, 200):
        service.app.finish(request.request_id, 1, _LOST)
    _books_are_right(service)
    _each_request_is_closed_once(service)
    assert unsteady.conflicts + unsteady.lost > 0


def _books_are_right(service: Service) -> None:
    entries = list(service.app.accounts.ledger(service.ada.key_id))
    assert sum(entry.amount for entry in entries) == service.balance() >= 0
    assert service.balance() <= CREDITS + 15


def _each_request_is_closed_once(service: Service) -> None:
    moved = Counter(entry.entry_id for entry in service.app.accounts.ledger(service.ada.key_id))
    requests = service.app.requests.newest("ada", None, 200)
    assert requests
    for request in requests:
        settled, released = (moved[f"{request.request_id}#{kind}"] for kind in ("settle", "release"))
        completed = request.status is Status.COMPLETED
        assert (moved[f"{request.request_id}#reserve"], settled, released) == (1, int(completed), int(not completed))
    reserved = sum(1 for entry_id in moved if entry_id.endswith("#reserve"))
    assert reserved == len(requests)


def _outcome(attempt: Attempt) -> Manifest:
    prefix = attempt.request.output_prefix(attempt.attempt_id)
    stems = (OutputObject(f"{prefix}{stem}.wav", "audio/wav", f"{stem}.wav") for stem in ("target", "residual"))
    return Manifest(*stems, SECONDS, 44_100)
