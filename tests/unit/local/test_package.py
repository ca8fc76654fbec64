"""Packaging the template."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from riata.errors import CommandFailed
from riata_local.package import content_hash, package

_TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer/}
  Function:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: function/, Environment: {Variables: {TABLE: !Ref Table}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json}
  Table: {Type: AWS::DynamoDB::Table}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template with one function, one layer and one state machine."""
    for path, text in {
        "template.yaml": _TEMPLATE,
        "layer/riata/__init__.py": "",
        "layer/riata/openapi.json": "{}",
        "layer/riata/__pycache__/x.pyc": "compiled",
        "layer/requirements.txt": "boto3",
        "layer/Makefile": "",
        "function/handler.py": "def handler(): ...",
        "machine.json": "{}",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path / "template.yaml"


def _properties(body: str, resource: str) -> dict[str, object]:
    return json.loads(body)["Resources"][resource]["Properties"]


def _names(artifact: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(artifact)).namelist()


def test_the_layer_holds_the_package_under_python_and_no_dependencies(template: Path) -> None:
    packaged = package(template, "bucket")
    key = str(_properties(packaged.body, "Layer")["ContentUri"]).removeprefix("s3://bucket/")
    assert _names(packaged.artifacts[key]) == ["python/riata/__init__.py", "python/riata/openapi.json"]


def test_a_function_holds_its_own_files(template: Path) -> None:
    packaged = package(template, "bucket")
    key = str(_properties(packaged.body, "Function")["CodeUri"]).removeprefix("s3://bucket/")
    assert _names(packaged.artifacts[key]) == ["handler.py"]


def test_the_state_machine_points_to_its_definition(template: Path) -> None:
    packaged = package(template, "bucket")
    location = _properties(packaged.body, "Machine")["DefinitionUri"]
    assert isinstance(location, dict)
    assert packaged.artifacts[location["Key"]] == b"{}"


def test_everything_else_stays_as_it_is(template: Path) -> None:
    body = package(template, "bucket").body
    assert json.loads(body)["Transform"] == "AWS::Serverless-2016-10-31"
    assert _properties(body, "Function")["Environment"] == {"Variables": {"TABLE": {"Ref": "Table"}}}


def test_the_same_sources_give_the_same_hash_whatever_their_times(template: Path) -> None:
    first = package(template, "bucket")
    (template.parent / "function" / "handler.py").touch()
    (template.parent / "layer" / "riata" / "__pycache__" / "x.pyc").write_text("compiled again")
    assert content_hash(package(template, "bucket").body, {}) == content_hash(first.body, {})


@pytest.mark.parametrize("changed", ["function/handler.py", "layer/riata/openapi.json", "machine.json"])
def test_any_changed_source_changes_the_hash(template: Path, changed: str) -> None:
    first = content_hash(package(template, "bucket").body, {})
    (template.parent / changed).write_text("# changed")
    assert content_hash(package(template, "bucket").body, {}) != first


def test_a_changed_parameter_changes_the_hash() -> None:
    assert content_hash("{}", {"PublicBaseUrl": "a"}) != content_hash("{}", {"PublicBaseUrl": "b"})


def test_a_missing_source_is_named(template: Path) -> None:
    (template.parent / "machine.json").unlink()
    with pytest.raises(CommandFailed, match=r"machine\.json for Machine"):
        package(template, "bucket")
