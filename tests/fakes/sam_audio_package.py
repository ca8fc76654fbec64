"""A small stand-in for Meta's ``sam_audio`` package: its names and signatures and what its calls do to each other, no model.

It separates by the anchors alone: "+" frames belong to the target, "-" frames to the residual, the others half and half, and what
is generated carries the noise that it was generated from. What the package does not have, this has not either.
"""

import math
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn.utils.rnn import pad_sequence

SHARE = {0: 0.5, 1: 0.95, 2: 0.05, 3: 0.5}
"""Of the mixture, by anchor id: null, "+", "-", pad."""

DFLT_ODE_OPT = {"method": "midpoint", "options": {"step_size": 2 / 32}}


class DACVAEConfig:
    def __init__(self, encoder_dim=64, encoder_rates=(2, 8, 10, 12), latent_dim=1024, decoder_dim=1536,
                 decoder_rates=(12, 10, 8, 2), n_codebooks=16, codebook_size=1024, codebook_dim=128, quantizer_dropout=False,
                 sample_rate=48_000, mean=0.0, std=1.0):  # fmt: skip
        self.codebook_dim, self.sample_rate, self.encoder_rates = codebook_dim, sample_rate, encoder_rates

    @property
    def hop_length(self):
        return math.prod(self.encoder_rates)


class T5EncoderConfig:
    def __init__(self, name="t5-base", max_length=512, pad_mode="longest", dim=768):
        self.name, self.dim = name, dim


class PerceptionEncoderConfig:
    def __init__(self, dim=1024, batch_size=300, name="PE-Core-L14-336", normalize_feature=True, interpolation_mode="BICUBIC",
                 image_size=336):  # fmt: skip
        self.dim = dim


class SAMAudioConfig:
    def __init__(self, in_channels=768, audio_codec=None, text_encoder=None, vision_encoder=None, transformer=None, num_anchors=3,
                 anchor_embedding_dim=128, visual_ranker=None, text_ranker=None, span_predictor="pe-a-frame-large"):  # fmt: skip
        self.audio_codec = DACVAEConfig(**(audio_codec or {}))
        self.text_encoder = T5EncoderConfig(**(text_encoder or {}))
        self.vision_encoder = PerceptionEncoderConfig(**(vision_encoder or {}))
        self.visual_ranker, self.text_ranker, self.span_predictor = visual_ranker, text_ranker, span_predictor


class PerceptionEncoder(torch.nn.Module):
    def __init__(self, cfg):
        raise AssertionError("the vision encoder was built: it costs gigabytes and no request has a picture")


class T5TextEncoder(torch.nn.Module):
    def __init__(self, cfg):
        super().__init__()
        if not Path(cfg.name).is_dir():
            raise AssertionError(f"{cfg.name} would be looked up on the hub")

    def forward(self, texts):
        length = max(len(text.split()) for text in texts)
        mask = torch.tensor([[i < len(text.split()) for i in range(length)] for text in texts])
        return torch.zeros(len(texts), length, 4), mask


class DACVAE(torch.nn.Module):
    def __init__(self, config):
        super().__init__()
        self.sample_rate, self.hop_length, self._channels = config.sample_rate, config.hop_length, config.codebook_dim

    def forward(self, waveform):
        level = waveform.squeeze(1).unfold(-1, self.hop_length, self.hop_length).square().mean(-1).sqrt()
        return level[:, None].expand(-1, self._channels, -1)

    def feature_idx_to_wav_idx(self, feature_idx, sample_rate=None):
        return (feature_idx * self.hop_length).int()


@dataclass
class SeparationResult:
    target: torch.Tensor
    residual: torch.Tensor
    noise: torch.Tensor


