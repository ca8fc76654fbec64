"""Server-Sent Events."""

from riata_client.sse import parse_events


def _parse(text: str) -> list[tuple[str, str]]:
    return list(parse_events(text.split("\n")))


def test_events_have_a_name_and_data() -> None:
    assert _parse("event: status\ndata: {}\n\nevent:timeout\ndata:{}\n\n") == [("status", "{}"), ("timeout", "{}")]


def test_comments_keep_the_connection_alive_and_say_nothing() -> None:
    assert _parse(": keep-alive\n\ndata: 1\n\n") == [("message", "1")]


def test_several_data_lines_are_one_text() -> None:
    assert _parse("data: a\ndata:  b\n\n") == [("message", "a\n b")]


def test_an_unfinished_event_is_dropped() -> None:
    assert _parse("data: 1\n\nevent: status\ndata: {") == [("message", "1")]


def test_a_name_does_not_leak_into_the_next_event() -> None:
    assert _parse("event: error\n\ndata: 1\n\n") == [("message", "1")]
