"""What is deployed: routes, streaming, and who may do what."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

import pytest
from cfnlint.api import lint_file
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from riata.api.native.routes import ROUTES
from riata_local.package import package
from tests.contract.deployment import REGION, ROOT, routes, template

VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
KNOWN_PATHS = sorted({route.split(" ")[1] for route in ROUTES})
OWNERS = {
    "/v1/openapi.json": "discovery",
    "/v1/openapi.riata.json": "discovery",
    "/v1/models": "discovery",
    "/v1/queue/audio/separate": "submit",
    "/v1/queue/requests/{request_id}/status": "status",
    "/v1/queue/requests/{request_id}/status/stream": "stream",
    "/v1/queue/requests/{request_id}/result": "result",
    "/v1/media/{token}": "result",
}
"""The paths that one function serves whole; the others belong to one of `HANDLERS` by what it registers."""


@cache
def expanded() -> dict[str, Any]:
    """The template as CloudFormation gets it."""

    class NoManagedPolicies:
        def load(self) -> dict[str, str]:
            return {}

    packaged = json.loads(package(ROOT / "template.yaml", "artifacts").body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        return dict(transform(packaged, {}, NoManagedPolicies()))


def swagger() -> dict[str, Any]:
    (api,) = (r for r in expanded()["Resources"].values() if r["Type"] == "AWS::ApiGateway::RestApi")
    return dict(api["Properties"]["Body"])


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_is_deployed_and_leads_to_a_function_that_serves_it(route):
    verb, path = route.split(" ")
    (function,) = (found.function for found in routes() if (found.verb, found.path) == (verb, path))
    source = "".join(file.read_text() for file in sorted((ROOT / "functions" / function).glob("*.py")))
    assert function == OWNERS.get(path, function)
    assert route in source if function != "stream" else path in source


@pytest.mark.parametrize("path", KNOWN_PATHS)
def test_every_other_verb_of_a_known_path_is_told_which_there_are(path):
    """API Gateway does not fall back to the greedy path for a path that it knows."""
    known = {route.split(" ")[0] for route in ROUTES if route.split(" ")[1] == path}
    told = {found.verb for found in routes() if found.path == path and found.verb not in known}
    assert told == VERBS - known
    assert {found.function for found in routes() if found.path == path and found.verb in told} <= {"discovery"}


def test_nothing_is_deployed_that_the_route_table_does_not_know():
    assert {found.path for found in routes()} == {*KNOWN_PATHS, "/{proxy+}"}


def test_every_verb_of_an_unknown_path_is_told_so():
    assert {(found.verb, found.function) for found in routes() if found.path == "/{proxy+}"} == {(v, "discovery") for v in VERBS}


def test_no_verb_of_a_path_is_given_away_twice():
    places = sorted((found.path, found.verb) for found in routes())
    assert [place for place, same in groupby(places) if len(list(same)) > 1] == []


def test_the_status_stream_is_really_streamed():
    """The event's word for it is RESPONSE_STREAM; STREAM there would silently deploy a buffered route."""
    path = "/v1/queue/requests/{request_id}/status/stream"
    integration = swagger()["paths"][path]["get"]["x-amazon-apigateway-integration"]
    assert integration["responseTransferMode"] == "STREAM"
    assert "response-streaming-invocations" in json.dumps(integration["uri"])


def test_no_other_route_is_streamed():
    streamed = [
        (path, verb)
        for path, verbs in swagger()["paths"].items()
        for verb, operation in verbs.items()
        if isinstance(operation, dict)
        and operation.get("x-amazon-apigateway-integration", {}).get("responseTransferMode") == "STREAM"
    ]
    assert streamed == [("/v1/queue/requests/{request_id}/status/stream", "get")]


def test_the_gateways_own_errors_are_in_the_contracts_shape():
    for name, answer in template()["Resources"]["Api"]["Properties"]["GatewayResponses"].items():
        (body,) = answer["ResponseTemplates"].values()
        error = json.loads(body.replace("$context.error.messageString", '"…"'))["error"]
        assert set(error) == {"code", "message", "request_id"}, name
        assert error["request_id"] == "$context.requestId"


def test_a_worker_is_not_killed_for_waiting_and_no_message_outlives_its_execution():
    machine = yaml_parse((ROOT / "infra" / "separate.asl.yaml").read_text())
    retention = template()["Resources"]["SeparationQueue"]["Properties"]["MessageRetentionPeriod"]
    assert "HeartbeatSeconds" not in json.dumps(machine["States"])
    assert machine["States"]["Separate"]["TimeoutSeconds"] < retention


