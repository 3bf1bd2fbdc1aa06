"""A theorem of the multi-view theory, with its hypotheses and what it bounds."""

from dataclasses import dataclass
from typing import Any

from mvtheory.arguments import SINGLE_VIEW_FRACTION
from mvtheory.formula import Formula
from mvtheory.html import card
from mvtheory.references import Source

SETTING = (
    "k classes, k large, with two views each: orthonormal features v_{i,1}, v_{i,2}; inputs of P "
    "patches, P polynomial in k",
    "training data: N samples, a fraction 1 - mu of multi-view samples, which show both views of "
    "their label with coefficients that add up to at least 1 over patches, and mu = 1/poly(k) of "
    "single-view samples, which show one so and the other next to not; features of other classes, "
    "which add up to .4 at most in multi-view samples, and noise besides",
    "network: m neurons a class, smoothed ReLU of constant power q > 2 on each patch, summed; "
    "Gaussian initialisation of deviation sigma_0, small as k grows: sigma_0^(q-2) = 1/k",
    "gradient descent on the cross-entropy",
)
"""Hypotheses shared by Theorems 1 to 4; the paper gives the exponents."""
WIDE = "any m between polylog(k) and k"
"""Of Theorems 1 and 2."""
NARROW = "m = polylog(k)"
"""Of Theorems 3 and 4, which distil."""
RATE = "any learning rate eta of at most 1/poly(k)"
LENGTH = "T = poly(k) / eta steps"
BALANCED = (
    "Assumption 4.1: multi-view samples are balanced, sum_p z_p^q over the patches of a view "
    "having one law for both views of a class, so that either is learned as often"
)
"""Of Theorem 4 alone."""


@dataclass(frozen=True, eq=False)
class Theorem:
    """A theorem: statement, hypotheses, bounds on the test error, coverage at two views.

    `bounds` are the low and high factor of mu in the test error; `coverage_formula` is the formula
    of `mvtheory.coverage`, taking the arguments that the theorem leaves open beside `given`.

    Examples
    --------
    >>> from mvtheory import theorems
    >>> theorems.single_model.error_bounds(single_view_fraction=0.1)
    (0.049, 0.051000000000000004)
    >>> theorems.ensemble.coverage(networks=3)
    0.875
    """

    name: str
    summary: str
    statement: str
    hypotheses: tuple[str, ...]
    bounds: tuple[float, float]
    coverage_formula: Formula
    source: Source
    given: tuple[tuple[str, Any], ...] = (("views", 2),)
    status: str = "proved asymptotically"

    def __repr__(self) -> str:
        low, high = self.bounds
        return (
            f"<Theorem {self.name}: {self.summary}\n"
            f" test error {low:g} mu to {high:g} mu, mu the single_view_fraction; {self.status}; "
            f"{self.source}>"
        )

    def _repr_html_(self) -> str:
        low, high = self.bounds
        rows = [
            ("hypotheses", "; ".join(self.hypotheses)),
            ("test error", f"{low:g} mu to {high:g} mu"),
            ("coverage", f"{self.coverage_formula.symbol} of {self.coverage_formula.name}"),
            ("source", str(self.source)),
            ("status", self.status),
        ]
        return card(f"{self.name}: {self.summary}", [self.statement], rows)

    @property
    def status_text(self) -> str:
        return self.status

    @property
    def domain(self) -> dict[str, Any]:
        return {SINGLE_VIEW_FRACTION.name: SINGLE_VIEW_FRACTION}

    def error_bounds(self, single_view_fraction: Any) -> tuple[Any, Any]:
        """Range of the test error, with a probability that tends to 1 as k grows.

        Parameters
        ----------
        single_view_fraction : float or array in [0, 1]
            mu.

        Returns
        -------
        (low, high) : floats, or arrays of the shape of mu
            Lowest and highest test error, a share of samples.

        Raises
        ------
        ValueError
            If mu is outside [0, 1].
        """
        mu = SINGLE_VIEW_FRACTION.check(single_view_fraction)
        low, high = (factor * mu for factor in self.bounds)
        return (low.item(), high.item()) if mu.ndim == 0 else (low, high)

    def coverage(self, **arguments: Any) -> Any:
        """Coverage implied at two views, by the formula of `mvtheory.coverage`."""
        for name, value in self.given:
            if name in arguments:
                raise ValueError(
                    f"{name}={arguments[name]!r} is not allowed (theorem {self.name}: "
                    f"{name}={value}); drop it, or use mvtheory.coverage."
                    f"{self.coverage_formula.name}"
                )
        return self.coverage_formula(**dict(self.given), **arguments)
