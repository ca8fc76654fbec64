"""A target without a name: prompts that are not understood, with spans that show where it sounds."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from riata.domain.options import SeparationOptions, Span
from riata.errors import PromptRefused
from riata_client.cli import cli
from riata_separator import candidates
from riata_separator.backends.riata_small.backend import RiataSmall
from riata_separator.backends.riata_small.template import MOST_SECONDS, stretches
from riata_separator.codecs.decode import decoding
from riata_separator.engine import separate_file
from riata_separator.separator import Chunk, Summary

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "speech-over-music"
RATE = 32_000
NAMELESS = "the bzzzrp-ish thing"


@pytest.fixture(scope="module")
def riata_small() -> RiataSmall:
    return RiataSmall.load()


@pytest.fixture(scope="module")
def whistle() -> tuple[np.ndarray, np.ndarray]:
    """A gliding tone at 1-2.5 s and at 4-5 s, and 6 s of noise and a hum over which it sounds."""
    t = np.arange(6 * RATE) / RATE
    sounding = ((t > 1) & (t < 2.5)) | ((t > 4) & (t < 5))
    target = 0.1 * np.sin(2 * np.pi * (1500 * t + 30 * np.sin(9 * t))) * sounding
    noise = np.cumsum(np.random.default_rng(0).normal(0, 0.01, len(t)))
    rest = 0.3 * (noise - np.convolve(noise, np.ones(400) / 400, "same")) + 0.08 * np.sin(2 * np.pi * 180 * t)
    return target[None].astype(np.float32), rest[None].astype(np.float32)


def separated(separator: RiataSmall, mixture: np.ndarray, *spans: Span, prompt: str = NAMELESS) -> tuple[np.ndarray, dict]:
    summary = Summary(RATE, 1, mixture.shape[1], 0.5, 0.1)
    separation = separator.begin(SeparationOptions(prompt, spans=spans), summary)
    parts = [Chunk(mixture[:, first:end], first) for first, end in separation.stretches()]
    separation.learn(parts, lambda: None)
    return separation.target(Chunk(mixture, 0), lambda: None), dict(separation.report())


def si_sdr(estimate: np.ndarray, reference: np.ndarray) -> float:
    e, s = estimate[0].astype(np.float64), reference[0].astype(np.float64)
    aligned = (e @ s) / (s @ s) * s
    return float(10 * np.log10((aligned @ aligned) / ((e - aligned) @ (e - aligned))))


def test_a_span_finds_a_nameless_sound_there_and_where_it_sounds_again(riata_small, whistle):
    target, rest = whistle
    found, _ = separated(riata_small, target + rest, Span(1.0, 2.5))
    assert si_sdr(found, target) > si_sdr(target + rest, target) + 6
    again = slice(4 * RATE, 5 * RATE)
    assert si_sdr(found[:, again], target[:, again]) > si_sdr((target + rest)[:, again], target[:, again]) + 3


def test_a_span_without_the_sound_takes_little(riata_small, whistle):
    _, rest = whistle
    found, _ = separated(riata_small, rest, Span(3.0, 3.5))
    assert np.square(found).sum() < 0.05 * np.square(rest).sum()


def test_a_voice_over_music_is_found_through_the_engine_without_its_name(riata_small, tmp_path):
    music, speech = (soundfile.read(EXAMPLE / f"{name}.flac", dtype="float32", always_2d=True) for name in ("music", "speech"))
    rate, count = music[1], min(len(music[0]), len(speech[0]))
    time = np.arange(count) / rate
    target = speech[0][:count] * (((time > 1.5) & (time < 3)) | ((time > 5) & (time < 7)))[:, None]
    mixture = (target + music[0][:count]).astype(np.float32)
    soundfile.write(tmp_path / "mixture.wav", mixture, rate, subtype="FLOAT")
    result = separate_file(
        tmp_path / "mixture.wav", tmp_path, SeparationOptions(NAMELESS, spans=(Span(1.5, 3.0), Span(5.0, 7.0))), riata_small,
        progress=lambda _: None, log=lambda _: None, cancelled=lambda: False,
    )  # fmt: skip
    found = soundfile.read(result.target.path, dtype="float32", always_2d=True)[0]
    assert si_sdr(found[:, :1].T, target[:, :1].T) > si_sdr(mixture[:, :1].T, target[:, :1].T) + 3
    assert result.extra["understood"] is None


def test_the_command_line_takes_spans_and_each_candidate_learns_from_one_decode(riata_small, whistle, tmp_path, monkeypatch):
    soundfile.write(tmp_path / "mixture.wav", sum(whistle)[0], RATE)
    monkeypatch.setattr("riata_separator.backends.load", lambda _: riata_small)
    decoded = []
    monkeypatch.setattr(candidates, "decoding", lambda *taken: decoded.append(taken) or decoding(*taken))
    arguments = ["--local", "--span", "1-2.5", "--no-span", "0:03-0:03.5", "--candidates", "3", "-o", str(tmp_path)]
    done = CliRunner().invoke(cli, ["separate", str(tmp_path / "mixture.wav"), NAMELESS, *arguments])
    assert done.exit_code == 0, done.output
    found = soundfile.read(tmp_path / "target.wav", dtype="float32", always_2d=True)[0].T
    assert si_sdr(found, whistle[0]) > si_sdr(sum(whistle), whistle[0]) + 6
    assert np.abs(found[:, int(3.1 * RATE) : int(3.4 * RATE)]).max() < 1e-3
    assert len(decoded) == 2  # what is learnt from, and what the candidates are tried on


def test_the_result_says_that_the_prompt_was_not_understood(riata_small, whistle):
    _, report = separated(riata_small, sum(whistle), Span(1.0, 2.5))
    assert report["understood"] is None
    assert any("not understood" in warning for warning in report["warnings"])


def test_a_prompt_that_is_understood_needs_no_lesson(riata_small):
    options = SeparationOptions("isolate the dog", spans=(Span(1.0, 2.5),))
    assert not riata_small.begin(options, Summary(RATE, 1, 6 * RATE, 0.5, 0.1)).stretches()


@pytest.mark.parametrize(
    "span", [Span(1.0, 2.0, include=False), Span(0.0, 6.0), Span(7.0, 8.0)], ids=["excluding", "all", "beyond"]
)
def test_spans_that_leave_nothing_to_compare_do_not_help(riata_small, span):
    with pytest.raises(PromptRefused) as refusal:
        riata_small.begin(SeparationOptions(NAMELESS, spans=(span,)), Summary(RATE, 1, 6 * RATE, 0.5, 0.1))
    assert refusal.value.code == "PROMPT_NOT_UNDERSTOOD"


def test_as_much_as_a_span_has_is_heard_around_it_and_no_part_twice():
    assert stretches((Span(10, 13), Span(12, 15)), 60) == [(7, 18)]
    assert stretches((Span(1, 1.5), Span(30, 31)), 60) == [(0, 2.5), (29, 32)]


def test_however_long_the_spans_are_what_is_heard_is_bounded():
    heard = stretches(tuple(Span(at, at + 50) for at in range(0, 3600, 100)), 3600)
    assert sum(last - first for first, last in heard) <= 3 * MOST_SECONDS + 2
