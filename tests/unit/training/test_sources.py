import subprocess
from dataclasses import replace

import pytest
from training import recordings
from training.acquire import acquire, check_licence, unpack_git
from training.attribution import SHIPPED, TARGET, shipped_text, text
from training.clip_licences import ClipLicences
from training.sources import PERMISSIVE, Source, SourceError, load

from riata_separator.backends.riata_small.networks.base import CLASSES

COPYLEFT = """
[[source]]
name = "font"
kind = "debian"
licence = "GPL"
use = "train"
keep = ["*.sf2"]
what = "a copyleft sound font"
"""


def test_whatever_trains_has_a_permissive_licence():
    assert {source.licence for source in load() if source.use != "evaluation"} <= PERMISSIVE


def test_every_source_that_trains_states_its_licence_or_tells_where_it_is_stated():
    silent = {source.name for source in load() if source.trains and source.evidence is None}
    assert silent == {"tonejs"}


def test_a_copyleft_source_cannot_be_listed_for_training(tmp_path):
    table = tmp_path / "sources.toml"
    table.write_text(COPYLEFT)
    with pytest.raises(SourceError, match="GPL does not allow"):
        load(table)


def test_the_attribution_names_every_source_with_its_licence():
    lines = TARGET.read_text(encoding="utf-8").splitlines()
    for source in load():
        assert any(line.startswith(f"| {source.name} |") and f"| {source.licence} |" in line for line in lines), source.name


def test_the_committed_attribution_is_what_the_table_says():
    assert TARGET.read_text(encoding="utf-8") == text(load())
    assert SHIPPED.read_text(encoding="utf-8") == shipped_text(load())


def test_every_listed_clip_is_of_a_source_that_trains_and_of_a_class():
    training = {source.name for source in load() if source.trains}
    assert set(recordings.MORE) <= training
    assert {label for classes in recordings.MORE.values() for label in classes} <= set(CLASSES)


def test_a_recording_that_is_measured_too_does_not_train(workspace):
    for name in ("rain", "river_loop"):
        path = workspace / "sources" / "supertuxkart-data" / "data" / "sfx" / f"{name}.ogg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert [path.stem for _, path in recordings.listed("train")] == ["river_loop"]


def test_no_repository_is_split_between_training_and_the_bench_by_file():
    by_origin: dict[str, set[tuple[str, str]]] = {}
    for source in load():
        if source.kind == "git":
            for pattern in source.keep:
                by_origin.setdefault(source.origin, set()).add((pattern, source.use))
    for patterns in by_origin.values():
        names = [pattern for pattern, _ in patterns]
        assert len(names) == len(set(names))


@pytest.fixture
def repository(tmp_path):
    work = tmp_path / "work"
    (work / "Samples").mkdir(parents=True)
    (work / "Samples" / "a4.wav").write_bytes(b"RIFF")
    (work / "program.py").write_text("print('never unpacked')")
    (work / "LICENSE").write_text("Creative Commons Legal Code\n\nCC0   1.0\nUniversal\n")
    git = ["git", "-C", str(work), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    mirror = tmp_path / "mirror"
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(mirror / "someone+notes")], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    return mirror, head


def _source(head: str, words: str) -> Source:
    return Source(
        "notes", "git", "CC0-1.0", "train", ("Samples/*",), "notes", "someone/notes", head, "", ("LICENSE", words)
    )  # fmt: skip


def test_a_repository_is_unpacked_from_the_mirror_without_its_code(repository, workspace, monkeypatch):
    mirror, head = repository
    monkeypatch.setenv("RIATA_SOURCE_MIRROR", str(mirror))
    folder = acquire(_source(head, "CC0 1.0 Universal"))
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert names == {"a4.wav", "LICENSE", ".complete"}


def test_a_source_that_does_not_state_its_licence_is_refused(repository, workspace, monkeypatch):
    mirror, head = repository
    monkeypatch.setenv("RIATA_SOURCE_MIRROR", str(mirror))
    with pytest.raises(SourceError, match="read its licence"):
        acquire(_source(head, "MIT License"))
    assert not (workspace / "sources" / "notes" / ".complete").exists()


