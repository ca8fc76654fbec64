"""Write ATTRIBUTION.md from the table of sources: python -m training.attribution"""

from pathlib import Path

from training.sources import Source, load

TARGET = Path(__file__).with_name("ATTRIBUTION.md")
HEAD = """# Attribution

Every recording that taught, may teach or measures the class separator. Written by `python -m training.attribution` out of
`sources.toml`; `make data` reads the stated licence in each source before it is used. CC-BY asks for credit: ship this file
with the weights. Changes made to the recordings: resampling, trimming, pitch, speed and formant changes, filters, reverberation,
mixing.

Everything else was made by this project's own code: the compositions, the synthetic and physical-model instruments, the singing
(out of the speech below), and the procedural weather, vehicles, dogs, birds, crowds and odd sounds. Flite's voices slt, awb,
kal16 (training) and rms (bench), © Carnegie Mellon University and Cepstral LLC, BSD-like, speak generated sentences.
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


def text(sources: list[Source]) -> str:
    """The file's contents."""
    parts = [HEAD]
    for use, title in TITLES.items():
        rows = [_row(source) for source in sources if source.use == use]
        parts.append("\n".join([f"## {title}\n", "| name | source | licence | credit | what |", "| --- " * 5 + "|", *rows]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(load()), encoding="utf-8")
