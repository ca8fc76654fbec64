"""What can be wrong on a machine that is to run the local stack, and how to mend it."""

from collections.abc import Callable

from riata_local.doctor import machine, stack
from riata_local.doctor.finding import Finding, Level
from riata_local.home import Home

__all__ = ["Finding", "Level", "examine"]

_CHECKS: tuple[Callable[[Home], list[Finding]], ...] = (
    machine.python_version,
    machine.packages,
    machine.checkout,
    machine.home_writable,
    machine.disk_space,
    machine.memory,
    machine.clock,
    stack.leftovers,
    stack.ports_free,
    stack.health,
)


def examine(home: Home) -> list[Finding]:
    """Every finding of every check, good ones too; changes nothing on the machine."""
    return [finding for check in _CHECKS for finding in check(home)]
