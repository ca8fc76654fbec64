"""Deploy the packaged template to the local AWS, when and only when its content changed."""

import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from riata.errors import CommandFailed
from riata_local.aws import LocalAws
from riata_local.checkout import Checkout
from riata_local.package import Package, content_hash, package

STACK = "riata"
_ARTIFACTS = "riata-artifacts"
_HASH_TAG = "riata-content"
_INLINE_LIMIT = 51_200  # bytes of a template that CloudFormation takes without a URL
_DEPLOY_SECONDS = 180
_HEALTHY = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
# From these a stack can be updated; anything else at rest must be deleted first.
_UPDATABLE = {*_HEALTHY, "UPDATE_ROLLBACK_COMPLETE"}


@dataclass(frozen=True)
class Deployment:
    """What is deployed.

    Attributes:
        outputs: The stack's outputs by name.
        changed: Whether this call deployed something.
    """

    outputs: dict[str, str]
    changed: bool


def deploy(aws: LocalAws, checkout: Checkout, parameters: dict[str, str]) -> Deployment:
    """Bring the stack to the checkout's template and sources.

    Raises:
        CommandFailed: CloudFormation refused it; the message carries its reasons.
    """
    packaged = package(checkout.template, _ARTIFACTS)
    digest = content_hash(packaged.body, parameters)
    cloudformation = aws.client("cloudformation")
    stack = _describe(cloudformation)
    if stack and stack["StackStatus"] in _HEALTHY and _tag(stack) == digest:
        return Deployment(_outputs(stack), changed=False)
    if stack and stack["StackStatus"] not in _UPDATABLE:
        cloudformation.delete_stack(StackName=STACK)
        stack = _wait(cloudformation, None)
    _upload(aws, packaged)
    request: dict[str, Any] = {
        "StackName": STACK,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Tags": [{"Key": _HASH_TAG, "Value": digest}],
        **_template_argument(aws, packaged, digest),
    }
    try:
        if stack:
            cloudformation.update_stack(**request)
        else:
            cloudformation.create_stack(**request)
    except ClientError as error:
        raise CommandFailed(f"The template was refused: {error.response['Error']['Message']}") from error
    stack = _wait(cloudformation, digest)
    return Deployment(_outputs(stack), changed=True)


def _upload(aws: LocalAws, packaged: Package) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=_ARTIFACTS)
    listed = s3.list_objects_v2(Bucket=_ARTIFACTS).get("Contents", [])
    present = {item["Key"] for item in listed}
    for key, content in packaged.artifacts.items():
        if key not in present:
            s3.put_object(Bucket=_ARTIFACTS, Key=key, Body=content)
    # Lambda copied what earlier deployments needed.
    for key in present - packaged.artifacts.keys():
        s3.delete_object(Bucket=_ARTIFACTS, Key=key)


def _template_argument(aws: LocalAws, packaged: Package, digest: str) -> dict[str, str]:
    if len(packaged.body.encode()) <= _INLINE_LIMIT:
        return {"TemplateBody": packaged.body}
    key = f"{digest}.template.json"
    aws.client("s3").put_object(Bucket=_ARTIFACTS, Key=key, Body=packaged.body.encode())
    return {"TemplateURL": f"{aws.endpoint}/{_ARTIFACTS}/{key}"}


def _describe(cloudformation: Any) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError:
        return None
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _wait(cloudformation: Any, digest: str | None) -> Any:
    """Wait for the stack to come to rest: deployed with ``digest``, or gone when that is None."""
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = _describe(cloudformation)
        status = stack["StackStatus"] if stack else None
        if digest is None and stack is None:
            return None
        if digest is not None and stack and status in _HEALTHY and _tag(stack) == digest:
            return stack
        if status and (status.endswith("FAILED") or "ROLLBACK_COMPLETE" in status):
            raise CommandFailed(f"The deployment ended {status}:\n{_reasons(cloudformation)}")
        time.sleep(0.1)
    raise CommandFailed(f"The deployment did not end within {_DEPLOY_SECONDS} s: see the log of MiniStack.")


def _reasons(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    return "\n".join(
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    )


def _tag(stack: dict[str, Any]) -> str | None:
    return next((tag["Value"] for tag in stack.get("Tags", []) if tag["Key"] == _HASH_TAG), None)


def _outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
