"""Several prompts on one file are separated in one pass, and none of them is disturbed by what happens to another."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeSeparation, FakeSeparator
from sound_files import encode, read, sound, write_wav

from riata.domain.options import OutputFormat, SeparationOptions, Span
from riata.errors import Cancelled, MediaSilent, MediaTooLong, ModelFailed
from riata_separator import engine, mixture, survey
from riata_separator.engine import Order, SeparationResult, separate_together

GAINS = {"quarter": 0.25, "half": 0.5, "all": 1.0}


class ByPrompt(FakeSeparator):
    """Takes the share that the prompt names; "refused" is refused, "broken" gives no usable sound from its second chunk on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0

    def begin(self, options, summary, candidate=0):
        self.begun += 1
        if options.prompt == "refused":
            raise ModelFailed("no")
        return Breaking() if options.prompt == "broken" else FakeSeparation(GAINS[options.prompt])


class Breaking(FakeSeparation):
    def __init__(self) -> None:
        super().__init__(1.0)
        self.chunks = 0

    def target(self, chunk, checkpoint):
        self.chunks += 1
        return super().target(chunk, checkpoint) * (np.nan if self.chunks > 1 else 1)


@dataclass
class Caller:
    """One order, and what its caller hears."""

    order: Order = field(init=False)
    heard: list[str] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    is_cancelled: bool = False


@pytest.fixture
def caller(tmp_path: Path):
    def make(prompt: str = "half", **options) -> Caller:
        made = Caller()
        folder = tmp_path / f"outputs-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        wishes = SeparationOptions(prompt, max_chunk_duration=5.0, chunk_overlap=1.0, **options)
        made.order = Order(wishes, folder, made.shares.append, made.heard.append, lambda: made.is_cancelled)
        return made

    return make


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "in.wav", sound(22, 8_000, 2), 8_000)


def outcomes_of(source: Path, callers: list[Caller], separator=None, **options) -> list[object]:
    """The outcome of each caller, in the callers' order."""
    found = dict(separate_together(source, [c.order for c in callers], separator or ByPrompt(), **options))
    return [found[c.order] for c in callers]


@pytest.mark.parametrize("threaded", [False, True])
def test_each_prompt_gets_what_it_would_get_alone(caller, song, threaded):
    prompts = ["quarter", "half", "all"]
    together = outcomes_of(song, [caller(prompt) for prompt in prompts], threaded=threaded)
    for prompt, outcome in zip(prompts, together, strict=True):
        (alone,) = outcomes_of(song, [caller(prompt)])
        for stem in ("target", "residual"):
            assert getattr(outcome, stem).path.read_bytes() == getattr(alone, stem).path.read_bytes()
        assert outcome.extra == alone.extra


def test_the_file_is_decoded_once_for_all(caller, song, monkeypatch):
    decodings = []
    for module in (survey, mixture):
        decoding = module.decoding
        monkeypatch.setattr(module, "decoding", lambda *a, real=decoding: decodings.append(a) or real(*a))
    outcomes_of(song, [caller("quarter"), caller("half"), caller("all")])
    assert len(decodings) == 2


def test_each_prompt_has_its_own_format_spans_log_and_progress(caller, song):
    loud, quiet = caller("all", output_format=OutputFormat.MP3), caller("half", spans=(Span(3.0, 9.0, include=False),))
    first, second = outcomes_of(song, [loud, quiet])
    assert (first.target.file_name, second.target.file_name) == ("target.mp3", "target.wav")
    assert not read(second.target.path)[0][:, 24_000:72_001].any()
    for one in (loud, quiet):
        assert one.heard[0].startswith("Decoded 22.00 s")
        assert one.shares[0] == 0.0
        assert one.shares[-1] == 1.0
        assert one.shares == sorted(one.shares)


