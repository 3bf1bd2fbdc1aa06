"""Free sums of a semicircle and free Poisson laws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory import arrays
from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.solvers.rational import RationalLaw


@dataclass(frozen=True, kw_only=True)
class FreeLevy(RationalLaw):
    r"""R(g) = drift + variance g + sum_j rate_j jump_j/(1 - jump_j g): a compound free Poisson law.

    With rates w_j/q and jumps q t_j it is the limit of X T X^T/m, samples weighted by T.

    Parameters
    ----------
    drift, variance : float
        Of the semicircle part; variance >= 0.
    rates, jumps : sequences of float
        Of the free Poisson parts; rates > 0, jumps not 0 and distinct. Variance and rates are
        not all 0.

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> law = FreeLevy(variance=0.5, rates=(2, 3), jumps=(1, -0.5))
    >>> [law.free_cumulant(n) for n in (1, 2, 3)]
    [0.5, 3.25, 1.625]
    """

    drift: float = 0.0
    variance: float = 0.0
    rates: tuple[float, ...] = ()
    jumps: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        drift = Argument("drift", "m", "drift", -1e150, 1e150)
        variance = Argument("variance", "v", "variance of the semicircle part", 0, 1e150)
        parameters.check(self, drift, variance)
        rates = Argument("rates", "c", "rates of the jumps", 0, 1e150, low_open=True)
        jumps = Argument("jumps", "p", "sizes of the jumps, not 0", -1e150, 1e150)
        for argument in (rates, jumps):
            given = np.atleast_1d(arrays.as_array(getattr(self, argument.name), argument.name))
            values = tuple(argument.check(v).item() for v in given)
            object.__setattr__(self, argument.name, values)
        if len(self.rates) != len(self.jumps):
            raise rates.error(self.rates, f"give one rate for each of the {len(self.jumps)} jumps")
        if 0 in self.jumps or len(set(self.jumps)) < len(self.jumps):
            raise jumps.error(self.jumps, "leave out 0 and add up the rates of equal jumps")
        if not self.jumps and not self.variance:
            raise variance.error(0.0, "give a variance or jumps; a single point is Discrete")

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The triplet itself."""
        return Levy(
            number(self.drift),
            number(self.variance),
            tuple(number(c) for c in self.rates),
            tuple(number(p) for p in self.jumps),
        )
