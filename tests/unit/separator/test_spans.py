import numpy as np

from riata.domain.options import Span
from riata_separator.activity import ActivityMeter
from riata_separator.spans import FADE_SECONDS, likelihood, target_gain

RATE = 1000


def gain(*spans: Span, start: int = 0, seconds: float = 4.0) -> np.ndarray:
    curve = target_gain(spans, start, round(seconds * RATE), RATE)
    assert curve is not None
    return curve


def test_the_target_is_silent_within_an_excluding_span_and_whole_beyond_its_fades():
    curve = gain(Span(1.0, 2.0, include=False))
    assert curve[1000:2001].max() == 0
    assert curve[: 1000 - 50].min() == 1
    assert curve[2000 + 51 :].min() == 1


def test_fades_last_fifty_milliseconds_and_have_no_corner():
    curve = gain(Span(1.0, 2.0, include=False))
    fading = (curve > 0) & (curve < 1)
    assert fading[:1000].sum() / RATE >= 0.05 - 2 / RATE
    assert FADE_SECONDS >= 0.05
    assert np.abs(np.diff(curve, 2)).max() < 0.01


def test_the_curve_does_not_depend_on_where_a_stretch_begins():
    spans = (Span(0.5, 0.7, include=False), Span(1.9, 2.2, include=False))
    whole = gain(*spans)
    pieces = [target_gain(spans, at, 250, RATE) for at in range(0, 4000, 250)]
    joined = np.concatenate([np.ones(250) if piece is None else piece for piece in pieces])
    np.testing.assert_allclose(joined, whole)


def test_without_excluding_spans_there_is_no_gain_to_apply():
    assert target_gain((Span(1, 2),), 0, 100, RATE) is None
    assert target_gain((Span(9, 10, include=False),), 0, 100, RATE) is None


def test_including_spans_make_the_target_likelier_within_and_less_likely_without():
    likelier = likelihood((Span(1.0, 2.0), Span(5.0, 6.0, include=False)), np.array([0.5, 1.5, 2.5, 5.5]))
    assert likelier is not None
    assert likelier.tolist() == [-1, 1, -1, -1]
    assert likelihood((Span(5.0, 6.0, include=False),), np.array([1.0])) is None


def test_found_spans_are_where_the_target_sounds():
    random = np.random.default_rng(0)
    mixture = random.normal(0, 0.1, (2, 10 * RATE)).astype(np.float32)
    target = np.zeros_like(mixture)
    for start, end in ((1, 2.5), (2.7, 4), (7, 8)):
        target[:, round(start * RATE) : round(end * RATE)] = mixture[:, round(start * RATE) : round(end * RATE)]
    target += 0.01 * mixture
    meter = ActivityMeter(RATE)
    for at in range(0, 10 * RATE, 333):
        meter.add(mixture[:, at : at + 333], target[:, at : at + 333])
    assert [(span.start, span.end) for span in meter.spans()] == [(1.0, 4.0), (7.0, 8.0)]


def test_a_silent_target_has_no_spans():
    meter = ActivityMeter(RATE)
    meter.add(np.ones((1, 500), np.float32), np.zeros((1, 500), np.float32))
    assert meter.spans() == ()
    assert meter.target_share_db() == -120
