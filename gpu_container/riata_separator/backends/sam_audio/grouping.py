"""Which stretches may share a call of the model."""

from dataclasses import dataclass
from fractions import Fraction

from riata.domain.options import SeparationOptions

from .solver import SOLVERS


@dataclass(frozen=True, slots=True)
class Group:
    """Stretches are computed together only when all of this is equal.

    A call has one solver and either predicts spans or not; requests with another number of candidates would be judged by other
    calls than alone. Stretches of other length would be padded, and the model normalises over time with the padding: a stretch
    would depend on its company.
    """

    frames: int
    candidates: int
    method: str
    step: Fraction
    predicts_spans: bool


def group_of(options: SeparationOptions, frames: int) -> Group:
    """The group of a stretch of ``frames`` latent frames of a request with ``options``."""
    solver = SOLVERS[options.acceleration]
    return Group(frames, options.reranking_candidates, solver.method, solver.step, options.predict_spans)
