"""Write ATTRIBUTION.md, here and beside the weights, from the table of sources: python -m training.attribution"""

from pathlib import Path

from riata_separator.packaged import WEIGHTS
from training.sources import Source, load

TARGET = Path(__file__).with_name("ATTRIBUTION.md")
SHIPPED = WEIGHTS / "ATTRIBUTION.md"
HEAD = """# Attribution

Every recording that taught, may teach or measures the class separator. Written by `python -m training.attribution` out of
`sources.toml`; `make data` reads the stated licence in each source before it is used. CC-BY asks for credit: ship this file
with the weights. Changes made to the recordings: resampling, trimming, pitch, speed and formant changes, filters, reverberation,
mixing.

Everything else was made by this project's own code: the compositions, the synthetic and physical-model instruments, the singing
(out of the speech below), and the procedural weather, vehicles, dogs, birds, crowds and odd sounds. Flite's voices slt, awb,
kal16 (training) and rms (bench), © Carnegie Mellon University and Cepstral LLC, BSD-like, speak generated sentences.
"""
SHIPPED_HEAD = """# Attribution

The weights in this folder learnt from recordings among those below and from nothing else. Written by
`python -m training.attribution` out of the training's `sources.toml`; each licence was read in the source itself.
CC-BY asks for credit: ship this file with the
weights. Changes made to the recordings: resampling, bandwidth replication, trimming, pitch, speed and formant changes, filters,
reverberation, mixing.

`ear-readout.safetensors` says what the labels of the optional ear mean for our classes. It learnt from what that network answers
(EfficientAT's mn04_as, MIT, not in this folder) to mixtures of these recordings.

The network began with the weights of an earlier network of fewer classes. That one learnt from the Debian packages
among these sources, and from one drum kit more: rumpf_kit_z01_h2 of hydrogen-drumkits by Emanuel Rumpf, CC-BY-3.0 (its stated
licence grant; an older README inside says "GPL").

Everything else was made by this project's own code: the compositions, the synthetic and physical-model instruments, the singing
(out of the speech below), and the procedural weather, vehicles, dogs, birds, crowds and odd sounds. Flite's voices slt, awb and
kal16, © Carnegie Mellon University and Cepstral LLC, BSD-like, speak generated sentences.
"""
TITLES = {
    "train": "May train",
    "held": "Permissive, kept out of training for the bench",
    "evaluation": "Evaluation only: measures, never trains",
}


def _where(source: Source) -> str:
    if source.kind == "git":
        return f"{source.origin} @ {source.revision[:8]}"
    return f"PyPI: {source.name} {source.revision}" if source.kind == "pypi" else f"Debian: {source.name}"


def _row(source: Source) -> str:
    credit = source.credit or "see its copyright file"
    return f"| {source.name} | {_where(source)} | {source.licence} | {credit} | {source.what} |"


def _table(sources: list[Source], use: str) -> str:
    rows = [_row(source) for source in sources if source.use == use]
    return "\n".join([f"## {TITLES[use]}\n", "| name | source | licence | credit | what |", "| --- " * 5 + "|", *rows])


def _joined(parts: list[str]) -> str:
    return "\n\n".join(part.strip() for part in parts) + "\n"


def text(sources: list[Source]) -> str:
    """The contents of the training's file."""
    return _joined([HEAD, *(_table(sources, use) for use in TITLES)])


def shipped_text(sources: list[Source]) -> str:
    """The contents of the file that goes with the weights."""
    return _joined([SHIPPED_HEAD, _table(sources, "train").replace(TITLES["train"], "Learnt from")])


if __name__ == "__main__":
    TARGET.write_text(text(load()), encoding="utf-8")
    SHIPPED.write_text(shipped_text(load()), encoding="utf-8")
