import json

import numpy as np
import pytest
import soundfile as sf
from training import bench_manifest, development_set, held_bench
from training.bench_manifest import Case, Drawer, ManifestError, fingerprint
from training.fusion_cases import absent
from training.scores import interval, is_absent, level_db, si_sdr
from training.sources import load

from riata_separator.backends.riata_small.classes import Vocabulary
from riata_separator.backends.riata_small.networks.base import CLASSES
from riata_separator.backends.riata_small.networks.class_network import ClassNetwork


def test_si_sdr_ignores_scale_and_counts_noise():
    generator = np.random.default_rng(0)
    s, noise = generator.normal(size=20_000), generator.normal(size=20_000)
    assert si_sdr(3 * s, s) > 80
    assert si_sdr(s + 0.1 * noise, s) == pytest.approx(20, abs=0.3)


def test_a_reference_far_below_its_mixture_counts_as_absent():
    x = np.random.default_rng(0).normal(size=1000)
    assert is_absent(x * 0.05, x)
    assert not is_absent(x * 0.06, x)
    assert level_db(x * 0.1, x) == pytest.approx(-20, abs=0.01)


def test_the_interval_holds_the_mean_and_narrows_with_more_values():
    generator = np.random.default_rng(1)
    few, many = interval(list(generator.normal(5, 2, 20))), interval(list(generator.normal(5, 2, 2000)))
    assert few.low < few.mean < few.high
    assert many.high - many.low < few.high - few.low
    with pytest.raises(ValueError, match="no values"):
        interval([])


@pytest.fixture
def short_cases(packed, monkeypatch):
    monkeypatch.setattr(bench_manifest, "SECONDS", 2.0)
    return packed


def test_half_of_the_cases_of_a_class_are_songs_and_the_target_comes_first(short_cases):
    cases = [case for kind in ("song", "scene") for case in [Drawer().case("piano", kind)] if case]
    assert {case.kind for case in cases} == {"song", "scene"}
    for case in cases:
        assert case.stems[0][0] == case.target == "piano"
        assert 2 <= len({name for name, _, _ in case.stems}) == len(case.stems) <= 4
        assert all(10 ** (-5 / 20) - 1e-3 <= gain <= 10 ** (5 / 20) + 1e-3 for _, _, gain in case.stems)


def test_every_class_can_be_drawn_in_a_song_and_in_a_scene(short_cases):
    cases = list(Drawer().cases(per_class=2))
    assert [case.target for case in cases] == [label for label in CLASSES for _ in range(2)]


def test_the_same_stems_give_the_same_manifest(short_cases, tmp_path):
    cases = [case for case in (Drawer().case("dog", "scene"), Drawer().case("bass", "song")) if case]
    bench_manifest.save(cases, tmp_path / "manifest.jsonl")
    head, again = bench_manifest.read(tmp_path / "manifest.jsonl")
    assert again == cases
    bench_manifest.check(head)


def test_other_stems_than_the_manifests_are_refused(short_cases, tmp_path):
    bench_manifest.save([], tmp_path / "manifest.jsonl")
    head, _ = bench_manifest.read(tmp_path / "manifest.jsonl")
    with (short_cases / "cache" / "held.raw").open("ab") as file:
        file.write(b"\0\0")
    with pytest.raises(ManifestError, match="would not compare"):
        bench_manifest.check(head)


def test_the_committed_bench_has_a_hundred_cases_of_every_class():
    head, cases = bench_manifest.read()
    assert 5 <= head["seconds"] <= 10
    assert set(head["sha256"]) == {"raw", "json"}
    for label in CLASSES:
        mine = [case for case in cases if case.target == label]
        assert len(mine) >= 100
        assert sum(case.kind == "song" for case in mine) == len(mine) / 2
        assert all(isinstance(case, Case) and 2 <= len(case.stems) <= 4 for case in mine)


