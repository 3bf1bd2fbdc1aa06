"""Free Poisson laws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.solvers.rational import RationalLaw


@dataclass(frozen=True, kw_only=True)
class FreePoisson(RationalLaw):
    r"""Free cumulants rate jump^n: the Marchenko-Pastur law of ratio 1/rate, rescaled.

    Parameters
    ----------
    rate : float
        lambda in [1e-9, 1e9]; an atom of mass 1 - lambda at 0 below 1.
    jump : float
        p, any sign, not 0.

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> law = FreePoisson(rate=0.25, jump=-2)
    >>> print(law.support, law.weights, law.free_cumulant(3))
    ((-4.5, -0.5),) [0.75] -2.0
    """

    rate: float
    jump: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.RATE, parameters.JUMP)
        if self.jump == 0:
            raise parameters.JUMP.error(self.jump, "choose a jump that is not 0")

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """One jump."""
        return Levy(number(0), number(0), (number(self.rate),), (number(self.jump),))
