"""Turn the template and its local paths into one body and its artifacts, as ``aws cloudformation package`` does.

The archives are deterministic (sorted names, fixed times and modes), and their keys are hashes of their content: the
same sources give the same body, byte for byte, and so the same content hash.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from riata.errors import CommandFailed

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
# Resource type → the property that names a local path.
_LOCAL_PATHS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


@dataclass(frozen=True)
class Package:
    """A template whose local paths are replaced by S3 locations, and the objects to put there.

    Attributes:
        body: The template as JSON.
        artifacts: Object key → content.
    """

    body: str
    artifacts: dict[str, bytes]


def package(template: Path, bucket: str) -> Package:
    """Package a template.

    Args:
        template: The template; its local paths are relative to its folder.
        bucket: The bucket that the artifacts will be put into.

    Raises:
        CommandFailed: A local path does not exist.
    """
    document = yaml_parse(template.read_text(encoding="utf-8"))
    artifacts: dict[str, bytes] = {}
    for name, resource in document["Resources"].items():
        kind = resource["Type"]
        location = resource.get("Properties", {}).get(_LOCAL_PATHS.get(kind, ""))
        if not isinstance(location, str) or location.startswith("s3://"):
            continue
        source = template.parent / location
        if not source.exists():
            raise CommandFailed(f"{template.name} names {location} for {name}, which does not exist: restore it.")
        content, suffix = _archive(kind, source)
        key = f"{hashlib.sha256(content).hexdigest()}{suffix}"
        artifacts[key] = content
        resource["Properties"][_LOCAL_PATHS[kind]] = _s3_location(kind, bucket, key)
    return Package(json.dumps(document, sort_keys=True, default=str), artifacts)


def content_hash(body: str, parameters: dict[str, str]) -> str:
    """What decides whether a deployment is needed: the packaged template and its parameters."""
    return hashlib.sha256(json.dumps([body, sorted(parameters.items())]).encode()).hexdigest()


def _archive(kind: str, source: Path) -> tuple[bytes, str]:
    if kind == "AWS::Serverless::StateMachine":
        return source.read_bytes(), source.suffix
    if kind == "AWS::Serverless::LayerVersion":
        # Source only: dependencies come from the one environment, whose wheels fit this machine.
        packages = [folder for folder in sorted(source.iterdir()) if (folder / "__init__.py").is_file()]
        files = [path for folder in packages for path in _files(folder)]
        return _zip((f"python/{path.relative_to(source)}", path) for path in files), ".zip"
    return _zip((str(path.relative_to(source)), path) for path in _files(source)), ".zip"


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(folder).parts):
            yield path


def _zip(entries: Iterable[tuple[str, Path]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in entries:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _s3_location(kind: str, bucket: str, key: str) -> Any:
    if kind == "AWS::Serverless::StateMachine":
        return {"Bucket": bucket, "Key": key}
    return f"s3://{bucket}/{key}"
