"""Whatever goes in: what comes out has its rate, its channels, its length, and adds up."""

import struct
from dataclasses import dataclass, field

import av
import numpy as np
import pytest
import soundfile
from sound_files import encode, read, si_sdr, sound, write_wav

from riata.domain.options import OutputFormat
from riata.errors import MediaSilent, MediaTooLong, MediaUnreadable

SECONDS = 1.3


@dataclass(frozen=True)
class Case:
    """A file: how it is made, and what its outputs must be like."""

    name: str
    rate: int
    channels: int
    codec: str
    subtype: str = "PCM_16"
    sample_format: str | None = None
    container: str | None = None
    fidelity: float = 20.0
    slack: int = 0
    """Samples by which the decoded length may differ: codecs that say nowhere how long the sound was."""
    options: dict[str, str] = field(default_factory=dict)


LOSSLESS, LOSSY = 60.0, 8.0

CASES = [
    Case("u8.wav", 8_000, 1, "pcm_u8", fidelity=25),
    Case("s16.wav", 8_000, 1, "pcm_s16le", fidelity=LOSSLESS),
    Case("s16-11k.wav", 11_025, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("s16-16k.wav", 16_000, 1, "pcm_s16le", fidelity=LOSSLESS),
    Case("s16-22k.wav", 22_050, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("s16-44k.wav", 44_100, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("s24.wav", 48_000, 2, "pcm_s24le", "PCM_24", fidelity=LOSSLESS),
    Case("s24-5.1.wav", 96_000, 6, "pcm_s24le", "PCM_24", fidelity=LOSSLESS),
    Case("s32.wav", 48_000, 2, "pcm_s32le", "PCM_32", fidelity=LOSSLESS),
    Case("f32.wav", 96_000, 2, "pcm_f32le", "FLOAT", fidelity=LOSSLESS),
    Case("f64.wav", 44_100, 1, "pcm_f64le", "FLOAT", fidelity=LOSSLESS),
    Case("mulaw.wav", 8_000, 1, "pcm_mulaw", fidelity=25),
    Case("alaw.wav", 8_000, 1, "pcm_alaw", fidelity=25),
    Case("adpcm.wav", 44_100, 2, "adpcm_ima_wav", slack=4096),
    Case("odd-rate.wav", 37_800, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("prime-rate.wav", 44_101, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("7.1.wav", 48_000, 8, "pcm_s16le", fidelity=LOSSLESS),
    Case("quad.flac", 48_000, 4, "flac", fidelity=LOSSLESS, sample_format="s16"),
    Case("s16.flac", 44_100, 2, "flac", fidelity=LOSSLESS, sample_format="s16"),
    Case("s24-5.1.flac", 96_000, 6, "flac", "PCM_24", fidelity=LOSSLESS, sample_format="s32"),
    Case("be.aiff", 44_100, 2, "pcm_s16be", fidelity=LOSSLESS),
    Case("be.au", 44_100, 1, "pcm_s16be", fidelity=LOSSLESS),
    Case("le.caf", 48_000, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("le.w64", 48_000, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("cd.mp3", 44_100, 2, "libmp3lame", fidelity=LOSSY),
    Case("radio.mp3", 22_050, 1, "libmp3lame", fidelity=LOSSY),
    Case("stereo.m4a", 44_100, 2, "aac", fidelity=LOSSY),
    Case("surround.m4a", 48_000, 6, "aac", fidelity=LOSSY),
    Case("lossless.m4a", 44_100, 2, "alac", fidelity=LOSSLESS, sample_format="s16p"),
    Case("raw.aac", 44_100, 2, "aac", container="adts", fidelity=LOSSY, slack=2048),
    Case("opus.ogg", 48_000, 2, "libopus", fidelity=LOSSY),
    Case("flac.mka", 44_100, 2, "flac", container="matroska", fidelity=LOSSLESS, sample_format="s16"),
    Case("opus.webm", 48_000, 1, "libopus", fidelity=LOSSY, slack=960),
    Case("aac.mka", 44_100, 2, "aac", container="matroska", fidelity=LOSSY, slack=2048),
    Case("layer2.mp2", 48_000, 2, "mp2", fidelity=-99, slack=2304),
    Case("surround.ac3", 48_000, 6, "ac3", fidelity=-99, slack=1536),
    Case("stereo.eac3", 48_000, 2, "eac3", fidelity=-99, slack=1536),
    Case("media.wma", 44_100, 2, "wmav2", container="asf", fidelity=-99, slack=8192, options={"b": "128000"}),
    Case("true.tta", 44_100, 2, "tta", fidelity=LOSSLESS, sample_format="s16"),
    Case("pack.wv", 44_100, 2, "wavpack", fidelity=LOSSLESS, sample_format="s16p"),
    Case("tone.avi", 44_100, 2, "pcm_s16le", fidelity=LOSSLESS),
    Case("stream.ts", 48_000, 2, "mp2", container="mpegts", fidelity=-99, slack=2304),
    Case("flash.flv", 44_100, 2, "libmp3lame", fidelity=-99, slack=3000),
    Case("quick.mov", 48_000, 2, "pcm_s16le", fidelity=LOSSLESS),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outputs_have_the_inputs_rate_channels_length_and_depth_and_add_up(case, separate, fake, tmp_path):
    original = sound(SECONDS, case.rate, case.channels)
    source = encode(
        tmp_path / case.name, original, case.rate, case.codec,
        container=case.container, sample_format=case.sample_format, options=case.options,
    )  # fmt: skip
    result = separate(source, fake)
    target, residual = read(result.target.path)[0], read(result.residual.path)[0]
    assert (result.sample_rate, result.channels) == (case.rate, case.channels)
    assert soundfile.info(result.target.path).subtype == case.subtype
    assert target.shape == residual.shape
    assert abs(target.shape[1] - original.shape[1]) <= case.slack
    assert result.duration == pytest.approx(target.shape[1] / case.rate)
    mixture, count = target + residual, min(target.shape[1], original.shape[1])
    assert si_sdr(target[:, :count], mixture[:, :count]) > LOSSLESS - 20
    assert si_sdr(mixture[:, :count], original[:, :count]) > case.fidelity


def test_a_float_recording_above_full_scale_keeps_its_peaks(separate, fake, tmp_path):
    original = sound(1, 44_100, 2, peak=2.7).astype(np.float32)
    result = separate(write_wav(tmp_path / "hot.wav", original, 44_100, "FLOAT"), fake)
    mixture = read(result.target.path)[0] + read(result.residual.path)[0]
    np.testing.assert_allclose(mixture, original, atol=1e-6)


def test_sizes_beyond_four_gigabytes_are_written_as_rf64(tmp_path, monkeypatch):
    from riata_separator.codecs import grid, writers

    monkeypatch.setattr(writers, "WAV_BYTES", 1000)
    with writers.WavWriter(tmp_path / "long.wav", sample_rate=8_000, channels=1, total=2000, grid=grid.pcm_grid(16)) as writer:
        writer.write(np.arange(2000)[None])
    assert (tmp_path / "long.wav").read_bytes()[:4] == b"RF64"
    assert soundfile.read(tmp_path / "long.wav", dtype="int16")[0].tolist() == list(range(2000))


@pytest.mark.parametrize(("rate", "channels", "written"), [(44_100, 2, 44_100), (96_000, 6, 48_000), (37_800, 1, 44_100)])
def test_mp3_outputs_are_at_most_48_khz_stereo_and_gapless(separate, fake, tmp_path, rate, channels, written):
    source = write_wav(tmp_path / "in.wav", sound(2, rate, channels), rate)
    result = separate(source, fake, output_format=OutputFormat.MP3)
    assert (result.sample_rate, result.channels) == (written, min(channels, 2))
    with av.open(str(result.target.path)) as mp3:
        heard = np.concatenate([frame.to_ndarray() for frame in mp3.decode(audio=0)], axis=1)
    assert heard.shape == (min(channels, 2), 2 * written)


def test_a_video_of_variable_rate_keeps_every_picture_at_its_time(separate, fake, tmp_path):
    times = [0, 40, 50, 400, 1000, 1010, 1900]
    path = encode(tmp_path / "v.mkv", sound(2, 48_000, 2), 48_000, "aac", picture="mpeg4", picture_times=times)
    result = separate(path, fake)
    with av.open(str(result.target.video_path)) as video:
        shown = [round(frame.time * 1000) for frame in video.decode(video=0)]
    assert [t - shown[0] for t in shown] == times


def test_cover_art_is_no_video(separate, fake, tmp_path):
    path = encode(
        tmp_path / "cover.m4a", sound(1, 44_100, 2), 44_100, "aac", container="mp4",
        picture="mjpeg", picture_times=[0], cover=True,
    )  # fmt: skip
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
    result = separate(path, fake)
    assert result.target.video_path is None


def test_a_picture_without_sound_is_refused(separate, fake, tmp_path):
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for k in range(10):
            out.mux(video.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), k, np.uint8), format="rgb24")))
        out.mux(video.encode(None))
    with pytest.raises(MediaUnreadable, match="no audio stream"):
        separate(path, fake)


def test_a_truncated_file_is_separated_as_far_as_it_goes(separate, fake, tmp_path):
    whole = encode(tmp_path / "whole.flac", sound(4, 44_100, 2), 44_100, "flac", sample_format="s16")
    half = tmp_path / "half.flac"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 1.0 < separate(half, fake).duration < 3.5


def test_a_file_of_no_samples_is_refused(separate, fake, tmp_path):
    source = write_wav(tmp_path / "none.wav", np.zeros((1, 0)), 44_100)
    with pytest.raises((MediaUnreadable, MediaSilent)):
        separate(source, fake)


@pytest.mark.parametrize("claimed", [0, 10, 0x7FFFFFFE, 0xFFFFFFFF])
def test_a_header_that_lies_about_its_length_costs_nothing(separate, fake, tmp_path, claimed):
    samples = (sound(1, 44_100, 2) * 32767).astype("<i2").T.tobytes()
    header = b"RIFF" + struct.pack("<I", claimed) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 44_100, 176_400, 4, 16)
    source = tmp_path / "liar.wav"
    source.write_bytes(header + b"data" + struct.pack("<I", claimed) + samples)
    try:
        assert separate(source, fake).duration <= 1.0
    except (MediaUnreadable, MediaSilent):
        assert claimed < 100


@pytest.mark.parametrize(("rate", "channels"), [(1, 1), (10_000_000, 2), (44_100, 60_000), (0, 2), (44_100, 0)])
def test_absurd_rates_and_channels_are_refused(separate, fake, tmp_path, rate, channels):
    width = max(1, 2 * channels) & 0xFFFF
    header = b"RIFF" + struct.pack("<I", 100_000) + b"WAVEfmt "
    header += struct.pack("<IHHIIHH", 16, 1, channels, rate, (rate * width) & 0xFFFFFFFF, width, 16)
    source = tmp_path / "absurd.wav"
    source.write_bytes(header + b"data" + struct.pack("<I", 90_000) + bytes(range(250)) * 360)
    with pytest.raises((MediaUnreadable, MediaTooLong)):
        separate(source, fake)