def test_the_state_machine_is_given_a_value_for_each_of_its_variables():
    properties = template()["Resources"]["SeparationStateMachine"]["Properties"]
    named = set(re.findall(r"\$\{(\w+)\}", (ROOT / properties["DefinitionUri"]).read_text()))
    assert named == set(properties["DefinitionSubstitutions"])


# ── Least privilege ─────────────────────────────────────────────────────────────────────────────────────────────────────


def statements(resource: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every (action, resource, condition) that a function's, state machine's or role's inline policies allow."""
    for policy in template()["Resources"][resource]["Properties"].get("Policies", []):
        for statement in policy.get("Statement") or policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            for action in _list(statement["Action"]):
                for target in _list(statement["Resource"]):
                    yield action, _named(target), statement.get("Condition", {})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(target: Any) -> str:
    """``JobsTable``, ``JobsTable/index/queue``, ``MediaBucket/uploads/*``: an ARN by what it is the ARN of."""
    if isinstance(target, str):
        return target
    ((function, value),) = target.items()
    if function != "Fn::Sub":
        return str(value if isinstance(value, str) else value[0])
    text = value.replace("arn:${AWS::Partition}:s3:::${AWS::StackName}-media-${AWS::AccountId}-${AWS::Region}", "MediaBucket")
    text = re.sub(r"arn:.*:execution:\$\{(\w+)\.Name\}:\*", r"\1/executions", text)
    return re.sub(r"\$\{(\w+)(\.Arn)?\}", r"\1", text)


FUNCTIONS = [name for name, found in template()["Resources"].items() if found["Type"] == "AWS::Serverless::Function"]
ROLES = {"StreamFunction": "StreamRole"}
POLICIES = [*(ROLES.get(name, name) for name in FUNCTIONS), "SeparationStateMachine", "WorkerRole"]
MOVES_MONEY = {
    "SubmitFunction", "RequestsFunction", "FetchFunction", "ProbeFunction", "FinishFunction", "DeadLetterFunction",
    "ReconcileFunction",
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_rights_name_their_actions_and_their_resources(name):
    for action, target, _ in statements(name):
        assert "*" not in action
        assert target != "*" or (name, action) == ("WorkerRole", "states:SendTaskSuccess")
        assert not target.startswith("MediaBucket") or "/" in target or action == "s3:ListBucket"


def test_the_worker_has_no_right_to_the_accounts():
    assert not [action for action, target, _ in statements("WorkerRole") if "Accounts" in target]


def test_the_worker_stores_outputs_only_and_deletes_no_upload():
    rights = {(action, target) for action, target, _ in statements("WorkerRole")}
    outputs, copies = "MediaBucket/outputs/*", "MediaBucket/fetched/*"
    assert {target for action, target in rights if action == "s3:PutObject"} == {outputs}
    assert {target for action, target in rights if action == "s3:DeleteObject"} <= {outputs, copies}


def test_whoever_only_shows_requests_cannot_change_them():
    for name in ("StatusFunction", "StreamRole", "ResultFunction", "DiscoveryFunction"):
        rights = {action for action, target, _ in statements(name) if target.startswith("JobsTable")}
        assert rights <= {"dynamodb:GetItem", "dynamodb:Query"}, name


@pytest.mark.parametrize("name", sorted(set(POLICIES) - MOVES_MONEY))
def test_whoever_moves_no_money_writes_nothing_but_rate_limits_to_the_accounts(name):
    for action, target, condition in statements(name):
        if target == "AccountsTable" and action != "dynamodb:GetItem":
            assert action == "dynamodb:UpdateItem"
            assert condition == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RATE#*"]}}


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_deletes_rows_or_reads_whole_tables(name):
    rights = {action for action, _, _ in statements(name)}
    assert not rights & {"dynamodb:DeleteItem", "dynamodb:Scan", "dynamodb:BatchWriteItem"}


VARIABLES = {
    "RIATA_JOBS_TABLE": "JobsTable",
    "RIATA_BUCKET": "MediaBucket",
    "RIATA_APP_SECRET_ARN": "AppSecret",
    "RIATA_WEBHOOK_QUEUE_URL": "WebhookQueue",
    "RIATA_WEBHOOK_KEY_ID": "WebhookKey",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_the_names_of_exactly_what_it_has_rights_to(name):
    variables = template()["Resources"][name]["Properties"]["Environment"]["Variables"]
    targets = {target.partition("/")[0] for _, target, _ in statements(ROLES.get(name, name))}
    for variable, resource in VARIABLES.items():
        assert (variable in variables) == (resource in targets), variable


@pytest.mark.parametrize("name", ["template.yaml", "infra/gpu-batch.yaml"])
def test_cloudformation_finds_nothing_wrong(name):
    assert [str(match) for match in lint_file(ROOT / name)] == []
