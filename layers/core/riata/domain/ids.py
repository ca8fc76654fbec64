"""Identifiers: a prefix that says what it names, and a ULID, so that ids sort by creation time."""

from ulid import ULID


def new_file_id() -> str:
    """``file_01jabc…``."""
    return f"file_{_ulid()}"


def new_request_id() -> str:
    """``req_01jabc…``."""
    return f"req_{_ulid()}"


def new_attempt_id() -> str:
    """The fencing token of one worker's claim."""
    return f"att_{_ulid()}"


def new_delivery_id() -> str:
    """The ``webhook-id`` of one event, the same in every attempt."""
    return f"msg_{_ulid()}"


def new_key_id() -> str:
    """The public half of an API key."""
    return _ulid()


def _ulid() -> str:
    return str(ULID()).lower()
