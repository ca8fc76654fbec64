"""One line of progress on a terminal, plain lines elsewhere; always on stderr, for stdout is the result's."""

import sys
from types import TracebackType


class ProgressLine:
    """Rewrites its line on a terminal; elsewhere prints each new text once, and progress in steps of a tenth."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = ""
        self._tenth = -1

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._terminal and self._last:
            sys.stderr.write("\n")

    def show(self, text: str) -> None:
        """Say what happens now."""
        if text == self._last:
            return
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()
        self._last = text

    def note(self, text: str) -> None:
        """A sentence that stays."""
        sys.stderr.write(f"\r\x1b[K{text}\n" if self._terminal else f"{text}\n")
        self._last = ""

    def fraction(self, done: float) -> None:
        """Share of the work done, 0 to 1."""
        tenth = int(done * 10)
        if self._terminal:
            self.show(f"separating [{'#' * round(done * 30):<30}] {done:4.0%}")
        elif tenth != self._tenth:
            self.show(f"separating {tenth * 10} %")
        self._tenth = tenth
