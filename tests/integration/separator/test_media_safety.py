"""Hostile media may be refused or decoded; it may not crash, hang or swell the caller."""

import contextlib
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sound_files import encode, sound, write_wav

from riata.errors import MediaUnreadable, SeparationFailed
from riata_separator.codecs.confine import bare_environment
from riata_separator.codecs.process import MediaProcess
from riata_separator.codecs.video import with_new_sound
from riata_separator.survey import survey

LONGEST_SECONDS = 10.0
MOST_KIBIBYTES = 1 << 20


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> list[Path]:
    folder, samples = tmp_path_factory.mktemp("originals"), sound(1.0, 44_100, 2)
    files = [
        ("a.wav", "pcm_s16le", {}), ("a.flac", "flac", {"sample_format": "s16"}), ("a.mp3", "libmp3lame", {}),
        ("a.m4a", "aac", {}), ("a.mp4", "aac", {"picture": "mpeg4"}), ("a.mkv", "aac", {"picture": "mpeg4"}),
        ("a.wv", "wavpack", {"sample_format": "s16p"}), ("a.aiff", "pcm_s16be", {}), ("a.avi", "pcm_s16le", {"picture": "mpeg4"}),
        ("a.ts", "mp2", {"container": "mpegts"}), ("a.aac", "aac", {"container": "adts"}),
        ("a.tta", "tta", {"sample_format": "s16"}),
    ]  # fmt: skip
    made = [encode(folder / name, samples, 44_100, codec, **wishes) for name, codec, wishes in files]
    return [*made, encode(folder / "a.ogg", sound(1.0, 48_000, 2), 48_000, "libopus")]


def overwrite(data: bytearray, random: np.random.Generator) -> None:
    for at in random.integers(0, len(data), max(1, int(len(data) * 10 ** random.uniform(-4, -1.3)))):
        data[at] = random.integers(256)


def spoil_header(data: bytearray, random: np.random.Generator) -> None:
    for at in random.integers(0, min(len(data), 256), random.integers(1, 12)):
        data[at] = random.choice([0, 0x7F, 0x80, 0xFF])


def truncate(data: bytearray, random: np.random.Generator) -> None:
    del data[random.integers(1, len(data)) :]


def cut_out(data: bytearray, random: np.random.Generator) -> None:
    at = random.integers(0, len(data))
    del data[at : at + random.integers(1, 4000)]


def repeat(data: bytearray, random: np.random.Generator) -> None:
    at = random.integers(0, len(data))
    data[at:at] = data[at : at + random.integers(1, 4000)] * int(random.integers(1, 20))


MUTATIONS: list[Callable[[bytearray, np.random.Generator], None]] = [overwrite, spoil_header, truncate, cut_out, repeat]


def decode_mutants(originals: list[Path], folder: Path, count: int) -> None:
    random = np.random.default_rng(20261121)
    for k in range(count):
        original = originals[k % len(originals)]
        data = bytearray(original.read_bytes())
        for mutation in random.choice(np.array(MUTATIONS, dtype=object), random.integers(1, 3), replace=False):
            mutation(data, random)
        mutant = folder / f"mutant{original.suffix}"
        mutant.write_bytes(data)
        began = time.monotonic()
        with contextlib.suppress(SeparationFailed):
            found = survey(mutant, max_seconds=600, checkpoint=lambda: None)
            if found.format.has_video:
                with_new_sound(mutant, originals[0], folder / "out", lambda: None)
        assert time.monotonic() - began < 2 * LONGEST_SECONDS, f"mutant {k} of {original.name}"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MOST_KIBIBYTES


def decode_in_a_process_of_its_own(originals: list[Path], folder: Path, count: int) -> None:
    """A child's peak memory begins with that of the process that forked it: not one that other tests have filled."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(decode_mutants, originals, folder, count).result()


def test_mutated_media_neither_crash_nor_hang_nor_swell(originals, tmp_path):
    decode_in_a_process_of_its_own(originals, tmp_path, 26)


@pytest.mark.slow
def test_five_hundred_mutated_media_neither_crash_nor_hang_nor_swell(originals, tmp_path):
    decode_in_a_process_of_its_own(originals, tmp_path, 520)


PLAYLISTS = {
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile '{secret}'\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    b'<Representation id="1"><BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_cannot_make_the_decoder_read_another_file(kind, tmp_path):
    secret = write_wav(tmp_path / "secret.wav", sound(1, 8_000, 1), 8_000)
    source = tmp_path / f"list.{kind}"
    source.write_bytes(PLAYLISTS[kind].replace(b"{secret}", str(secret).encode()))
    with pytest.raises(MediaUnreadable):
        survey(source, max_seconds=None, checkpoint=lambda: None)


def test_the_decoder_gets_no_credentials(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    assert "AWS_SECRET_ACCESS_KEY" not in bare_environment(sys.path)


def test_a_decoder_that_wants_too_much_memory_or_time_is_stopped_by_its_limits():
    code = "from riata_separator.codecs.confine import confine; confine(written_bytes=0); bytearray(2 << 30)"
    swollen = subprocess.run([sys.executable, "-c", code], capture_output=True, env=bare_environment(sys.path))
    assert b"MemoryError" in swollen.stderr
    code = "import resource; from riata_separator.codecs.confine import confine; confine(written_bytes=0); "
    code += "print(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    limited = subprocess.run([sys.executable, "-c", code], capture_output=True, env=bare_environment(sys.path))
    assert 0 < int(limited.stdout) < 3600


def test_a_decoder_that_gives_nothing_is_given_up(tmp_path):
    pipe = tmp_path / "never"
    os.mkfifo(pipe)
    began = time.monotonic()
    with MediaProcess("decode", pipe, checkpoint=lambda: None, stall_seconds=1.0) as process, pytest.raises(MediaUnreadable):
        process.line()
    assert time.monotonic() - began < LONGEST_SECONDS


def test_a_decoder_that_dies_is_an_unreadable_file_and_not_a_crash(tmp_path):
    source = write_wav(tmp_path / "in.wav", sound(20, 44_100, 2), 44_100)
    with MediaProcess("decode", source, checkpoint=lambda: None) as process:
        process.line()
        process._process.kill()
        with pytest.raises(MediaUnreadable, match="damaged"):
            process.exactly(100_000_000)
