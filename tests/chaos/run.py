"""One run: requests come in while parts of the stack die; afterwards the books are read."""

import io
import json
import random
import threading
import time
import wave
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riata_client.models import Status
from tests.chaos.callers import Callers, Wish
from tests.chaos.killer import Killer
from tests.chaos.outside import Mail, Outside
from tests.local_stack import LocalStack, eventually

_RATE = 16_000
_CREDITS = 10_000


@dataclass(frozen=True)
class Plan:
    """How much of everything; ``seconds`` bounds the run, ``songs`` are the lengths in seconds that files and URLs have."""

    requests: int
    workers: int
    worker_kills: int
    function_kills: int
    restarts: bool
    seconds: float
    seed: int
    songs: tuple[float, ...]


@dataclass(frozen=True)
class Figures:
    """What happened."""

    statuses: dict[str, Status]
    killed: dict[str, int]
    crashes: int
    restarts: int
    mail: Mail
    ledger: list[dict[str, Any]]
    balance: int
    metered: frozenset[str]
    seconds: float

    @property
    def ends(self) -> Counter[str]:
        """Requests by how they ended: ``COMPLETED`` or an error's code."""
        return Counter(status.error_code or status.status for status in self.statuses.values())

    @property
    def ledger_sum(self) -> int:
        return sum(entry["amount"] for entry in self.ledger)


def run(home: Path, plan: Plan) -> Figures:
    """Start a stack in ``home``, let the plan happen to it, stop it."""
    began = time.monotonic()
    songs = {f"/song-{n}.wav": _song(seconds, n) for n, seconds in enumerate(plan.songs)} | {"/letter.wav": b"not audio"}
    stack = LocalStack(home / "stack")
    options = (
        "--port", "0", "--workers", str(plan.workers), "--allow-private-urls", "--parameter", "LeaseSeconds=10",
        "--parameter", "WebhookScheduleScale=0.01",
    )  # fmt: skip
    with Outside(songs, plan.seed) as outside:
        stack.up(*options)
        try:
            key = json.loads(stack.riata("keys", "create", "--tenant", "payer", "--credits", str(_CREDITS), "--json").stdout)
            wishes = _wishes(plan, home, songs, outside.url, (stack.api_key, key["api_key"]))
            callers = Callers(stack.base_url, f"{outside.url}/hook", began + plan.seconds)
            requests, statuses, killed = _happen(stack, plan, callers, wishes, options)
            metered = frozenset(i for i, wish in requests.items() if wish.api_key == key["api_key"])
            eventually(
                lambda: _told(outside.mail) >= statuses.keys(), max(1.0, began + plan.seconds - time.monotonic()),
                "an event was not acknowledged in time",
            )  # fmt: skip
            ledger = json.loads(stack.riata("credits", "show", key["key_id"], "--json").stdout)["ledger"]
            keys = json.loads(stack.riata("keys", "list", "--json").stdout)
            balance = next(row["balance"] for row in keys if row["key_id"] == key["key_id"])
            crashes = sum("CLAIMED" in line for line in _worker_lines(stack)) - len(_claimed_once(stack))
        finally:
            stack.down()
    seconds = time.monotonic() - began
    return Figures(
        statuses, killed, crashes, int(plan.restarts), outside.mail, ledger, balance, metered, seconds
    )


def _happen(
    stack: LocalStack, plan: Plan, callers: Callers, wishes: list[Wish], options: tuple[str, ...]
) -> tuple[dict[str, Wish], dict[str, Status], dict[str, int]]:
    requests: dict[str, Wish] = {}
    failures: list[BaseException] = []

    def call() -> None:
        try:
            requests.update(callers.submit_all(wishes))
        except BaseException as failure:
            failures.append(failure)
            raise

    calling = threading.Thread(target=call, daemon=True)
    with Killer(stack, plan.seed, workers=plan.worker_kills, functions=plan.function_kills) as killer:
        calling.start()
        if plan.restarts:
            eventually(lambda: killer.killed["worker"] * 2 >= plan.worker_kills, plan.seconds, "no worker was killed")
            with killer.paused:
                stack.down()
                stack.up(*options[2:])
        calling.join()
        assert not failures, failures
        statuses = callers.wait(requests)
    return requests, statuses, killer.killed


def _wishes(plan: Plan, home: Path, songs: dict[str, bytes], host: str, keys: tuple[str, str]) -> list[Wish]:
    """Every fourth has a URL, every fifth is cancelled, every third is metered; one URL has no audio."""
    choose = random.Random(plan.seed)
    wishes = []
    for number in range(plan.requests):
        name = choose.choice(sorted(songs.keys() - {"/letter.wav"}))
        path, url = home / name[1:], None
        if number % 4 == 3:
            url = host + ("/letter.wav" if number == 3 else name)
        path.write_bytes(songs[name])
        cancel_after = choose.uniform(0, 6) if number % 5 == 4 else None
        wishes.append(Wish(number, keys[number % 3 == 0], None if url else path, url, cancel_after))
    return wishes


def _song(seconds: float, seed: int) -> bytes:
    """A mono WAV file: a falling tone every half second over noise."""
    time_ = np.arange(int(seconds * _RATE)) / _RATE
    tone = np.sin(2 * np.pi * 440 * 2 ** (-seed / 12) * time_) * np.exp(-4 * (time_ % 0.5))
    noise = np.random.default_rng(seed).normal(0, 0.05, len(time_))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(((0.4 * tone + noise).clip(-1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _told(mail: Mail) -> set[str]:
    """The requests whose event the receiver has taken."""
    taken = mail.acknowledged()
    with mail.lock:
        return {mail.posts[webhook_id][0][0]["request_id"] for webhook_id in taken}


def _worker_lines(stack: LocalStack) -> list[str]:
    return [line for log in stack.home.glob("logs/worker-*.log") for line in log.read_text().splitlines()]


def _claimed_once(stack: LocalStack) -> set[str]:
    return {json.loads(line)["request_id"] for line in _worker_lines(stack) if '"CLAIMED"' in line}
