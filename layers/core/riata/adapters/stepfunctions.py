"""`riata.ports.Executions` on Step Functions. Execution input is ids only."""

import json
from typing import Any

from botocore.exceptions import ClientError

from riata.adapters.aws_errors import code_of, translate
from riata.domain.requests import Request


class StepFunctions:
    """The separation state machine."""

    def __init__(self, client: Any, state_machine_arn: str) -> None:
        self._client = client
        self._machine = state_machine_arn

    def start(self, request: Request) -> None:
        """Start the execution of this generation; one that exists already counts as started."""
        try:
            self._client.start_execution(
                stateMachineArn=self._machine,
                name=request.execution_name(),
                input=json.dumps({"request_id": request.request_id, "generation": request.generation}),
            )
        except ClientError as error:
            if code_of(error) != "ExecutionAlreadyExists":
                raise translate(error) from error

    def is_alive(self, request: Request) -> bool:
        """Whether the execution of this generation runs."""
        arn = f"{self._machine.replace(':stateMachine:', ':execution:')}:{request.execution_name()}"
        try:
            answer = self._client.describe_execution(executionArn=arn)
        except ClientError as error:
            if code_of(error) == "ExecutionDoesNotExist":
                return False
            raise translate(error) from error
        return bool(answer["status"] in {"RUNNING", "PENDING_REDRIVE"})