class SAMAudio(torch.nn.Module):
    def __init__(self, cfg):
        super().__init__()
        if cfg.visual_ranker or cfg.text_ranker or cfg.span_predictor:
            raise AssertionError("rankers and the span predictor would be looked up on the hub")
        self.audio_codec = DACVAE(cfg.audio_codec)
        self.text_encoder = T5TextEncoder(cfg.text_encoder)
        self.vision_encoder = sys.modules["sam_audio.model.model"].PerceptionEncoder(cfg.vision_encoder)
        self.gain = torch.nn.Parameter(torch.zeros(()))
        self.calls = []

    @property
    def sample_rate(self):
        return self.audio_codec.sample_rate

    def forward(self, noisy_audio, audio_features, text_features, time, masked_video_features=None, text_mask=None,
                anchor_ids=None, anchor_alignment=None, audio_pad_mask=None):  # fmt: skip
        return torch.zeros_like(noisy_audio)

    @torch.inference_mode()
    def separate(self, batch, noise=None, ode_opt=DFLT_ODE_OPT, reranking_candidates=1, predict_spans=False):
        if not isinstance(batch, Batch):
            raise TypeError(f"a Batch is needed, not {type(batch)}")
        latents = self.audio_codec(batch.audios).transpose(1, 2)
        features = torch.cat([latents, latents], 2)
        noise = torch.randn_like(features) if noise is None else noise
        assert noise.shape == features.shape
        text, text_mask = self.text_encoder(batch.descriptions)
        state = noise + self.forward(
            noisy_audio=noise, audio_features=features, text_features=text, time=torch.zeros(len(noise)), text_mask=text_mask,
            masked_video_features=features.new_zeros(len(noise), self.vision_encoder.dim, noise.shape[1]),
            anchor_ids=batch.anchor_ids, anchor_alignment=batch.anchor_alignment, audio_pad_mask=batch.audio_pad_mask,
        )  # fmt: skip
        self.calls.append({"batch": batch, "noise": noise, "ode_opt": ode_opt, "watermark": torch.randint(0, 1 << 30, ()).item()})
        tokens = batch.anchor_ids.gather(1, batch.anchor_alignment)
        share = torch.tensor([SHARE[i] for i in range(4)])[tokens]
        hiss = 1e-3 * state.mean(2)
        hop = self.audio_codec.hop_length
        share, hiss = (x.repeat_interleave(hop, 1) for x in (share, hiss))
        mixture = torch.nn.functional.pad(batch.audios[:, 0], (0, share.shape[1] - batch.audios.shape[-1]))
        sizes = self.audio_codec.feature_idx_to_wav_idx(batch.sizes)
        targets, residuals = share * mixture * self.gain + hiss, (1 - share) * mixture * self.gain - hiss
        return SeparationResult(
            [x[:size] for x, size in zip(targets, sizes, strict=True)],
            [x[:size] for x, size in zip(residuals, sizes, strict=True)],
            noise,
        )

    def load_state_dict(self, state_dict, strict=True):
        missing, unexpected = super().load_state_dict(state_dict, strict=False)
        if missing or unexpected:
            raise RuntimeError(f"Missing keys: {missing}, unexpected_keys: {unexpected}")


class Batch:
    def __init__(self, audios, sizes, wav_sizes, descriptions, hop_length, audio_sampling_rate, anchors=None, audio_pad_mask=None,
                 masked_video=None):  # fmt: skip
        self.audios, self.sizes, self.wav_sizes, self.descriptions = audios, sizes, wav_sizes, descriptions
        self.hop_length, self.audio_sampling_rate, self.audio_pad_mask = hop_length, audio_sampling_rate, audio_pad_mask
        self.masked_video = masked_video
        self.process_anchors(anchors)

    def to(self, device):
        self.audios, self.anchor_ids = self.audios.to(device), self.anchor_ids.to(device)
        return self

    def process_anchors(self, anchors):
        ids = {"<null>": 0, "+": 1, "-": 2, "<pad>": 3}
        alignment = torch.zeros(len(self.audios), self.audio_pad_mask.size(-1), dtype=torch.long)
        alignment[~self.audio_pad_mask] = 1
        listed = []
        for row, given in zip(alignment, anchors or [[]] * len(self.audios), strict=True):
            current = [ids["<null>"], ids["<pad>"]]
            for token, start, end in given:
                first, last = (math.ceil(seconds * self.audio_sampling_rate / self.hop_length) for seconds in (start, end))
                row[first:last] = len(current)
                current.append(ids[token])
            listed.append(torch.tensor(current))
        self.anchor_ids = pad_sequence(listed, batch_first=True, padding_value=ids["<pad>"])
        self.anchor_alignment, self.anchors = alignment, anchors


