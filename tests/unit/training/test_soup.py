"""The mean of several weights of one network."""

import sys

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from training import soup
from training.soup import averaged


def test_every_tensor_is_the_mean_of_its_like():
    found = averaged([{"a": torch.tensor([1.0, 3.0]).half()}, {"a": torch.tensor([3.0, 4.0])}])
    assert found["a"].dtype == torch.float16
    assert found["a"].tolist() == [2.0, 3.5]


def test_weights_of_different_networks_are_refused():
    with pytest.raises(ValueError, match="different networks"):
        averaged([{"a": torch.zeros(2)}, {"a": torch.zeros(3)}])


def test_the_file_says_what_the_last_weights_say_but_for_their_exponents(tmp_path, monkeypatch):
    save_file({"a": torch.zeros(2)}, tmp_path / "early.safetensors", {"step": "1"})
    save_file({"a": torch.ones(2)}, tmp_path / "late.safetensors", {"step": "2", "network": "class-separator", "fusion": "{}"})
    paths = [str(tmp_path / f"{name}.safetensors") for name in ("out", "early", "late")]
    monkeypatch.setattr(sys, "argv", ["soup", *paths])
    soup.main()
    assert load_file(paths[0])["a"].tolist() == [0.5, 0.5]
    with safe_open(paths[0], "pt") as file:
        assert file.metadata() == {"step": "2", "network": "class-separator"}
