"""Money is whole audio seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from riata.domain.ending import Ending
from riata.domain.money import EntryKind, billable_seconds, release, reserve, settle
from riata.domain.options import SeparationOptions
from riata.domain.requests import Failure, Manifest, OutputObject, Request, Source, Status

NOW = datetime(2026, 4, 25, 8, 0, tzinfo=UTC)


def request(reserved: int | None) -> Request:
    return Request(
        request_id="req_1", tenant="ada", key_id="k", status=Status.IN_PROGRESS, created_at=NOW, updated_at=NOW,
        source=Source("uploads/file_1", '"etag"', "audio/wav", "file_1"), options=SeparationOptions("the piano"),
        base_url="https://api.riata.test", duration=12.5, delete_after=NOW + timedelta(hours=72), reserved=reserved,
        metered=reserved is not None,
    )  # fmt: skip


def manifest(duration: float) -> Manifest:
    return Manifest(OutputObject("t", "audio/wav", "t.wav"), OutputObject("r", "audio/wav", "r.wav"), duration, 44_100)


@pytest.mark.parametrize(
    ("duration", "seconds"), [(0.0, 1), (0.4, 1), (1.0, 1), (1.000_000_1, 1), (1.001, 2), (12.5, 13), (60.0, 60)]
)
def test_a_begun_second_counts_and_rounding_noise_does_not(duration, seconds):
    assert billable_seconds(duration) == seconds


def test_reserving_and_releasing_leaves_the_balance_as_it_was():
    assert reserve("k", "req_1", 13, NOW).amount + release("k", "req_1", 13, NOW).amount == 0


def test_settling_gives_back_what_was_not_used():
    assert reserve("k", "req_1", 13, NOW).amount + settle("k", "req_1", 13, 9, NOW).amount == -9


def test_each_movement_of_a_request_has_a_key_of_its_own():
    entries = [reserve("k", "r", 1, NOW), settle("k", "r", 1, 1, NOW), release("k", "r", 1, NOW)]
    assert [entry.entry_id for entry in entries] == ["r#reserve", "r#settle", "r#release"]


@pytest.mark.parametrize(("decoded", "billed"), [(9.2, 10), (12.5, 13), (14.9, 13)])
def test_a_completed_request_is_billed_what_was_decoded_and_never_more_than_was_reserved(decoded, billed):
    ending = Ending(request(reserved=13), manifest(decoded), NOW, timedelta(hours=72))
    assert ending.billed == billed
    assert ending.entry is not None
    assert (ending.entry.kind, ending.entry.amount) == (EntryKind.SETTLE, 13 - billed)


def test_a_failed_request_costs_nothing():
    ending = Ending(request(reserved=13), Failure("MODEL_FAILED", "…"), NOW, timedelta(hours=72))
    assert ending.billed == 0
    assert ending.entry is not None
    assert (ending.entry.kind, ending.entry.amount) == (EntryKind.RELEASE, 13)


def test_a_key_without_metering_has_no_ledger_entries_and_still_reports_its_seconds():
    ending = Ending(request(reserved=None), manifest(14.9), NOW, timedelta(hours=72))
    assert ending.entry is None
    assert ending.billed == 15


def test_outputs_are_kept_from_the_moment_of_completion():
    late = NOW + timedelta(hours=8)
    assert Ending(request(None), manifest(1), late, timedelta(hours=72)).delete_after == late + timedelta(hours=72)
    assert Ending(request(None), Failure("X", "…"), late, timedelta(hours=72)).delete_after == NOW + timedelta(hours=72)
