"""Executions of ``infra/separate.asl.yaml``, interpreted as far as that file goes; a test decides when each takes a step."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riata.domain.requests import Request
from riata.errors import RiataError
from riata.ports import ExecutionState
from tests.recovery.death import Killed

DEFINITION = json.loads((Path(__file__).parents[2] / "infra" / "separate.asl.yaml").read_text())["States"]

Task = Callable[[Mapping[str, Any]], Any]
"""Parameters of a task state → its result."""

_ERRORS = (RiataError, Killed)
"""What ends one try of a task: an error of the function, or its process dying."""


@dataclass
class Execution:
    """One execution: where it is, its data, and the token it waits for."""

    name: str
    data: dict[str, Any]
    state: str = "Load"
    tries: int = 0
    token: str | None = None
    over: bool = False
    path: list[str] = field(default_factory=list)


class StateMachine:
    """`riata.ports.Executions`, and the other side of it.

    Args:
        tasks: By the last parts of a state's resource, or by the function's name for a Lambda function.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks = tasks
        self.executions: dict[str, Execution] = {}

    def start(self, request: Request) -> None:
        data = {"request_id": request.request_id, "generation": request.generation}
        self.executions.setdefault(request.execution_name(), Execution(request.execution_name(), data))

    def state(self, request: Request) -> ExecutionState:
        execution = self.executions.get(request.execution_name())
        if execution is None:
            return ExecutionState.ABSENT
        return ExecutionState.ENDED if execution.over else ExecutionState.RUNNING

    def stop(self, request: Request) -> None:
        execution = self.executions.get(request.execution_name())
        if execution is not None:
            execution.over = True

    def wake(self, token: str) -> bool:
        """SendTaskSuccess; False when nobody waits for the token."""
        for execution in self.executions.values():
            if execution.token == token and not execution.over:
                execution.token = None
                execution.state = DEFINITION[execution.state]["Next"]
                return True
        return False

    def lose(self) -> None:
        """Every execution is gone, as after a restart of the machine that ran them: their names stay used."""
        for execution in self.executions.values():
            execution.over, execution.token = True, None

    def run(self) -> None:
        """Every execution goes as far as it can."""
        for execution in list(self.executions.values()):
            while not execution.over and execution.token is None:
                self._step(execution)

    def _step(self, execution: Execution) -> None:
        state = DEFINITION[execution.state]
        execution.path.append(execution.state)
        if state["Type"] == "Succeed":
            execution.over = True
        elif state["Type"] == "Choice":
            execution.state = next((c["Next"] for c in state["Choices"] if _holds(c, execution.data)), state["Default"])
        else:
            self._task(execution, state)

    def _task(self, execution: Execution, state: dict[str, Any]) -> None:
        token = f"token-{execution.name}-{len(execution.path)}"
        parameters = _filled(state["Parameters"], execution.data, token)
        waits = state["Resource"].endswith(".waitForTaskToken")
        try:
            result = self._tasks[_task_name(state, parameters)](parameters)
        except _ERRORS as error:
            self._failed(execution, state, error)
            return
        execution.tries = 0
        if waits:
            execution.token = token
            return
        if "ResultSelector" in state:
            result = _filled(state["ResultSelector"], {"Payload": result}, token)
        path = state.get("ResultPath", "$")
        if path not in (None, "$"):
            execution.data[path.removeprefix("$.")] = result
        execution.state = state["Next"]

    def _failed(self, execution: Execution, state: dict[str, Any], error: BaseException) -> None:
        execution.tries += 1
        if "Retry" in state and execution.tries <= state["Retry"][0]["MaxAttempts"]:
            return
        execution.tries = 0
        if "Catch" not in state:
            execution.over = True
            return
        catch = state["Catch"][0]
        if "ResultPath" in catch:
            execution.data[catch["ResultPath"].removeprefix("$.")] = {"Error": type(error).__name__}
        execution.state = catch["Next"]


def _task_name(state: dict[str, Any], parameters: Mapping[str, Any]) -> str:
    if state["Resource"].endswith("lambda:invoke"):
        return str(parameters["FunctionName"])
    return str(parameters.get("QueueUrl") or state["Resource"].rpartition(":::")[2])


def _filled(template: Any, data: Mapping[str, Any], token: str) -> Any:
    """A payload template with its paths replaced; ``${Name}`` of the deployment becomes ``Name``."""
    if isinstance(template, str):
        return re.sub(r"^\$\{(\w+)\}$", r"\1", template)
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): _value(value, data, token) if key.endswith(".$") else _filled(value, data, token)
        for key, value in template.items()
    }


def _value(path: str, data: Mapping[str, Any], token: str) -> Any:
    if path == "$$.Task.Token":
        return token
    formatted = re.fullmatch(r"States\.Format\('(.*)', (\$\.[\w.]+)\)", path)
    if formatted:
        return formatted[1].replace("{}", str(_at(formatted[2], data)))
    return _at(path, data)


def _at(path: str, data: Any) -> Any:
    for part in path.removeprefix("$.").split("."):
        data = data[part]
    return data


def _holds(choice: dict[str, Any], data: Mapping[str, Any]) -> bool:
    try:
        found = _at(choice["Variable"], data)
    except KeyError:
        return False
    return bool(choice.get("IsPresent")) or found == choice.get("BooleanEquals")
