"""A media URL is a permission: nobody can make, change or prolong one."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riata.domain.media_token import MediaGrant, sign, verify

KEY = b"k" * 32
GRANT = MediaGrant("req_01jabc", "target", datetime(2026, 4, 28, 8, 0, 0, 123_000, tzinfo=UTC))


def test_a_token_says_what_it_grants_to_the_millisecond():
    assert verify(sign(GRANT, KEY), KEY) == GRANT


def test_a_token_fits_a_url_as_it_is():
    assert set(sign(GRANT, KEY)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_another_deployments_token_is_not_ours():
    assert verify(sign(GRANT, b"another key"), KEY) is None


@pytest.mark.parametrize(
    "change", [{0: "req_01jother"}, {1: "residual"}, {2: 4_102_444_800_000}], ids=["request", "output", "expiry"]
)
def test_a_changed_grant_is_refused(change):
    body_text, _, mac = sign(GRANT, KEY).partition(".")
    body = json.loads(base64.urlsafe_b64decode(body_text + "=" * (-len(body_text) % 4)))
    for place, value in change.items():
        body[place] = value
    forged = base64.urlsafe_b64encode(json.dumps(body).encode()).rstrip(b"=").decode()
    assert verify(f"{forged}.{mac}", KEY) is None


def test_a_signature_may_not_be_left_out():
    assert verify(sign(GRANT, KEY).partition(".")[0], KEY) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_other_text_is_no_token_and_no_crash(text):
    assert verify(text, KEY) is None
