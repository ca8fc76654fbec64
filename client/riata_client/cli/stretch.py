"""A stretch of time on the command line."""

import re

import click

_STRETCH = re.compile(r"(?:(\d+):)?(\d+(?:\.\d+)?)-(?:(\d+):)?(\d+(?:\.\d+)?)", re.ASCII)


class Stretch(click.ParamType):
    """``START-END`` in seconds or minutes:seconds, as (start, end) in seconds."""

    name = "start-end"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """See :class:`click.ParamType`."""
        if (found := _STRETCH.fullmatch(str(value))) is None:
            self.fail(f"{value!r} is not START-END in seconds, e.g. 3.5-8 or 1:03-1:20.", param, ctx)
        minutes, seconds = (found[1], found[3]), (found[2], found[4])
        start, end = (60.0 * int(m or 0) + float(s) for m, s in zip(minutes, seconds, strict=True))
        if end <= start:
            self.fail(f"{value!r} ends before it begins.", param, ctx)
        return start, end


STRETCH = Stretch()
