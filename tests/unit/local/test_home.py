"""The state folder."""

from pathlib import Path

import pytest

from riata.errors import CommandFailed
from riata_local.home import Home, read_json, write_atomically, write_json


def test_riata_home_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RIATA_HOME", str(tmp_path / "here"))
    assert Home.from_environment().root == tmp_path / "here"


def test_without_a_name_it_is_in_the_users_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RIATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home.from_environment().root == tmp_path / ".riata"


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    assert home.root.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandFailed, match="RIATA_HOME"):
        Home(tmp_path / "file" / "home").create()


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_json(path, {"generation": 1})
    path_that_is_a_folder = tmp_path / "folder"
    (path_that_is_a_folder / "inner").mkdir(parents=True)

    with pytest.raises(OSError, match="directory"):
        write_atomically(path_that_is_a_folder, "text")

    assert read_json(path) == {"generation": 1}
    assert list(tmp_path.glob("*.tmp")) == []


@pytest.mark.parametrize("text", ["", "{half", None])
def test_an_absent_or_broken_file_reads_as_nothing(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)
    assert read_json(path) is None
