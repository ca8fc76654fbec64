"""The text rankers of SAM-Audio."""

import importlib
import json
import sys
import types

import pytest
import torch
from safetensors.torch import save_file

from riata.errors import BackendUnavailable
from riata_separator.backends.sam_audio.ranking import load_ranker
from tests.unit.sam_audio_backend import tiny

RATE, CPU = 48_000, torch.device("cpu")


class JudgeConfig:
    def __init__(self, audio_codec=None, transformer=None, text_model=None, finetune_transformer=None, nth_text_layer=22,
                 bottleneck_dim=256):  # fmt: skip
        pass


class JudgeModel(torch.nn.Module):
    """Overall is how much of the input is left in what was separated."""

    def __init__(self, config):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.zeros(()))

    def forward(self, input_ids, input_values, separated_values, attention_mask=None, padding_mask=None):
        share = separated_values.square().mean() / input_values.square().mean()
        return types.SimpleNamespace(overall=(self.scale * share).view(1, 1))


class Batch(dict):
    def to(self, device):
        return self


class JudgeProcessor:
    @classmethod
    def from_pretrained(cls, model_name_or_path):
        return cls()

    def __call__(self, text=None, input_audio=None, separated_audio=None, sampling_rate=None, **kwargs):
        assert sampling_rate == RATE
        assert text == ["lead vocal"]
        sounds = {"input_values": torch.stack(input_audio), "separated_values": torch.stack(separated_audio)}
        return Batch(input_ids=torch.zeros(1, 2), **sounds)


@pytest.fixture
def judge(tmp_path, monkeypatch):
    members = {"config": {"SAMAudioJudgeConfig": JudgeConfig}, "judge": {"SAMAudioJudgeModel": JudgeModel}}
    for name in ("sam_audio", "sam_audio.model", "sam_audio.processor", *(f"sam_audio.model.{part}" for part in members)):
        module = types.ModuleType(name)
        for member, value in members.get(name.rpartition(".")[2], {}).items():
            setattr(module, member, value)
        monkeypatch.setitem(sys.modules, name, module)
    sys.modules["sam_audio.processor"].SAMAudioJudgeProcessor = JudgeProcessor
    (tmp_path / "config.json").write_text(json.dumps({"finetune_transformer": {}, "bottleneck_dim": 4}))
    save_file({"scale": torch.tensor(2.0)}, tmp_path / "checkpoint.safetensors")
    return tmp_path


def test_the_judge_scores_a_target_against_its_mixture_by_the_phrase(judge):
    rank = load_ranker(judge, RATE, CPU)
    mixture = torch.randn(RATE, generator=torch.Generator().manual_seed(0))
    assert rank(mixture, mixture, "lead vocal") == pytest.approx(2.0)
    assert rank(0.5 * mixture, mixture, "lead vocal") == pytest.approx(0.5)


def test_a_folder_of_neither_ranker_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    save_file({"x": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(BackendUnavailable, match="holds no text ranker"):
        load_ranker(tmp_path, RATE, CPU)


def test_a_pickled_ranker_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "clap"}')
    (tmp_path / "630k-best.pt").write_bytes(b"")
    with pytest.raises(BackendUnavailable, match="a pickle, which may run code"):
        load_ranker(tmp_path, RATE, CPU)


def test_clap_scores_the_whole_sound_the_same_way_each_time(tmp_path):
    try:
        transformers = importlib.import_module("transformers")
    except ImportError as error:
        pytest.skip(f"transformers cannot be imported here: {error}")
    text = {"vocab_size": len(tiny.WORDS), "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
            "intermediate_size": 8, "projection_dim": 8, "pad_token_id": 0}  # fmt: skip
    audio = {"hidden_size": 16, "patch_embeds_hidden_size": 8, "depths": [1, 1], "num_attention_heads": [1, 1], "projection_dim": 8}
    torch.manual_seed(0)
    config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=8)
    transformers.ClapModel(config).save_pretrained(tmp_path)
    transformers.ClapFeatureExtractor().save_pretrained(tmp_path)
    tiny.write_tokenizer(tmp_path)
    rank = load_ranker(tmp_path, RATE, CPU)
    sound = 0.1 * torch.randn(12 * RATE, generator=torch.Generator().manual_seed(1))
    score = rank(sound, sound, "lead vocal")
    assert -1 <= score <= 1
    assert rank(sound, sound, "lead vocal") == score
    assert rank(sound, sound, "thunder") != score
