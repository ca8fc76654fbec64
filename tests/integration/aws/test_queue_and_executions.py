"""The separation queue and the state machine on a simulated AWS."""

import json
from itertools import count

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from riata.adapters.aws_errors import AwsRefused
from riata.adapters.sqs import SqsWorkQueue
from riata.adapters.stepfunctions import StepFunctions
from riata.errors import Unavailable
from riata.ports import ExecutionState, WorkMessage
from tests.integration.aws import samples

BODY = {"request_id": "req_1", "generation": 2, "task_token": "token"}
DEFINITION = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
_numbers = count()


@pytest.fixture
def sqs(aws):
    """A client and a new queue."""
    url = aws("sqs").create_queue(QueueName=f"separation-{next(_numbers)}", Attributes={"VisibilityTimeout": "90"})["QueueUrl"]
    return aws("sqs"), url


@pytest.fixture
def queue(aws, sqs):
    return SqsWorkQueue(sqs[0], aws("stepfunctions"), sqs[1])


def send(sqs):
    sqs[0].send_message(QueueUrl=sqs[1], MessageBody=json.dumps(BODY))


def test_a_message_says_what_to_do_and_whom_to_wake(queue, sqs):
    assert queue.receive(0) is None
    send(sqs)
    message = queue.receive(0)
    assert (message.request_id, message.generation, message.task_token) == ("req_1", 2, "token")


def test_several_messages_come_at_once_each_with_a_receipt_of_its_own(queue, sqs):
    assert queue.receive_many(4, 0) == []
    for _ in range(3):
        send(sqs)
    messages = queue.receive_many(10, 0)
    assert len({message.receipt for message in messages}) == 3
    for message in messages[1:]:
        queue.delete(message)
    queue.extend(messages[0], 0)
    assert len(queue.receive_many(10, 0)) == 1


def test_a_received_message_is_hidden_until_it_is_given_back(queue, sqs):
    send(sqs)
    message = queue.receive(0)
    assert queue.receive(0) is None
    queue.extend(message, 0)
    assert queue.receive(0).request_id == "req_1"


def test_a_deleted_message_never_comes_back(queue, sqs):
    send(sqs)
    message = queue.receive(0)
    queue.delete(message)
    queue.extend(message, 0)
    assert queue.receive(0) is None


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid"])
def test_hiding_a_message_that_is_back_in_the_queue_is_no_error(aws, sqs, code):
    """The lease on the row decides whose the request is; a late sign of life must not end the worker."""
    with Stubber(sqs[0]) as stub:
        stub.add_client_error("change_message_visibility", code)
        SqsWorkQueue(sqs[0], aws("stepfunctions"), sqs[1]).extend(WorkMessage("req_1", 1, "t", "receipt"), 90)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_waking_an_execution_that_waits_no_more_says_so(aws, sqs, code):
    client = aws("stepfunctions")
    with Stubber(client) as stub:
        stub.add_client_error("send_task_success", code)
        assert SqsWorkQueue(sqs[0], client, sqs[1]).wake(WorkMessage("req_1", 1, "token", "receipt")) is False


def test_waking_passes_nothing_but_the_token(aws, sqs):
    client = aws("stepfunctions")
    with Stubber(client) as stub:
        stub.add_response("send_task_success", {}, {"taskToken": "token", "output": "{}"})
        assert SqsWorkQueue(sqs[0], client, sqs[1]).wake(WorkMessage("req_1", 1, "token", "receipt")) is True


@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Unavailable), ("AccessDeniedException", AwsRefused)])
def test_any_other_refusal_to_wake_is_an_error(aws, sqs, code, error):
    client = aws("stepfunctions")
    with Stubber(client) as stub:
        stub.add_client_error("send_task_success", code)
        with pytest.raises(error):
            SqsWorkQueue(sqs[0], client, sqs[1]).wake(WorkMessage("req_1", 1, "token", "receipt"))


@pytest.fixture
def machine(aws):
    return aws("stepfunctions").create_state_machine(
        name=f"separation-{next(_numbers)}", definition=json.dumps(DEFINITION), roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]


@pytest.fixture
def executions(aws, machine):
    return StepFunctions(aws("stepfunctions"), machine)


def test_an_execution_is_named_by_request_and_generation_and_given_ids_only(aws, executions, machine):
    executions.start(samples.request(generation=3))
    (execution,) = aws("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert execution["name"] == "req_1-3"
    described = aws("stepfunctions").describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]) == {"request_id": "req_1", "generation": 3}


def test_an_execution_that_exists_counts_as_started(aws, executions, machine):
    client = aws("stepfunctions")
    with Stubber(client) as stub:
        stub.add_client_error("start_execution", "ExecutionAlreadyExists")
        executions.start(samples.request())
    executions.start(samples.request())
    executions.start(samples.request())
    assert len(client.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_the_state_of_an_execution_is_that_of_its_generation(executions):
    first = samples.request()
    assert executions.state(first) is ExecutionState.ABSENT
    executions.start(first)
    assert executions.state(first) is ExecutionState.RUNNING
    assert executions.state(samples.request(generation=2)) is ExecutionState.ABSENT
    executions.stop(first)
    assert executions.state(first) is ExecutionState.ENDED


def test_stopping_what_never_ran_or_is_over_is_fine(executions):
    executions.stop(samples.request())
    executions.start(samples.request())
    for _ in range(2):
        executions.stop(samples.request())


@pytest.mark.parametrize("call", ["start", "state", "stop"])
@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Unavailable), ("AccessDeniedException", AwsRefused)])
def test_any_other_refusal_is_an_error(aws, executions, call, code, error):
    operation = {"start": "start_execution", "state": "describe_execution", "stop": "stop_execution"}[call]
    with Stubber(aws("stepfunctions")) as stub:
        stub.add_client_error(operation, code)
        with pytest.raises(error) as raised:
            getattr(executions, call)(samples.request())
    assert isinstance(raised.value.__cause__, ClientError)
