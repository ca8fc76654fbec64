"""`riata.ports.Executions` on Step Functions. Execution input is ids only."""

import json
from typing import Any

from botocore.exceptions import ClientError

from riata.adapters.aws_errors import code_of, translated
from riata.domain.requests import Request
from riata.ports import ExecutionState

_GOES_ON = {"RUNNING", "PENDING_REDRIVE"}


class StepFunctions:
    """The separation state machine."""

    def __init__(self, client: Any, state_machine_arn: str) -> None:
        self._client = client
        self._machine = state_machine_arn

    def start(self, request: Request) -> None:
        """Start the execution of this generation; one that exists already counts as started."""
        with translated():
            try:
                self._client.start_execution(
                    stateMachineArn=self._machine,
                    name=request.execution_name(),
                    input=json.dumps({"request_id": request.request_id, "generation": request.generation}),
                )
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise

    def stop(self, request: Request) -> None:
        """Stop the execution of this generation; one that is over or never was is fine."""
        with translated():
            try:
                self._client.stop_execution(executionArn=self._arn(request), cause="The request was cancelled.")
            except ClientError as error:
                if code_of(error) not in {"ExecutionDoesNotExist", "ValidationException"}:
                    raise

    def state(self, request: Request) -> ExecutionState:
        """What became of the execution of this generation."""
        with translated():
            try:
                answer = self._client.describe_execution(executionArn=self._arn(request))
            except ClientError as error:
                if code_of(error) != "ExecutionDoesNotExist":
                    raise
                return ExecutionState.ABSENT
        return ExecutionState.RUNNING if answer["status"] in _GOES_ON else ExecutionState.ENDED

    def _arn(self, request: Request) -> str:
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{request.execution_name()}"
