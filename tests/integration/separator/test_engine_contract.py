import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sound_files import encode, read, si_sdr, sound, write_wav

from riata.domain.options import OutputFormat
from riata.errors import BackendUnavailable, Cancelled, MediaSilent, MediaTooLong, MediaUnreadable
from riata_separator.backends import load

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "speech-over-music"


def test_the_shipped_example_is_separated_clearly_better_than_it_was_mixed(separate, riata_small, tmp_path):
    prompt = (EXAMPLE / "prompt.txt").read_text().strip()
    result = separate(EXAMPLE / "mixture.flac", riata_small, prompt=prompt)
    mixture, speech = read(EXAMPLE / "mixture.flac")[0], read(EXAMPLE / "speech.flac")[0]
    target, rate = read(result.target.path)
    assert (rate, target.shape) == (44_100, mixture.shape)
    assert si_sdr(target, speech) - si_sdr(mixture, speech) > 3.0


def test_target_and_residual_are_the_mixture_to_the_last_bit(separate, riata_small):
    result = separate(EXAMPLE / "mixture.flac", riata_small)
    mixture = read(EXAMPLE / "mixture.flac")[0]
    assert np.array_equal(read(result.target.path)[0] + read(result.residual.path)[0], mixture)


def test_outputs_are_named_and_typed_by_their_format(separate, fake, tmp_path):
    source = write_wav(tmp_path / "in.wav", sound(1, 44_100, 2), 44_100)
    wav, mp3 = separate(source, fake), separate(source, fake, output_format=OutputFormat.MP3)
    assert [(m.file_name, m.content_type) for m in (wav.target, wav.residual)] == [
        ("target.wav", "audio/wav"),
        ("residual.wav", "audio/wav"),
    ]
    assert [(m.file_name, m.content_type) for m in (mp3.target, mp3.residual)] == [
        ("target.mp3", "audio/mpeg"),
        ("residual.mp3", "audio/mpeg"),
    ]
    assert all(m.path.stat().st_size > 0 for m in (wav.target, wav.residual, mp3.target, mp3.residual))


def test_progress_rises_from_nought_to_one(separate, fake, tmp_path):
    seen: list[float] = []
    separate(write_wav(tmp_path / "in.wav", sound(30, 8_000, 1), 8_000), fake, progress=seen, max_chunk_duration=5.0)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert len(set(seen)) > 5


def test_a_silent_file_is_refused_with_its_code(separate, fake, tmp_path):
    source = write_wav(tmp_path / "in.wav", np.zeros((2, 44_100)), 44_100)
    with pytest.raises(MediaSilent):
        separate(source, fake)


@pytest.mark.parametrize("content", [b"", b"not a sound", b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/x.ts\n", bytes(5000)])
def test_what_is_not_media_is_refused_with_its_code(separate, fake, tmp_path, content):
    source = tmp_path / "in.bin"
    source.write_bytes(content)
    with pytest.raises(MediaUnreadable):
        separate(source, fake)


def test_audio_above_the_probed_length_is_refused_before_the_model_runs(separate, fake, tmp_path):
    source = write_wav(tmp_path / "in.wav", sound(4, 8_000, 1), 8_000)
    with pytest.raises(MediaTooLong):
        separate(source, fake, max_seconds=3.9)
    assert not hasattr(fake, "summary")


def test_a_cancelled_separation_stops_between_model_calls(separate, fake, tmp_path):
    source, calls = write_wav(tmp_path / "in.wav", sound(60, 8_000, 1), 8_000), []

    def cancelled() -> bool:
        calls.append(1)
        return len(calls) > 30

    with pytest.raises(Cancelled):
        separate(source, fake, cancelled=cancelled, max_chunk_duration=5.0)


def test_a_video_keeps_its_picture_with_the_new_sound(separate, fake, tmp_path):
    import av

    source = encode(tmp_path / "in.mp4", sound(3, 48_000, 2), 48_000, "aac", picture="mpeg4")
    result = separate(source, fake)
    for media in (result.target, result.residual):
        assert media.video_path is not None
        with av.open(str(media.video_path)) as video:
            assert sum(1 for _ in video.decode(video=0)) == 30
        with av.open(str(media.video_path)) as video:
            heard = np.concatenate([frame.to_ndarray() for frame in video.decode(audio=0)], axis=1)
        written = read(media.path)[0]
        assert si_sdr(heard[:, : written.shape[1]], written) > 15


def test_unknown_and_later_backends_are_refused_clearly():
    for name in ("sam-audio", "hdemucs", "nonsense"):
        with pytest.raises(BackendUnavailable, match=name):
            load(name)


def test_torch_is_imported_only_when_a_backend_is_loaded():
    code = "import riata_separator.engine, riata_separator.backends, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
