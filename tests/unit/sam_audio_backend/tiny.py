"""A SAM-Audio of the real package with a tiny random configuration, in folders as the model manager leaves them."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

WORDS = ["[PAD]", "[UNK]", "</s>", "lead", "vocal", "thunder"]
CODEC = {"encoder_dim": 8, "encoder_rates": [2, 8, 10, 12], "latent_dim": 16, "decoder_dim": 1536, "decoder_rates": [12, 10, 8, 2],
         "codebook_size": 16, "codebook_dim": 4, "n_codebooks": 2}  # fmt: skip
"""Small but for the decoder, which must have the channels that its watermark is made for."""

TRANSFORMER = {"dim": 32, "n_heads": 2, "n_layers": 2, "context_dim": 32, "out_channels": 8, "frequency_embedding_dim": 16}
VISION = {"dim": 16}


def build(root: Path) -> Path:
    """Write the folders; seeds nothing, so that the caller decides."""
    import transformers

    text_encoder, model, predictor = (root / name for name in ("t5-base", "sam-audio", "pe-a-frame"))
    for folder in (text_encoder, model, predictor):
        folder.mkdir(parents=True)
    settings = transformers.T5Config(vocab_size=len(WORDS), d_model=12, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    transformers.T5EncoderModel(settings).save_pretrained(text_encoder)
    write_tokenizer(text_encoder)
    _write_model(model, text_encoder)
    _write_predictor(predictor)
    return root


def write_tokenizer(folder: Path) -> None:
    """A tokenizer of a few words, as the libraries load it."""
    import tokenizers
    import transformers

    plain = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    plain.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="[PAD]", unk_token="[UNK]", eos_token="</s>")
    fast.save_pretrained(folder)


def _write_model(folder: Path, text_encoder: Path) -> None:
    from sam_audio.model import model as modules
    from sam_audio.model.config import SAMAudioConfig

    from riata_separator.backends.sam_audio.package import _without_vision

    settings = {
        "in_channels": 6 * CODEC["codebook_dim"], "audio_codec": CODEC, "transformer": TRANSFORMER, "vision_encoder": VISION,
        "text_encoder": {"name": str(text_encoder), "dim": 12}, "anchor_embedding_dim": 8, "span_predictor": None,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(settings | {"text_encoder": {"name": "t5-base", "dim": 12}}))
    with _without_vision(modules):
        network = modules.SAMAudio(SAMAudioConfig(**settings))
    # Gates begin at zero: neither anchors nor pictures would have a say.
    network.embed_anchors.gate.data.fill_(1.0)
    for parameter in network.transformer.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    state = {name: value.contiguous().clone() for name, value in network.state_dict().items()}
    state = {name: value for name, value in state.items() if not name.startswith("text_encoder")}
    save_file(state | {"vision_encoder.model.x": torch.zeros(3)}, folder / "checkpoint.safetensors")


def _write_predictor(folder: Path) -> None:
    from core.audio_visual_encoder import PEAudioFrame
    from core.audio_visual_encoder.config import PEAudioFrameConfig

    text = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": len(WORDS),
            "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 2, "cls_token_id": 2, "sep_token_id": 2}  # fmt: skip
    codec = {"encoder_hidden_size": 8, "downsampling_ratios": [2, 8, 10, 12], "decoder_hidden_size": 96, "n_codebooks": 2,
             "codebook_size": 16, "codebook_dim": CODEC["codebook_dim"], "quantizer_dropout": 0,
             "sampling_rate": 48_000}  # fmt: skip
    audio = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    settings = {"text_model": text, "audio_model": {"dac_vae_encoder": codec, "audio_transformer": audio}, "output_dim": 8,
                "nth_text_layer": 1}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(settings))
    network = PEAudioFrame(PEAudioFrameConfig(**settings))
    network.logit_bias.data.fill_(4.0)
    save_file({name: value.contiguous().clone() for name, value in network.state_dict().items()}, folder / "model.safetensors")
    write_tokenizer(folder)
