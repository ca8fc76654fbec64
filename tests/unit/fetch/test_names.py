"""The system's resolver, asked with a time limit."""

import socket
import threading
from typing import Any

import pytest

from riata.adapters.http_fetch.names import system_resolve
from riata.errors import RemoteFailed


def test_every_address_of_both_families_is_returned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(host: bytes, *_: Any, **__: Any) -> list[Any]:
        assert host == b"music.example.com"
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2606:4700::9", 0, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert system_resolve("music.example.com", 5) == ["2606:4700::9", "93.184.215.14"]


def test_a_name_that_does_not_exist_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(RemoteFailed, match="cannot be resolved"):
        system_resolve("nowhere.example.com", 5)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])
    with pytest.raises(RemoteFailed, match="not resolved in time"):
        system_resolve("slow.example.com", 0.05)
    over.set()
