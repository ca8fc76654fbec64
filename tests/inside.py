"""The deployed service's own code on a local stack's deployed resources, with an administrator's rights."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import boto3

from riata.adapters import aws
from riata.bootstrap import App
from riata.domain.deliveries import Ticket
from riata.domain.ids import new_request_id
from riata.domain.options import SeparationOptions
from riata.domain.requests import Failure, Request, Source, Status
from tests.local_stack import LocalStack


@contextmanager
def inside(stack: LocalStack) -> Iterator[App]:
    """The service of a running stack, in this process, while the block runs."""
    run = stack.run_record()
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    with patch.dict(os.environ, {**credentials, **run["settings"], "AWS_ENDPOINT_URL": run["endpoint"]}):
        os.environ.pop("AWS_PROFILE", None)
        resources = boto3.client("cloudformation").describe_stack_resources(StackName="riata")["StackResources"]
        ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        os.environ["RIATA_WEBHOOK_QUEUE_URL"] = ids["WebhookQueue"]
        os.environ["RIATA_WEBHOOK_KEY_ID"] = ids["WebhookKey"]
        os.environ["RIATA_ALLOW_PRIVATE_URLS"] = "true"
        aws.client.cache_clear()
        yield App()
    aws.client.cache_clear()


def prepared(app: App, url: str) -> str:
    """The id of a queued request with a webhook that no worker will ever see."""
    now, request_id = app.clock(), new_request_id()
    request = Request(
        request_id=request_id,
        tenant="ada",
        key_id="key",
        status=Status.IN_QUEUE,
        created_at=now,
        updated_at=now,
        source=Source("uploads/none", '"none"', "audio/wav"),
        options=SeparationOptions(prompt="the speaker"),
        base_url=app.settings.public_base_url or "",
        duration=1.0,
        delete_after=now + timedelta(hours=1),
        webhook=app.accept_webhook(request_id, url, "a secret of the caller"),
    )
    app.requests.submit(request, None)
    return request_id


def end(app: App, request_id: str) -> float:
    """The terminal transaction and what the state machine's Notify does after it; returns the time of the latter."""
    app.finish(request_id, 1, Failure("WORKER_LOST", "For this test."))
    sent_at = time.monotonic()
    app.delivery_queue.send([Ticket(request_id)])
    return sent_at


def ended(app: App, url: str) -> str:
    """The id of a request that has just ended."""
    request_id = prepared(app, url)
    end(app, request_id)
    return request_id


def ended_beside_a_hanging_receiver(app: App, quick: str, hanging: str, events: int = 100, every: int = 4) -> dict[str, float]:
    """End ``events`` requests that call ``hanging`` and, after each ``every`` of them, one that calls ``quick``.

    Returns the ids of the latter with the time at which each was sent.
    """
    waiting = [prepared(app, hanging) for _ in range(events)], [prepared(app, quick) for _ in range(events // every)]
    sent_at = {}
    for n, request_id in enumerate(waiting[0]):
        end(app, request_id)
        if n % every == every - 1:
            mine = waiting[1][n // every]
            sent_at[mine] = end(app, mine)
    return sent_at