def test_the_tables_average_the_rows_that_have_an_answer():
    rows = [
        {"class": "drums", "kind": "song", "input": -2.0, "gain": {"network": 4.0, "percussive": 2.0}, "leak": {"network": -30.0}},
        {"class": "drums", "kind": "scene", "input": 0.0, "gain": {"network": -2.0}, "leak": {"network": -10.0}},
    ]
    found = held_bench.summary(rows)
    assert found["drums"]["network"]["mean"] == pytest.approx(1.0)
    assert found["drums"]["network"]["worse"] == pytest.approx(0.5)
    assert found["drums"]["percussive"]["n"] == 1
    assert found["absent_level_db"]["network"]["below_20_db"] == pytest.approx(0.5)
    assert json.loads(json.dumps(found)) == found
    text = held_bench.markdown(rows)
    assert "| drums | 2 | -1.0 | 1.0" in text
    assert "| absent: at least 20 dB below the mixture | 2 |  | 50 % |" in text


def test_what_the_baselines_reach_is_computed_once(short_cases, monkeypatch):
    cases = [case for kind in ("song", "scene") for case in [Drawer().case("drums", kind)] if case]
    monkeypatch.setattr(held_bench, "chosen_cases", lambda _: ({"seconds": 2.0, "sha256": fingerprint()}, cases))
    network = ClassNetwork((8, 8, 16, 16), 16, 8).eval()
    first = held_bench.score(network, None, None)
    monkeypatch.setattr(held_bench, "percussive", lambda: pytest.fail)
    again = held_bench.score(network, None, None)
    assert first == again
    assert all({"network", "no hint", "percussive", "oracle"} == set(row["gain"]) for row in first)


@pytest.fixture
def recordings(workspace):
    generator, sources = np.random.default_rng(2), workspace / "sources"
    files = (
        "speechocean/WAVE/SPEAKER0001/one.WAV",
        "megaglest-data/music_one.ogg",
        "lincity-ng-data/ResidentialHigh1.wav",
        "fretsonfire-songs-muldjord/songs/one/guitar.ogg",
        "fretsonfire-songs-muldjord/songs/one/song.ogg",
    )
    for name in files:
        path = sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, generator.normal(0, 0.1, 32000 * 76), 32000, format="WAV")
    return workspace


def test_the_development_set_mixes_what_is_there_and_names_what_is_not(recordings, capsys):
    mixtures = list(development_set.mixtures())
    assert {mixture.kind for mixture in mixtures} == {"speech", "music", "effects"}
    assert "left out, no such recording" in capsys.readouterr().out
    for mixture in mixtures:
        assert mixture.samples.shape == mixture.reference.shape == (6 * 32000,)
        assert mixture.target in mixture.present
        assert si_sdr(mixture.samples, mixture.reference) < 20


def test_the_development_set_is_the_same_every_time(recordings):
    first, second = (next(iter(development_set.mixtures())) for _ in range(2))
    assert np.array_equal(first.samples, second.samples)


def test_a_recording_of_nothing_measures_nothing(recordings, capsys):
    path = recordings / "sources" / "lincity-ng-data" / "ResidentialHigh1.wav"
    sf.write(path, np.full(32000 * 6, 2**-15), 32000)
    assert "effects" not in {mixture.kind for mixture in development_set.mixtures()}
    assert "or a silent one: lincity-ng-data/**/ResidentialHigh1.wav" in capsys.readouterr().out


def test_nobody_asks_for_the_absence_of_what_may_sound(recordings):
    vocabulary = Vocabulary(CLASSES)
    score = next(mixture for mixture in development_set.mixtures() if mixture.kind == "speech")
    asked = {absent(score, number, vocabulary) for number in range(200)}
    assert asked == {"dog", "birds", "crowd", "weather", "vehicles"}


def test_who_plays_is_never_accompanied_by_the_same_class():
    for kind, sounds in development_set._drawn():
        if kind in ("music", "vocals"):
            assert sounds[0].label not in frozenset().union(*(sound.may_sound for sound in sounds[1:]))


def test_the_development_set_uses_nothing_that_trains():
    trains = [source.name for source in load() if source.trains]
    used = [sound.files for sound in (*development_set.RECORDINGS, *development_set.BACKING, *development_set.SCORES)]
    used += [development_set.POP, development_set.MULDJORD]
    assert not [pattern for pattern in used if pattern.split("/")[0] in trains]