class SAMAudioProcessor:
    def __init__(self, audio_hop_length, audio_sampling_rate):
        self.audio_hop_length, self.audio_sampling_rate = audio_hop_length, audio_sampling_rate

    def __call__(self, descriptions, audios, anchors=None, masked_videos=None):
        assert len(descriptions) == len(audios)
        assert anchors is None or len(descriptions) == len(anchors)
        wavs = [audio.mean(0) for audio in audios]
        wav_sizes = torch.tensor([wav.size(-1) for wav in wavs])
        sizes = torch.ceil(wav_sizes / self.audio_hop_length)
        mask = torch.arange(sizes.max()).expand(len(sizes), -1) < sizes.unsqueeze(1)
        return Batch(pad_sequence(wavs, batch_first=True).unsqueeze(1), sizes, wav_sizes, descriptions, self.audio_hop_length,
                     self.audio_sampling_rate, anchors=anchors, audio_pad_mask=mask)  # fmt: skip


@dataclass
class PEAudioFrameOutput:
    spans: list | None = None


class PEAudioFrame(torch.nn.Module):
    """Finds the phrase wherever there is any sound."""

    def __init__(self):
        super().__init__()
        self.threshold = torch.nn.Parameter(torch.zeros(()))

    @classmethod
    def from_config(cls, name_or_checkpoint, pretrained=False):
        model = cls()
        model.load_state_dict(load_file(Path(name_or_checkpoint) / "model.safetensors"))
        return model

    def forward(self, input_ids, input_values=None, input_features=None, attention_mask=None, padding_mask=None, threshold=0.3,
                return_spans=True):  # fmt: skip
        found = []
        for row in input_features[:, :, 0] > float(self.threshold):
            changes = torch.diff(torch.nn.functional.pad(row.int(), (1, 1))).nonzero()[:, 0].tolist()
            found.append([[a * 0.04, b * 0.04] for a, b in zip(changes[::2], changes[1::2], strict=True)])
        return PEAudioFrameOutput(spans=found)


class Encoding(dict):
    def to(self, device):
        return self


class PEAudioFrameTransform:
    @classmethod
    def from_config(cls, name_or_checkpoint):
        return cls()

    def __call__(self, text=None, audio=None, sampling_rate=None):
        return Encoding(input_ids=torch.zeros(len(text), 3, dtype=torch.long), attention_mask=torch.ones(len(text), 3))


MODULES = {
    "sam_audio": {},
    "sam_audio.model": {},
    "sam_audio.model.model": {"SAMAudio": SAMAudio, "PerceptionEncoder": PerceptionEncoder, "DFLT_ODE_OPT": DFLT_ODE_OPT},
    "sam_audio.model.config": {"SAMAudioConfig": SAMAudioConfig},
    "sam_audio.processor": {"SAMAudioProcessor": SAMAudioProcessor, "Batch": Batch},
    "core": {},
    "core.audio_visual_encoder": {"PEAudioFrame": PEAudioFrame, "PEAudioFrameTransform": PEAudioFrameTransform},
}


def install(monkeypatch):
    """Let the package be importable for the time of a test."""
    for name, members in MODULES.items():
        module = types.ModuleType(name)
        for member, value in members.items():
            setattr(module, member, value)
        monkeypatch.setitem(sys.modules, name, module)
