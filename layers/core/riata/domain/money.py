"""Money is audio seconds, whole ones. The ledger only grows; the balance is its sum.

A metered request reserves when it is submitted and then either settles or releases, each at most once, because each entry has a
key of its own: ``{request_id}#reserve``, ``{request_id}#settle``, ``{request_id}#release``.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """What moved the balance."""

    CREDIT = "credit"
    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One movement: ``amount`` is added to the balance (a reservation is negative)."""

    key_id: str
    entry_id: str
    kind: EntryKind
    amount: int
    created_at: datetime


def billable_seconds(duration: float) -> int:
    """Whole seconds, begun ones count, at least one."""
    return max(1, math.ceil(duration - 1e-6))


def reserve(key_id: str, request_id: str, seconds: int, now: datetime) -> LedgerEntry:
    """Take the most that the request can cost."""
    return LedgerEntry(key_id, f"{request_id}#reserve", EntryKind.RESERVE, -seconds, now)


def settle(key_id: str, request_id: str, reserved: int, billed: int, now: datetime) -> LedgerEntry:
    """Give back what was reserved and not used."""
    return LedgerEntry(key_id, f"{request_id}#settle", EntryKind.SETTLE, reserved - billed, now)


def release(key_id: str, request_id: str, reserved: int, now: datetime) -> LedgerEntry:
    """Give back the whole reservation."""
    return LedgerEntry(key_id, f"{request_id}#release", EntryKind.RELEASE, reserved, now)
