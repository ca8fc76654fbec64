"""What the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil


def machine() -> dict[str, object]:
    """Processor, system and load of the moment, JSON-compatible."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(),
        "load": round(psutil.getloadavg()[0], 1),
        "nice": os.nice(0),
    }


def described(machine: dict[str, object]) -> str:
    """The machine in a sentence, with what a load means for times."""
    return (
        f"{machine['date']}: {machine['cpu']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}, "
        f"load {machine['load']} before the start, niceness {machine['nice']}"
    )


LOAD_MEANS = "A load above the number of cores means that other work shared the machine and made every time longer."


def _cpu() -> str:
    """The processor's name, as the system tells it."""
    try:
        names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
