"""How the flow from noise to sound is integrated: acceleration → method and steps of the ODE solver."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from riata.domain.options import Acceleration


@dataclass(frozen=True, slots=True)
class Solver:
    """A fixed-step method of ``torchdiffeq`` and its step on the way from 0 to 1."""

    method: str
    step: Fraction

    @property
    def steps(self) -> int:
        """Steps from noise to sound; each costs one evaluation of the model with ``euler``, two with ``midpoint``."""
        return int(1 / self.step)

    def ode_options(self) -> dict[str, Any]:
        """As ``SAMAudio.separate(ode_opt=…)`` takes them."""
        return {"method": self.method, "options": {"step_size": float(self.step)}}


SOLVERS = {
    Acceleration.FAST: Solver("midpoint", Fraction(2, 16)),
    Acceleration.BALANCED: Solver("midpoint", Fraction(2, 32)),
    Acceleration.QUALITY: Solver("midpoint", Fraction(2, 64)),
}
"""``balanced`` is the default of the model's authors; the others halve and double its work."""
