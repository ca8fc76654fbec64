"""`riata.ports.WorkQueue` on SQS, with the Step Functions task token that each message carries."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from riata.adapters.aws_errors import code_of, translated
from riata.ports import WorkMessage

_NOBODY_WAITS = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}

_NOT_HIDDEN = {"AWS.SimpleQueueService.MessageNotInflight", "MessageNotInflight", "ReceiptHandleIsInvalid"}


class SqsWorkQueue:
    """The separation queue."""

    def __init__(self, sqs: Any, stepfunctions: Any, queue_url: str) -> None:
        self._sqs = sqs
        self._stepfunctions = stepfunctions
        self._queue_url = queue_url

    def receive(self, wait_seconds: int) -> WorkMessage | None:
        """Long-poll for one message."""
        return next(iter(self.receive_many(1, wait_seconds)), None)

    def receive_many(self, most: int, wait_seconds: int) -> Sequence[WorkMessage]:
        """At most ``most`` messages (ten, at the most) that wait; none when none has come within ``wait_seconds``."""
        with translated():
            answer = self._sqs.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=most, WaitTimeSeconds=wait_seconds
            )
        return [_message(body=json.loads(m["Body"]), receipt=m["ReceiptHandle"]) for m in answer.get("Messages", [])]

    def extend(self, message: WorkMessage, seconds: int) -> None:
        """Hide the message for ``seconds`` from now; 0 gives it back at once.

        One that has come back already stays so: whose the request is is decided by the lease on its row.
        """
        with translated():
            try:
                self._sqs.change_message_visibility(
                    QueueUrl=self._queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
                )
            except ClientError as error:
                if code_of(error) not in _NOT_HIDDEN:
                    raise

    def delete(self, message: WorkMessage) -> None:
        """Done with it."""
        with translated():
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message.receipt)

    def wake(self, message: WorkMessage) -> bool:
        """Tell the execution to go on; False when nobody waits for the token any more."""
        with translated():
            try:
                self._stepfunctions.send_task_success(taskToken=message.task_token, output="{}")
            except ClientError as error:
                if code_of(error) not in _NOBODY_WAITS:
                    raise
                return False
        return True


def _message(body: Mapping[str, Any], receipt: str) -> WorkMessage:
    return WorkMessage(body["request_id"], body["generation"], body["task_token"], receipt)
