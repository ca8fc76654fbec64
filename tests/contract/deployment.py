"""The deployed service in this process: the template's tables, bucket and functions on a simulated AWS."""

import importlib.util
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
BASE_URL = "https://riata.example"

_TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")


@cache
def template() -> dict[str, Any]:
    """``template.yaml``."""
    return dict(yaml_parse((ROOT / "template.yaml").read_text()))


@dataclass(frozen=True)
class Route:
    """One of the API's events: verb, path template and the function that serves it."""

    verb: str
    path: str
    function: str

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, None when it is another path."""
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", self.path.replace(".", r"\."))
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


@cache
def routes() -> list[Route]:
    """Every route of the template, greedy ones last, as API Gateway prefers them."""
    found = [
        Route(event["Properties"]["Method"].upper(), event["Properties"]["Path"], Path(properties["CodeUri"]).name)
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for properties in [resource["Properties"]]
        for event in properties.get("Events", {}).values()
        if event["Type"] == "Api"
    ]
    return sorted(found, key=lambda route: "+}" in route.path)


def create_resources() -> dict[str, str]:
    """Create what the functions use, and return the environment that the template would give them."""
    resources = template()["Resources"]
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    for name in ("AccountsTable", "JobsTable"):
        properties = resources[name]["Properties"]
        dynamodb.create_table(TableName=name, **{k: properties[k] for k in _TABLE_PROPERTIES if k in properties})
    boto3.client("s3", region_name=REGION).create_bucket(
        Bucket="media", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    secret = boto3.client("secretsmanager", region_name=REGION).create_secret(Name="app", SecretString="s" * 64)
    queues = {
        name: boto3.client("sqs", region_name=REGION).create_queue(QueueName=name)["QueueUrl"]
        for name in ("separation", "webhooks", "webhooks-dead")
    }
    key = boto3.client("kms", region_name=REGION).create_key(Description="webhooks")["KeyMetadata"]
    machine = boto3.client("stepfunctions", region_name=REGION).create_state_machine(
        name="separation",
        definition=json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}),
        roleArn="arn:aws:iam::123456789012:role/separation",
    )
    return {
        "AWS_DEFAULT_REGION": REGION,
        "RIATA_ACCOUNTS_TABLE": "AccountsTable",
        "RIATA_JOBS_TABLE": "JobsTable",
        "RIATA_BUCKET": "media",
        "RIATA_APP_SECRET_ARN": secret["ARN"],
        "RIATA_STATE_MACHINE_ARN": machine["stateMachineArn"],
        "RIATA_SEPARATION_QUEUE_URL": queues["separation"],
        "RIATA_WEBHOOK_QUEUE_URL": queues["webhooks"],
        "RIATA_WEBHOOK_DEAD_LETTER_QUEUE_URL": queues["webhooks-dead"],
        "RIATA_WEBHOOK_KEY_ID": key["KeyId"],
        "RIATA_PUBLIC_BASE_URL": BASE_URL,
        "RIATA_RATE_LIMIT_PER_SECOND": "1000000",
        "RIATA_RATE_LIMIT_BURST": "1000000",
    }


@cache
def function(name: str) -> ModuleType:
    """The module that a function's runtime imports; once per process, as in a warm container."""
    folder = ROOT / "functions" / name
    path = folder / ("app.py" if name == "stream" else "handler.py")
    spec = importlib.util.spec_from_file_location(f"deployed_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def handler(name: str) -> Callable[[dict[str, Any], Any], Any]:
    """A function's handler."""
    return function(name).handler  # type: ignore[no-any-return]
