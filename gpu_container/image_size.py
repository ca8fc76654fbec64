"""Estimate the worker image's compressed size: ``python image_size.py`` downloads the pinned wheels and writes image_size.md.

A wheel is a deflated archive and a layer a gzipped one, so their sizes are near each other. The wheels are measured one by one and
deleted at once; together they are some gigabytes.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS, TABLE = HERE / "requirements.txt", HERE / "image_size.md"
LIMIT = 4_000_000_000
"""Bytes that the compressed image may have without weights."""

BASE = 46_000_000
"""Bytes of the compressed base image, as its registry tells; the table counts it in."""

_PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
_GLIBC = 36
"""Minor version of the base image's C library: wheels for it and for older ones fit."""

_TAGS = ["manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in range(5, _GLIBC + 1))]
_WHERE = ["--python-version", "3.11", *(word for tag in _TAGS for word in ("--platform", tag))]


def pins(requirements: str) -> dict[str, str]:
    """Name → version of everything that is pinned."""
    return dict(_PIN.findall(requirements))


def table(sizes: dict[str, int], versions: dict[str, str]) -> str:
    """The sizes in bytes as a page, largest first."""
    total = sum(sizes.values()) + BASE
    rows = sorted(sizes.items(), key=lambda row: -row[1])
    return "\n".join([
        "# Size of the worker's image", "",
        f"By `python image_size.py`: **{total / 1e9:.2f} GB** compressed, without weights; the limit is {LIMIT / 1e9:g} GB.", "",
        "| what | version | MB |", "| --- | --- | ---: |",
        *(f"| {name} | {versions[name]} | {size / 1e6:.1f} |" for name, size in rows),
        f"| base image | | {BASE / 1e6:.1f} |", "",
    ])  # fmt: skip


def wheel_size(name: str, version: str) -> int:
    """Bytes of the wheel that the image would install.

    Raises:
        SystemExit: pip cannot get it.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-cache-dir",
                   "--only-binary=:all:", *_WHERE, "--dest", folder, f"{name}=={version}"]  # fmt: skip
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            sys.exit(f"pip cannot download {name}=={version}")
        return sum(path.stat().st_size for path in Path(folder).glob("*.whl"))


def main() -> None:
    """Measure all wheels and write the table."""
    versions = pins(REQUIREMENTS.read_text())
    TABLE.write_text(table({name: wheel_size(name, version) for name, version in versions.items()}, versions))


if __name__ == "__main__":
    main()
