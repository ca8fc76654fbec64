"""What must hold after a run, whatever was killed."""

from collections import Counter

from tests.chaos.run import Figures

ENDS = {"COMPLETED", "CANCELLED", "MEDIA_UNREADABLE", "MODEL_FAILED", "WORKER_LOST"}
"""How these requests may end; the last two are typed failures that the service owes to a request whose worker died too often."""


def judge(figures: Figures, requests: int) -> None:
    """Assert all of it."""
    assert len(figures.statuses) == requests
    assert figures.ends.keys() <= ENDS, figures.ends
    _every_event_counts_once(figures)
    _the_books_are_right(figures)


def _every_event_counts_once(figures: Figures) -> None:
    told = Counter(posts[0][0]["request_id"] for posts in figures.mail.posts.values())
    assert told == Counter(figures.statuses.keys())
    for posts in figures.mail.posts.values():
        event = posts[0][0]
        assert all(again == event for again, _taken in posts)
        status = figures.statuses[event["request_id"]]
        assert (event["status"], event.get("error", {}).get("code")) == (status.status, status.error_code)


def _the_books_are_right(figures: Figures) -> None:
    assert figures.ledger_sum == figures.balance
    moved = Counter(entry["entry_id"] for entry in figures.ledger)
    assert set(moved.values()) == {1}
    for request_id in figures.metered:
        kinds = {kind for kind in ("reserve", "settle", "release") if f"{request_id}#{kind}" in moved}
        completed = figures.statuses[request_id].status == "COMPLETED"
        assert kinds in ([{"reserve", "settle"}] if completed else [{"reserve", "release"}, set()])