def test_a_repository_missing_from_the_mirror_is_named(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("RIATA_SOURCE_MIRROR", str(tmp_path / "empty"))
    with pytest.raises(SourceError, match="someone/notes"):
        unpack_git(_source("0" * 40, ""), tmp_path / "out")


def test_a_copy_of_a_set_is_used_on_the_terms_that_another_source_holds(repository, workspace, monkeypatch):
    mirror, head = repository
    monkeypatch.setenv("RIATA_SOURCE_MIRROR", str(mirror))
    terms = workspace / "sources" / "list" / "TERMS"
    copy = replace(_source(head, "free for all"), terms="list", evidence=("TERMS", "free for all"))
    with pytest.raises(SourceError, match="read its licence"):
        acquire(copy)
    terms.parent.mkdir(parents=True)
    terms.write_text("Free for all")
    assert (acquire(copy) / "Samples" / "a4.wav").exists()


def test_terms_are_fetched_before_what_is_used_on_them(tmp_path):
    table = tmp_path / "sources.toml"
    table.write_text(COPYLEFT.replace("GPL", "MIT") + 'terms = "list"\n')
    with pytest.raises(SourceError, match="not listed before it"):
        load(table)


def test_a_missing_licence_file_is_a_refusal(tmp_path):
    with pytest.raises(SourceError):
        check_licence(_source("0" * 40, "CC0"), tmp_path)


WIS = """
| Filename (sounds_) / Source | Author | License | Notes |
| [bird*][bird] | Jc Guan | CC0 | |
| [ar_burst_0[1-2]][ar_fire] | Wyatt Dilley | CC BY 3.0 | |
| [loon][] | somebody | CC BY-SA 3.0 | |
"""


@pytest.mark.parametrize(
    ("name", "permitted"),
    [("bird_01", True), ("ar_burst_02", True), ("loon", False), ("never_listed", False)],
)
def test_a_clip_is_used_only_as_its_own_entry_allows(workspace, name, permitted):
    notes = workspace / "sources" / "wis" / "mods" / "sounds" / "sources.md"
    notes.parent.mkdir(parents=True)
    notes.write_text(WIS)
    clip = notes.parent / "sounds" / f"sounds_{name}.ogg"
    assert ClipLicences().permits(clip) is permitted


ESC50 = """
ESC-50

101 - Dog:
- [1-1-A.ogg]: clip derived from bark (by night).wav (http://x/1/) by somebody [CC-BY]
- [1-2-A.ogg]: clip derived from bark.wav (http://x/2/) by nobody [CC0]
- [1-3-A.ogg]: clip derived from bark.wav (http://x/3/) by a merchant [CC-BY-NC]
- [1-4-A.ogg]: clip derived from bark.wav (http://x/4/) by a sampler [CC-Sampling+]
"""


def test_clips_of_a_collection_that_is_not_for_trade_are_used_on_their_own_terms(workspace):
    terms = workspace / "sources" / "esc50-terms" / "ESC-50-master" / "LICENSE"
    terms.parent.mkdir(parents=True)
    terms.write_text(ESC50)
    clips = [workspace / "sources" / "esc50" / f"1-{k}-A-0.wav" for k in range(1, 6)]
    licences = ClipLicences()
    assert [licences.permits(clip) for clip in clips] == [True, True, False, False, False]
    assert licences.entry(clips[0]).author == "somebody"


def test_a_sampling_licence_keeps_a_clip_out(workspace):
    readme = workspace / "sources" / "esc10" / "README.md"
    readme.parent.mkdir(parents=True)
    readme.write_text(
        "Clips:\n- **[1-1-A.ogg](x)**: by *a* ([CC-Sampling+](http://creativecommons.org/licenses/sampling+/1.0/))"
        "\n- **[1-2-A.ogg](x)**: by *b* ([CC0](http://creativecommons.org/publicdomain/zero/1.0/))"
    )
    folder = readme.parent / "009 - Rooster"
    assert not ClipLicences().permits(folder / "1-1-A.ogg")
    assert ClipLicences().permits(folder / "1-2-A.ogg")


def test_a_recording_of_something_else_than_its_name_says_neither_teaches_nor_measures(workspace):
    for name in ("bathyscape", "tugboat"):
        path = workspace / "sources" / "tuxpaint-stamps-default" / "stamps" / "vehicles" / "ship" / f"{name}.ogg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert [path.stem for _, path in recordings.listed("held")] == ["tugboat"]
