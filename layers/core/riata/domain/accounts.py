"""API keys: ``riata_<id>_<secret>``; only HMAC-SHA256(pepper, secret) is stored."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a key may do."""

    AUDIO_SEPARATE = "audio:separate"
    FILES_WRITE = "files:write"
    FILES_READ = "files:read"
    MODELS_READ = "models:read"


ALL_SCOPES = frozenset(Scope)

_KEY_FORM = re.compile(r"riata_([0-9a-z]{26})_([0-9A-Za-z]{40,64})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as stored; ``balance`` is audio seconds and only means something on a metered key."""

    key_id: str
    tenant: str
    secret_hash: str
    scopes: frozenset[Scope]
    metered: bool
    balance: int
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, after the key was checked."""

    key_id: str
    tenant: str
    scopes: frozenset[Scope]
    metered: bool


def new_secret() -> str:
    """192 random bits as hexadecimal digits, so that the underscore stays a separator."""
    return secrets.token_hex(24)


def join_key(key_id: str, secret: str) -> str:
    """The string that the caller keeps."""
    return f"riata_{key_id}_{secret}"


def split_key(text: str) -> tuple[str, str] | None:
    """``(key_id, secret)``, or None when the text is not a Riata key."""
    match = _KEY_FORM.fullmatch(text)
    return (match[1], match[2]) if match else None


def hash_secret(pepper: bytes, secret: str) -> str:
    """What is stored instead of the secret."""
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def secret_matches(pepper: bytes, secret: str, stored_hash: str) -> bool:
    """Constant-time comparison."""
    return hmac.compare_digest(hash_secret(pepper, secret), stored_hash)
