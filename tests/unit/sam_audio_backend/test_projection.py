"""What becomes of a generated pair: a mask on the mixture, at its own rate, in its own image."""

import numpy as np
import pytest
import torch

from riata_separator.backends.masking import MaskGrid, masked
from riata_separator.backends.sam_audio.hearing import file_gain, hear, unheard
from riata_separator.backends.sam_audio.projection import HOP, N_FFT, agreement, mask
from riata_separator.separator import Chunk, Summary

RATE, LATENT_HOP = 48_000, 1920


def tone(hertz, seconds=2.0, rate=RATE, phase=0.0):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate + phase).astype(np.float32) * 0.3


def summary(mixture, rate=RATE):
    return Summary(rate, len(mixture), mixture.shape[1], float(np.abs(mixture).max()), float(np.sqrt(np.square(mixture).mean())))


def tensors(*sounds):
    return tuple(torch.from_numpy(np.ascontiguousarray(sound)) for sound in sounds)


def projected(mixture, target, residual):
    found = mask(*tensors(target[None], residual[None]))
    return masked(*tensors(mixture), 0, RATE, found, MaskGrid(RATE / N_FFT, HOP / RATE, 0)).numpy()


def test_a_target_with_phases_of_its_own_is_still_taken_out_of_the_mixture():
    bell, hum = tone(2000), tone(200)
    invented = tone(2000, phase=2.0) * 0.8
    inner = slice(RATE // 2, -RATE // 2)
    taken = projected((bell + hum)[None], invented, hum)[0]
    assert np.abs(taken - bell)[inner].max() < 0.01
    assert np.abs(invented - bell)[inner].max() > 0.3


def test_where_nothing_is_generated_everything_is_residual():
    mixture, silence = tone(440), np.zeros(2 * RATE, np.float32)
    assert np.abs(projected(mixture[None], silence, silence)).max() < 1e-6


def test_a_pair_that_makes_up_the_mixture_agrees_with_it_more_than_an_invention():
    bell, hum = tone(2000), tone(200)
    honest = agreement(*tensors(bell + hum, bell, hum))
    assert honest > 0.99
    assert agreement(*tensors(bell + hum, tone(5000), hum)) < honest - 0.2


def test_phase_inverted_stereo_is_heard_channel_by_channel():
    left = tone(440)
    mixture = np.stack([left, -left])
    for mixdown in (False, True):
        heard = hear(Chunk(mixture, 0), summary(mixture), RATE, LATENT_HOP, mixdown=mixdown)
        assert heard.views.abs().max() > 0.2
        assert len(heard.views) == 2


def test_equal_channels_are_heard_once_and_similar_ones_too_when_it_must_be_fast():
    mixture = np.stack([tone(440), tone(440)])
    assert len(hear(Chunk(mixture, 0), summary(mixture), RATE, LATENT_HOP, mixdown=False).views) == 1
    mixture[1] *= 0.7
    assert len(hear(Chunk(mixture, 0), summary(mixture), RATE, LATENT_HOP, mixdown=False).views) == 2
    assert len(hear(Chunk(mixture, 0), summary(mixture), RATE, LATENT_HOP, mixdown=True).views) == 1


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_chunks_lie_on_latent_frames_of_the_file_at_every_rate(rate):
    start = round(7 * 0.04 * rate)
    mixture = tone(300, 1.0, rate)[None]
    heard = hear(Chunk(mixture, start), summary(mixture, rate), RATE, LATENT_HOP, mixdown=False)
    assert (heard.first, heard.lead) == (7, 0)
    assert heard.views.shape[1] % LATENT_HOP == 0


def test_a_chunk_off_the_grid_is_led_in_by_silence():
    mixture = tone(300, 1.0)[None]
    heard = hear(Chunk(mixture, LATENT_HOP * 3 + 100), summary(mixture), RATE, LATENT_HOP, mixdown=False)
    assert (heard.first, heard.lead) == (3, 100)
    back = unheard(heard.views, heard, Chunk(mixture, LATENT_HOP * 3 + 100), summary(mixture), RATE)
    np.testing.assert_array_equal(back, mixture)


def test_what_was_heard_comes_back_at_the_files_own_rate_and_length():
    mixture = np.stack([tone(300, 1.0, 44_100)] * 2)
    chunk = Chunk(mixture, 0)
    heard = hear(chunk, summary(mixture, 44_100), RATE, LATENT_HOP, mixdown=False)
    back = unheard(heard.views, heard, chunk, summary(mixture, 44_100), RATE)
    assert back.shape == mixture.shape
    assert np.abs(back - mixture)[:, 2000:-2000].max() < 1e-3


def test_quiet_and_loud_files_are_brought_to_a_level_by_one_gain_without_clipping():
    assert file_gain(Summary(RATE, 1, RATE, peak=0.5, rms=0.1)) == 1
    assert file_gain(Summary(RATE, 1, RATE, peak=0.002, rms=0.0005)) == pytest.approx(20)
    assert file_gain(Summary(RATE, 1, RATE, peak=8.0, rms=0.3)) == pytest.approx(1 / 8)
    assert file_gain(Summary(RATE, 1, RATE, peak=0.9, rms=0.0001)) == pytest.approx(1 / 0.9)
