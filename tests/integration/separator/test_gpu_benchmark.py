"""The benchmark of the GPU runs, on a processor and tiny, so that it works when there is a GPU."""

import pytest
import torch

from tests.bench.gpu import __main__ as command
from tests.bench.gpu.measure import Row, measured, published_teraflops
from tests.bench.gpu.subjects import SAM_AUDIO, sam_audio
from tests.bench.gpu.whole import WholeRow
from tests.fakes import sam_audio_package


def test_without_a_gpu_it_says_that_it_is_skipped(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    command.main(["--out", str(tmp_path / "gpu.md")])
    assert "skipped, there is no GPU" in capsys.readouterr().out
    assert not (tmp_path / "gpu.md").exists()


def test_it_writes_speed_arithmetic_and_share_of_the_peak(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "_wholes", lambda wishes: [WholeRow("riata-small", 4, 1, 20.0, 0.75, 0.1)])
    find = command.importlib.util.find_spec
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None if name == "sam_audio" else find(name))
    page = tmp_path / "gpu.md"
    command.main(["--device", "cpu", "--batches", "1", "2", "--calls", "1", "--matrix", "64", "--out", str(page)])
    text = page.read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| riata-small")]
    assert [row[1] for row in rows] == ["1", "2", "4"]
    assert all(float(row[2]) > 0 and float(row[4]) > 0 for row in rows[:2])
    assert rows[2][4:] == ["75%", "10% |"]
    assert "SAM-Audio was not measured" in text


def test_whole_files_go_side_by_side_and_their_batches_are_counted(riata_small):
    from tests.bench.gpu.whole import whole

    riata_small.experts, experts = {}, riata_small.experts
    try:
        row = whole(riata_small, seconds=7.0, files=2, prompts=2)
    finally:
        riata_small.experts = experts
    assert (row.files, row.prompts) == (2, 2)
    assert row.audio_seconds_per_second > 0
    assert 0 < row.fill <= 1
    assert 0 <= row.wait < 1


class Growing:
    """Needs as much memory as there is for two items."""

    name, seconds, flops = "growing", 2.0, 1e9

    def call(self, batch: int) -> None:
        if batch > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")


def test_it_ends_with_the_batch_that_does_not_fit():
    rows = list(measured(Growing(), [1, 2, 4, 8], torch.device("cpu"), 1))
    assert [row.batch for row in rows] == [1, 2, 4]
    assert rows[-1] == Row("growing", 4, None)


@pytest.mark.parametrize(
    ("gpu", "peak"), [("NVIDIA H100 80GB HBM3", 989.0), ("Tesla T4", 65.0), ("NVIDIA A100-SXM4-40GB", 312.0), ("Unheard of", None)]
)
def test_known_gpus_are_measured_against_their_data_sheet(gpu, peak):
    assert published_teraflops(gpu) == peak


def test_sam_audio_is_built_in_each_of_its_sizes_and_called_with_batches(monkeypatch, tmp_path):
    sam_audio_package.install(monkeypatch)
    monkeypatch.setattr("tests.bench.gpu.subjects._text_encoder", lambda folder: folder)
    for size in SAM_AUDIO:
        with sam_audio(size, torch.device("cpu"), seconds=0.4, settings={"audio_codec": {"codebook_dim": 4}}) as subject:
            (row,) = measured(subject, [2], torch.device("cpu"), 1)
        assert (row.model, row.batch) == (f"sam-audio-{size}", 2)
        assert row.audio_seconds_per_second > 0