def test_a_refused_prompt_is_told_first_and_the_others_go_on(caller, song):
    bad, good = caller("refused"), caller("half")
    outcomes = list(separate_together(song, [good.order, bad.order], ByPrompt()))
    assert [order for order, _ in outcomes] == [bad.order, good.order]
    assert [type(outcome) for _, outcome in outcomes] == [ModelFailed, SeparationResult]


def test_a_prompt_that_gives_no_usable_sound_drops_out_alone(caller, song):
    broken, good = outcomes_of(song, [caller("broken"), caller("half")])
    assert isinstance(broken, ModelFailed)
    target, residual = read(good.target.path)[0], read(good.residual.path)[0]
    assert np.array_equal(target + residual, read(song)[0])


@pytest.mark.parametrize("threaded", [False, True])
def test_when_every_prompt_breaks_all_are_told(caller, song, threaded):
    assert [type(o) for o in outcomes_of(song, [caller("broken"), caller("broken")], threaded=threaded)] == [ModelFailed] * 2


def test_a_cancelled_prompt_drops_out_within_a_chunk_and_the_others_go_on(caller, song):
    gone, kept = caller("all"), caller("half")

    class Cancelling(ByPrompt):
        chunks = 0

        def targets(self, separations, chunk, checkpoint):
            self.asked = len(separations)
            self.chunks += 1
            gone.is_cancelled = self.chunks == 2
            return [separation.target(chunk, checkpoint) for separation in separations]

    separator = Cancelling()
    cancelled, result = outcomes_of(song, [gone, kept], separator)
    assert isinstance(cancelled, Cancelled)
    assert separator.asked == 1
    assert read(result.target.path)[0].shape == (2, 22 * 8_000)


def test_when_all_are_cancelled_the_work_stops_between_model_calls(caller, song):
    both = [caller("all"), caller("half")]

    class Slow(FakeSeparation):
        def target(self, chunk, checkpoint):
            for one in both:
                one.is_cancelled = True
            checkpoint()
            raise AssertionError("went on")

    class Separator(FakeSeparator):
        def begin(self, options, summary, candidate=0):
            return Slow(1.0)

    assert [type(o) for o in outcomes_of(song, both, Separator())] == [Cancelled, Cancelled]


def test_a_file_that_nobody_can_use_fails_for_all(caller, tmp_path):
    silence = write_wav(tmp_path / "silence.wav", np.zeros((1, 8_000)), 8_000)
    assert [type(o) for o in outcomes_of(silence, [caller(), caller()])] == [MediaSilent] * 2
    long = write_wav(tmp_path / "long.wav", sound(3, 8_000, 1), 8_000)
    assert [type(o) for o in outcomes_of(long, [caller(), caller()], max_seconds=2)] == [MediaTooLong] * 2


def test_every_prompt_on_a_video_gets_its_picture(caller, tmp_path):
    film = encode(tmp_path / "in.mp4", sound(2, 48_000, 2), 48_000, "aac", picture="mpeg4")
    for outcome in outcomes_of(film, [caller("half"), caller("all")]):
        assert outcome.target.video_path.stat().st_size > 0


def test_candidates_of_all_prompts_are_tried_on_one_excerpt(caller, song, monkeypatch):
    from riata_separator import candidates

    excerpts, decoding = [], candidates.decoding
    monkeypatch.setattr(candidates, "decoding", lambda *a: excerpts.append(a) or decoding(*a))
    results = outcomes_of(song, [caller("half", reranking_candidates=2), caller("all", reranking_candidates=3)])
    assert [len(result.extra["candidate_scores"]) for result in results] == [2, 3]
    assert len(excerpts) == 1


def test_only_prompts_with_the_same_wishes_for_chunks_go_together():
    one, other = SeparationOptions("a", chunk_overlap=2.0), SeparationOptions("b", chunk_overlap=3.0)
    assert engine.chunking_wishes(one) != engine.chunking_wishes(other)
    assert engine.chunking_wishes(one) == engine.chunking_wishes(SeparationOptions("c", chunk_overlap=2.0, seed=5))
