"""Server-Sent Events, as the WHATWG HTML standard parses them (section 9.2.6)."""

from collections.abc import Iterable, Iterator


def parse_events(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and data of each event; comments and unknown fields are skipped, an unfinished last event is dropped.

    Args:
        lines: The stream's lines without their line ends.
    """
    name, data = "", list[str]()
    for line in lines:
        if not line:
            if data:
                yield name or "message", "\n".join(data)
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
