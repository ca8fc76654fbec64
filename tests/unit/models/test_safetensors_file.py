"""Checkpoints of any size become safetensors, and nothing of them runs."""

import pickle
import subprocess
import sys
import tracemalloc
from collections import OrderedDict

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from riata.errors import ModelUnavailable
from riata_separator.models.cli import models as models_command
from riata_separator.models.safetensors_file import write_safetensors


class Exploit:
    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle ran code')",))


def test_every_type_and_layout_arrives_as_it_was(tmp_path):
    base = torch.arange(24.0).view(4, 6)
    state = {
        "plain": base, "view": base.t()[1:3], "half": base.half(), "brain": base.bfloat16(), "double": base.double(),
        "bytes": base.to(torch.uint8), "flags": base > 3, "long": base.long(), "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(2.5),
    }  # fmt: skip
    torch.save({"state_dict": state, "step": 3}, tmp_path / "model.pt")
    write_safetensors(tmp_path / "model.pt", tmp_path / "model.safetensors")
    found = load_file(tmp_path / "model.safetensors")
    assert set(found) == {f"state_dict.{name}" for name in state}
    for name, tensor in state.items():
        assert found[f"state_dict.{name}"].dtype == tensor.dtype
        assert torch.equal(found[f"state_dict.{name}"], tensor)


def test_a_models_own_state_is_read_with_its_metadata(tmp_path):
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    torch.save(network.state_dict(), tmp_path / "model.pt")
    write_safetensors(tmp_path / "model.pt", tmp_path / "model.safetensors")
    network.load_state_dict(load_file(tmp_path / "model.safetensors"))


def test_no_torch_is_needed(tmp_path):
    torch.save({"w": torch.arange(3.0)}, tmp_path / "model.pt")
    code = """if True:
        import sys
        from pathlib import Path

        sys.modules["torch"] = None  # whoever imports it finds that it is not installed
        from riata_separator.models.safetensors_file import write_safetensors

        write_safetensors(Path("model.pt"), Path("model.safetensors"))
        """
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert load_file(tmp_path / "model.safetensors")["w"].tolist() == [0, 1, 2]


def test_memory_is_bounded_by_the_largest_tensor(tmp_path):
    torch.save(OrderedDict((str(i), torch.full((500_000,), float(i))) for i in range(20)), tmp_path / "model.pt")
    tracemalloc.start()
    write_safetensors(tmp_path / "model.pt", tmp_path / "model.safetensors")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12e6 < (tmp_path / "model.safetensors").stat().st_size
    assert float(load_file(tmp_path / "model.safetensors")["19"][-1]) == 19


@pytest.mark.parametrize("content", [pickle.dumps(Exploit()), b"no pickle", pickle.dumps({"step": 3})])
def test_what_would_run_code_or_holds_no_tensor_is_refused(tmp_path, content):
    (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(ModelUnavailable):
        write_safetensors(tmp_path / "model.pt", tmp_path / "model.safetensors")
    assert not (tmp_path / "model.safetensors").exists()


def test_a_torch_checkpoint_that_would_run_code_is_refused(tmp_path):
    torch.save({"w": torch.zeros(3), "extra": Exploit()}, tmp_path / "model.pt")
    with pytest.raises(ModelUnavailable, match="cannot be read safely"):
        write_safetensors(tmp_path / "model.pt", tmp_path / "model.safetensors")


def test_the_command_converts_a_checkpoint_beside_itself(tmp_path):
    torch.save({"w": torch.ones(3)}, tmp_path / "model.pt")
    done = CliRunner().invoke(models_command, ["convert", str(tmp_path / "model.pt")])
    assert done.exit_code == 0
    assert done.output.strip() == str(tmp_path / "model.safetensors")
    assert torch.equal(load_file(tmp_path / "model.safetensors")["w"], torch.ones(3))
