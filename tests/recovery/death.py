"""Death at a chosen call: the process ends before or after what the call does."""

from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """The process is gone; nothing that it would have done next is done."""


class Mortal:
    """A port whose chosen call kills the process, or lets somebody else act in between, once.

    ``before`` and ``after`` say on which side of the effect; what has happened once does not happen again.
    """

    def __init__(self, port: Any) -> None:
        self._port = port
        self._due: dict[tuple[str, bool], Callable[[], None]] = {}

    def kill_before(self, call: str) -> None:
        """The process dies on the way to the call."""
        self._due[call, False] = _die

    def kill_after(self, call: str) -> None:
        """The call does its work, and its answer finds nobody."""
        self._due[call, True] = _die

    def meanwhile_before(self, call: str, act: Callable[[], None]) -> None:
        """Somebody else acts between what the process has read and its call."""
        self._due[call, False] = act

    @property
    def is_spent(self) -> bool:
        """Whether everything that was to happen has happened."""
        return not self._due

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._port, name)
        if not callable(member):
            return member

        def call(*arguments: Any, **named: Any) -> Any:
            self._happen(name, after=False)
            result = member(*arguments, **named)
            self._happen(name, after=True)
            return result

        return call

    def _happen(self, name: str, *, after: bool) -> None:
        act = self._due.pop((name, after), None)
        if act is not None:
            act()


def _die() -> None:
    raise Killed
