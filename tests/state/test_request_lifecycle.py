"""Whatever happens, in whatever order and however often: money adds up, an end is an end, and nothing gets lost."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from riata.domain.requests import CHECK_EVERY, LEASE, MAX_CRASHES, MAX_GENERATIONS, Failure, Manifest, Request
from riata.errors import ConditionFailed, InsufficientCredits, RequestAlreadyEnded
from riata.ports import ExecutionState, WorkMessage
from riata.usecases.work import Attempt, Claimed, Refusal
from tests.fakes.world import World, manifest_of, submission_of

DEATH = Failure("TIMED_OUT", "The request was not finished in time. Submit it again.")
SILENT = Failure("MEDIA_SILENT", "There is nothing to hear.")
CREDITS = 40
PICK = st.integers(0, 5)
"""Which of the requests, executions or workers."""
ACTS = ["beat", "record", "die after recording", "crash", "stall", "is stopped"]
DURATION = st.sampled_from([0.5, 12.5, 14.0, None])


@dataclass
class Worker:
    """One that is at work on a claim, or believes so."""

    message: WorkMessage
    attempt: Attempt


class Lifecycle(RuleBasedStateMachine):
    """Callers, workers, the state machine and the reconciler, each of whom may do their next step at any time or never."""

    @initialize()
    def open_an_account(self) -> None:
        self.world = World()
        self.caller = self.world.key("ada", credits=CREDITS)[1]
        self.file = self.world.uploaded(self.caller)
        self.workers: list[Worker] = []
        self.dispatched: set[str] = set()
        self.ended: dict[str, Request] = {}
        self.outcomes: dict[str, object] = {}
        self.generations: dict[str, int] = {}
        self.submit(is_down=False)

    @property
    def rows(self) -> list[Request]:
        return list(self.world.requests.rows.values())

    @property
    def running(self) -> list[Request]:
        """Requests, each as of a generation whose execution runs."""
        states = self.world.executions.states
        every = [replace(row, generation=g + 1) for row in self.rows for g in range(row.generation)]
        return [row for row in every if states.get(row.execution_name()) is ExecutionState.RUNNING]

    @property
    def undispatched(self) -> list[Request]:
        return [row for row in self.running if row.execution_name() not in self.dispatched]

    # ── The caller ──────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(is_down=st.booleans())
    def submit(self, is_down: bool) -> None:
        self.world.executions.is_down = is_down
        try:
            self.world.app.submit(self.caller, submission_of(self.file.file_id))
        except InsufficientCredits:
            assert self.world.balance(self.caller) < 13
        finally:
            self.world.executions.is_down = False

    @precondition(lambda self: len(self.rows) == 3)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        row = self.rows[pick % len(self.rows)]
        try:
            self.world.app.cancel(self.caller, row.request_id)
        except RequestAlreadyEnded:
            assert self.world.row(row).status.is_terminal

    # ── The state machine ───────────────────────────────────────────────────────────────────────────────────────────

    def dispatch(self) -> None:
        """Load and Separate: a message, unless the outcome is there already."""
        for row in self.undispatched:
            self.dispatched.add(row.execution_name())
            if row.outcome is not None:
                self._finish(row)
            else:
                self.world.queue.send(row.request_id, row.generation)

    def _finish(self, row: Request) -> None:
        self.world.app.finish(row.request_id, row.generation)
        self.world.executions.end(row.execution_name())

    @rule(pick=PICK)
    def finish_once_more(self, pick: int) -> None:
        row = self.rows[pick % len(self.rows)]
        self.world.app.finish(row.request_id, row.generation)

    @rule(pick=PICK)
    def an_old_execution_reports_its_death_late(self, pick: int) -> None:
        row = self.rows[pick % len(self.rows)]
        if row.generation > 1 and row.outcome is None:
            self.world.app.finish(row.request_id, row.generation - 1, DEATH)
            assert self.world.row(row) == row

    @precondition(lambda self: self.running)
    @rule(pick=PICK, reported=st.sampled_from([False, False, True]))
    def execution_dies(self, pick: int, reported: bool) -> None:
        row = self.running[pick % len(self.running)]
        self.world.executions.end(row.execution_name())
        self.world.queue.waiting.discard(f"token-{row.request_id}-{row.generation}")
        if reported:
            self.world.app.finish(row.request_id, row.generation, DEATH)

    @rule()
    def reconcile(self) -> None:
        self.world.app.reconcile()

    # ── The workers ─────────────────────────────────────────────────────────────────────────────────────────────────

    @rule()
    def receive(self) -> None:
        self.dispatch()
        message = self.world.queue.receive(0)
        if message is None:
            return
        before = self.world.requests.get(message.request_id)
        assert before is not None
        claimed = self.world.app.claim(message.request_id, message.generation)
        if isinstance(claimed, Claimed):
            now = self.world.clock()
            assert before.lease_until is None or before.lease_until <= now, "a live lease was taken over"
            assert not before.status.is_terminal
            attempt = Attempt(self.world.requests, self.world.clock, claimed.request, claimed.attempt_id)
            self.workers.append(Worker(message, attempt))
        elif claimed is Refusal.RECORDED:
            self._wake(message)
        elif claimed is Refusal.STALE:
            self.world.queue.delete(message)

    def _wake(self, message: WorkMessage) -> None:
        if self.world.queue.wake(message):
            row = self.world.requests.rows[message.request_id]
            self._finish(replace(row, generation=message.generation))
        self.world.queue.delete(message)

    @rule(act=st.sampled_from(ACTS), pick=PICK, duration=DURATION)
    def a_worker_acts(self, act: str, pick: int, duration: float | None) -> None:
        if not self.workers:
            self.receive()
            return
        worker = self.workers[pick % len(self.workers)]
        if act not in {"beat", "stall"}:
            self.workers.remove(worker)
        if act == "beat":
            self._beat(worker)
        elif act in {"record", "die after recording"}:
            self._record(worker, duration, then_wakes=act == "record")
        elif act in {"crash", "stall"}:
            # Silent for longer than its lease, for ever or not; somebody else takes over.
            self.world.clock.advance(LEASE)
            self.receive()
        else:
            worker.attempt.give_back()
            self.world.queue.extend(worker.message, 0)

    def _beat(self, worker: Worker) -> None:
        try:
            worker.attempt.beat(0.5)
        except ConditionFailed:
            self.workers.remove(worker)
            return
        assert self.world.row(worker.attempt.request).attempt_id == worker.attempt.attempt_id
        self.world.queue.extend(worker.message, 90)

    def _record(self, worker: Worker, duration: float | None, then_wakes: bool) -> None:
        """A manifest, or a failure when there is no duration."""
        try:
            worker.attempt.record(SILENT if duration is None else manifest_of(worker.attempt, duration))
        except ConditionFailed:
            return
        if then_wakes:
            self._wake(worker.message)

    @precondition(lambda self: self.workers)
    @rule(pick=PICK)
    def a_message_is_delivered_twice(self, pick: int) -> None:
        self.world.queue.extend(self.workers[pick % len(self.workers)].message, 0)
        self.receive()

    @rule(by=st.sampled_from([LEASE / 3, LEASE, CHECK_EVERY]))
    def time_passes(self, by: timedelta) -> None:
        self.world.clock.advance(by)

    # ── What always holds ───────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def the_ledger_adds_up_to_the_balance(self) -> None:
        balance = self.world.balance(self.caller)
        assert balance == sum(entry.amount for entry in self.world.accounts.ledger(self.caller.key_id))
        spent = sum((row.billed if row.status.is_terminal else row.reserved) or 0 for row in self.rows)
        assert balance == CREDITS - spent
        assert all((row.billed or 0) <= (row.reserved or 0) for row in self.rows)

    @invariant()
    def a_reservation_is_settled_or_released_exactly_once_and_only_at_the_end(self) -> None:
        kinds = {entry.entry_id for entry in self.world.accounts.ledger(self.caller.key_id)}
        for row in self.rows:
            mine = {entry.rpartition("#")[2] for entry in kinds if entry.startswith(f"{row.request_id}#")}
            ends = {"settle"} if row.status == "COMPLETED" else {"release"} if row.status == "FAILED" else set()
            assert mine == {"reserve"} | ends

    @invariant()
    def a_terminal_request_never_changes(self) -> None:
        for row in self.rows:
            if row.status.is_terminal:
                assert self.ended.setdefault(row.request_id, row) == row

    @invariant()
    def an_outcome_is_recorded_at_most_once_and_decides(self) -> None:
        for row in self.rows:
            if row.outcome is not None:
                assert self.outcomes.setdefault(row.request_id, row.outcome) == row.outcome
                if isinstance(row.outcome, Manifest):
                    assert row.outcome.target.key.startswith(row.output_prefix(row.attempt_id or ""))
                if row.status.is_terminal:
                    assert row.failure == (row.outcome if isinstance(row.outcome, Failure) else None)

    @invariant()
    def a_generation_only_rises(self) -> None:
        for row in self.rows:
            assert self.generations.get(row.request_id, 1) <= row.generation <= MAX_GENERATIONS
            self.generations[row.request_id] = row.generation

    @invariant()
    def of_all_workers_at_most_one_owns_a_request(self) -> None:
        for row in self.rows:
            owners = [w for w in self.workers if w.attempt.attempt_id == row.attempt_id]
            assert len(owners) <= 1
            assert row.crashes <= MAX_CRASHES
            assert row.crashes < MAX_CRASHES or row.outcome is not None or not owners

    @invariant()
    def a_file_is_held_by_its_open_requests(self) -> None:
        still_open = sum(not row.status.is_terminal for row in self.rows)
        assert self.world.files.rows[self.file.file_id].open_requests == still_open

    def teardown(self) -> None:
        """Nothing gets lost: when the disturbances stop, everything comes to an end by itself."""
        if not hasattr(self, "world"):
            return
        self.workers.clear()
        for _ in range(4 * (MAX_GENERATIONS + MAX_CRASHES)):
            if all(row.status.is_terminal for row in self.rows):
                break
            self.world.clock.advance(LEASE)
            self.world.app.reconcile()
            self.dispatch()
            for _message in range(max(1, self.world.queue.visible)):
                self.receive()
            for worker in self.workers[:]:
                self.workers.remove(worker)
                self._record(worker, 12.5, then_wakes=True)
        assert all(row.status.is_terminal for row in self.rows), "a request got lost"
        self.the_ledger_adds_up_to_the_balance()
        self.a_reservation_is_settled_or_released_exactly_once_and_only_at_the_end()


TestRequestLifecycle = Lifecycle.TestCase
TestRequestLifecycle.settings = settings(
    max_examples=200,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
