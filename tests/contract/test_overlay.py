"""The overlay adds to the published contract and takes nothing from it."""

from typing import Any

import pytest
import schemathesis

from riata.api.native.discovery import full_contract, published_contract
from riata.api.native.routes import ROUTES
from tests.contract.calls import call
from tests.contract.deployment import BASE_URL
from tests.contract.documented import operations, resolved

pytestmark = pytest.mark.usefixtures("cloud")


def test_the_merged_contract_is_valid_openapi_3_1() -> None:
    assert full_contract()["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(full_contract()).validate()


def test_every_reference_in_the_merged_contract_leads_somewhere() -> None:
    for reference in references(full_contract()):
        assert resolved({"$ref": reference}), reference


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if "$ref" in value else set()
    return own.union(*map(references, value.values()))


def test_the_overlay_removes_nothing_and_rewrites_only_prose() -> None:
    changed = sorted(differences(published_contract(), full_contract()))
    prose = {path for path in changed if path.endswith((".description", ".examples"))}
    assert set(changed) == prose


def differences(before: Any, after: Any, path: str = "$") -> list[str]:
    """Paths whose published value is gone or another one."""
    if isinstance(before, dict) and isinstance(after, dict):
        gone = [f"{path}.{name}" for name in before.keys() - after.keys()]
        kept = before.keys() & after.keys()
        return gone + [found for name in kept for found in differences(before[name], after[name], f"{path}.{name}")]
    return [] if before == after else [path]


def test_every_route_is_documented_and_every_documented_operation_has_a_route() -> None:
    assert {f"{verb} {path}" for verb, path, _ in operations().values()} == set(ROUTES)


@pytest.mark.parametrize("operation_id", sorted(operations()))
def test_an_operation_needs_a_key_exactly_when_the_contract_says_so(operation_id: str) -> None:
    verb, path, operation = operations()[operation_id]
    assert (operation.get("security") == []) == (ROUTES[f"{verb} {path}"] is None)


def test_the_published_contract_is_served_as_it_is_except_for_the_server() -> None:
    served = call("GET", "/v1/openapi.json").json
    assert served.pop("servers") == [{"url": BASE_URL, "description": "This deployment"}]
    published = dict(published_contract())
    del published["servers"]
    assert served == published


def test_the_merged_contract_is_served_with_the_server() -> None:
    served = call("GET", "/v1/openapi.riata.json").json
    assert served["servers"][0]["url"] == BASE_URL
    assert served["paths"] == full_contract()["paths"]
    assert served["components"] == full_contract()["components"]
