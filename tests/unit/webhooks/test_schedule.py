"""When a webhook is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from riata.domain.deliveries import Delivery
from riata.domain.webhook_schedule import OFFSETS, Schedule, acknowledges, retry_after_of

START = datetime(2026, 4, 25, 8, 0, tzinfo=UTC)


def after(attempts: int) -> Delivery:
    return Delivery("msg_1", "req_1", "ada", "https://example.com/", START, attempts=attempts, first_attempt_at=START)


def test_attempts_come_at_the_documented_offsets_from_the_first() -> None:
    due = [Schedule().next_attempt(after(n), START + OFFSETS[n - 1], 0.0) for n in range(1, len(OFFSETS))]

    hours = [round((moment - START).total_seconds() / 3600, 4) for moment in due if moment]
    assert hours == [0.0014, 0.0833, 0.5, 2, 5, 10, 14, 20, 24]


def test_after_the_last_offset_nothing_is_due() -> None:
    assert Schedule().next_attempt(after(len(OFFSETS)), START + timedelta(hours=24), 0.0) is None


def test_a_replay_starts_the_schedule_anew() -> None:
    again = after(len(OFFSETS)).rearmed(START).begun(START)

    assert Schedule().next_attempt(again, START, 0.0) == START + timedelta(seconds=5)


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_jitter_puts_an_attempt_off_by_at_most_a_tenth_of_its_gap(jitter: float) -> None:
    due = Schedule().next_attempt(after(2), START + OFFSETS[1], jitter)

    gap = OFFSETS[2] - OFFSETS[1]
    assert due == START + OFFSETS[2] + gap * 0.1 * jitter


def test_the_scale_shortens_every_wait() -> None:
    assert Schedule(0.01).next_attempt(after(9), START, 0.0) == START + timedelta(hours=0.24)


def test_attempts_after_an_outage_of_ours_do_not_bunch_up() -> None:
    next_week = START + timedelta(days=7)

    assert Schedule().next_attempt(after(6), next_week, 0.0) == next_week + timedelta(hours=2.5)


def test_retry_after_puts_an_attempt_off_and_never_brings_it_forward() -> None:
    def due(seconds: float) -> datetime | None:
        return Schedule().next_attempt(after(2), START + OFFSETS[1], 0.0, timedelta(seconds=seconds))

    assert due(3600) == START + OFFSETS[1] + timedelta(hours=1)
    assert due(1) == START + OFFSETS[2]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), (" 0 ", 0), ("Sat, 25 Apr 2026 08:01:40 GMT", 100), ("Sat, 25 Apr 2026 07:00:00 GMT", 0),
        ("99999999999999999999", 86400), ("soon", None), ("-5", None), ("1.5", None), ("²", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_seconds_or_as_a_date(header: str | None, seconds: int | None) -> None:
    asked = retry_after_of(header, START)

    assert asked == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_2xx_acknowledges(status: int) -> None:
    assert acknowledges(status)


@pytest.mark.parametrize("status", [101, 199, 300, 301, 410, 500])
def test_nothing_else_acknowledges(status: int) -> None:
    assert not acknowledges(status)
