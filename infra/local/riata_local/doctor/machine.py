"""Checks of the machine: interpreter, packages, disk, memory, clock."""

import importlib.util
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from riata.errors import CommandFailed
from riata_local.checkout import Checkout
from riata_local.doctor.finding import Finding, ok, problem, warning
from riata_local.home import HOME_VARIABLE, Home

_OLDEST_PYTHON = (3, 11)
# Import name → distribution, of everything a local stack needs.
_NEEDED = {
    "array_api_compat": "array-api-compat", "av": "av", "boto3": "boto3", "click": "click", "httpx": "httpx",
    "ministack": "ministack", "numpy": "numpy", "onnxruntime": "onnxruntime", "psutil": "psutil", "pydantic": "pydantic",
    "safetensors": "safetensors", "samtranslator": "aws-sam-translator", "soundfile": "soundfile", "soxr": "soxr",
    "starlette": "starlette", "ulid": "python-ulid", "uvicorn": "uvicorn",
}  # fmt: skip
_GIB = 1 << 30
_DISK_FULL, _DISK_LOW = _GIB // 2, 3 * _GIB
_MEMORY_LOW = int(1.5 * _GIB)
_SKEW_SECONDS = 60


def python_version(_: Home) -> list[Finding]:
    """The interpreter that would run everything."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return [problem("python", f"Python {version} is too old.", "Install Python 3.11 or newer, then `make clean up`.")]
    return [ok("python", f"Python {version} at {sys.executable}")]


def packages(_: Home) -> list[Finding]:
    """Everything importable (nothing is imported)."""
    missing = sorted(package for module, package in _NEEDED.items() if importlib.util.find_spec(module) is None)
    if missing:
        return [problem("packages", f"Not installed: {', '.join(missing)}.", "Run `make up` in the checkout, which installs them.")]
    return [ok("packages", f"all {len(_NEEDED)} installed")]


def checkout(_: Home) -> list[Finding]:
    """The template to deploy."""
    try:
        return [ok("checkout", str(Checkout.find().root))]
    except CommandFailed as error:
        return [problem("checkout", error.message, "Clone the repository and use its `.venv/bin/riata`.")]


def home_writable(home: Home) -> list[Finding]:
    """RIATA_HOME, or the folder it would be made in."""
    folder = _existing(home.root)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"Mend its permissions, or set {HOME_VARIABLE} to a folder of yours."
        return [problem("home", f"{folder} cannot be written.", remedy)]
    return [ok("home", str(home.root))]


def disk_space(home: Home) -> list[Finding]:
    """Room for uploads, outputs and the state."""
    folder = _existing(home.root)
    free = shutil.disk_usage(folder).free
    message = f"{free / _GIB:.1f} GiB free at {folder}"
    remedy = f"Free some space, or set {HOME_VARIABLE} to a folder on another disk."
    if free < _DISK_FULL:
        return [problem("disk", f"The disk is full: {message}.", remedy)]
    if free < _DISK_LOW:
        return [warning("disk", f"The disk is nearly full: {message}.", remedy)]
    return [ok("disk", message)]


def memory(_: Home) -> list[Finding]:
    """Room for a worker with its model, and for the functions."""
    available = psutil.virtual_memory().available
    message = f"{available / _GIB:.1f} GiB of memory available"
    if available < _MEMORY_LOW:
        return [warning("memory", f"Only {message}.", "Close other programs; a worker needs about 1.5 GiB.")]
    return [ok("memory", message)]


def clock(home: Home) -> list[Finding]:
    """The clock against what the stack wrote last: expiry times and leases depend on it."""
    now = time.time()
    newest = max((path.stat().st_mtime for path in (home.snapshot, home.run, home.ports) if path.exists()), default=0.0)
    written = max(newest, Path(__file__).stat().st_mtime)
    if written > now + _SKEW_SECONDS:
        says, wrote = (datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds") for moment in (now, written))
        message = f"The clock says {says}, but files were written at {wrote}."
        return [problem("clock", message, "Set the clock (e.g. `timedatectl set-ntp true`): uploads expire by it.")]
    return [ok("clock", datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"))]


def _existing(folder: Path) -> Path:
    """The folder itself, or its nearest parent that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
