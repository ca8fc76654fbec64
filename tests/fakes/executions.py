"""`riata.ports.Executions` in memory."""

from riata.domain.requests import Request
from riata.errors import Unavailable
from riata.ports import ExecutionState


class FakeExecutions:
    """Executions by name; `end` closes one, whatever the reason. While `is_down`, every call fails."""

    def __init__(self) -> None:
        self.states: dict[str, ExecutionState] = {}
        self.is_down = False

    def start(self, request: Request) -> None:
        self._ask()
        self.states.setdefault(request.execution_name(), ExecutionState.RUNNING)

    def state(self, request: Request) -> ExecutionState:
        self._ask()
        return self.states.get(request.execution_name(), ExecutionState.ABSENT)

    def stop(self, request: Request) -> None:
        self._ask()
        if request.execution_name() in self.states:
            self.end(request.execution_name())

    def end(self, name: str) -> None:
        """The execution succeeds, fails, times out or is stopped."""
        self.states[name] = ExecutionState.ENDED

    def _ask(self) -> None:
        if self.is_down:
            raise Unavailable("A dependency is busy. Try again.")
