"""How many distinct views of one class an ensemble knows: the occupancy law."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import DISTINCT, NETWORKS, VIEWS
from mvtheory.coverage.ensembles import ensemble
from mvtheory.coverage.fluctuation import variance
from mvtheory.coverage.surjections import log_count, log_ratios
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.shapes import ArrayLike, Float, Floats

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_discrete_frozen

NEGLIGIBLE = 700.0
"""A table ends where probabilities are below e^-700 of the largest: 1e-304, taken for 0."""


def _expression(views: Any, networks: Any, distinct: Any) -> Any:
    import sympy

    i = sympy.Symbol("i", integer=True)
    # binom(M, j) j! S2(N, j) / M^N, the Stirling number as an alternating sum
    alternating = sympy.Sum(
        (-1) ** i * sympy.binomial(distinct, i) * ((distinct - i) / views) ** networks,
        (i, 0, distinct),
    )
    impossible = (distinct < 1) | (distinct > views) | (distinct > networks)
    return sympy.Piecewise((0, impossible), (sympy.binomial(views, distinct) * alternating, True))


def _landmarks(name: str, **given: float) -> tuple[float, ...]:
    """Around its one peak: of a sum of geometric waits in N, of binom(M, j) M^-N in M."""
    j, spread = given["distinct"], np.arange(-4, 4.5, 0.5)
    borders = (j - 1, j, j + 1, j + 2)
    if name == "networks":
        views = given["views"]
        if j >= views:
            return borders
        # The wait for the (i+1)-th view is geometric, with mean M/(M - i).
        waits = views / (views - np.arange(j))
        peak, width = waits.sum(), np.sqrt((waits * (waits - 1)).sum()) + waits[-1]
        return (*borders, *(peak + spread * width))
    # From N = j on, with r = N - j repeats: about N^2/2r views, a repeat more or less.
    repeats = max(given["networks"] - j, 1)
    return (*borders, *(given["networks"] ** 2 / (2 * repeats) * np.exp(spread / repeats**0.5)))


distinct_views_pmf = Formula(
    name="distinct_views_pmf",
    summary="Probability that N networks know exactly j distinct views of a class.",
    symbol="P",
    quantity="probability",
    arguments=(VIEWS, NETWORKS, DISTINCT),
    expression=_expression,
    source=Source("johnson1977", "occupancy distributions"),
    status="exact",
    landmarks=_landmarks,
    notes=(
        "Given the lottery model with equally likely views. The whole law, for any number of "
        "views, with cdf, quantiles, mean, var and rvs: `mvtheory.coverage.distinct_views`."
    ),
)


@dataclass(frozen=True, eq=False)
class Table:
    """Probabilities of the counts `low`, `low` + 1, ...: all that are not 0 in doubles.

    P(D = j) = binom(M, j) surjections(N, j) / M^N, so that neighbours have the ratio
    (M - j)/(j + 1) times that of the surjections, and the sum is 1: nothing large comes in.
    """

    low: int
    pmf: Float[Floats, " counts"]
    cdf: Float[Floats, " counts"]
    sf: Float[Floats, " counts"]

    def at(
        self, column: Float[Floats, " counts"], counts: ArrayLike, before: float, after: float
    ) -> Float[Floats, " *further"]:
        """The column at the counts; `before` and `after` it ends."""
        index = np.floor(np.asarray(counts, dtype=float)) - self.low
        inside = np.clip(index, 0, column.size - 1).astype(np.int64)
        ends = np.where(index < 0, before, after)
        return np.where(inside == index, column[inside], ends)


@lru_cache(maxsize=32)
def table(views: int, networks: int) -> Table:
    """The law of the number of distinct views, see `Table`."""
    most = min(views, networks)
    mode = min(max(round(views * ensemble(views=views, networks=networks)), 1), most)
    low, high = (_end(views, networks, mode, border) for border in (1, most))
    j = np.arange(low, high)
    steps = np.log((views - j) / (j + 1)) + log_ratios(networks, low, high)
    # Added up from the mode outwards, for it is there that the digits count.
    down, up = steps[: mode - low], steps[mode - low :]
    logs = np.concatenate([-np.cumsum(down[::-1])[::-1], [0.0], np.cumsum(up)])
    with np.errstate(under="ignore"):
        pmf = np.exp(logs)
        pmf /= pmf.sum()
        below, above = np.cumsum(pmf), np.cumsum(pmf[::-1])[::-1]
        beyond = np.append(above[1:], 0.0)
    # Each from the end that is near, so that small values keep their digits.
    first = below < 0.5
    cdf, sf = np.where(first, below, 1 - beyond), np.where(first, 1 - below, beyond)
    return Table(low, pmf, cdf, sf)


def _end(views: int, networks: int, inside: int, border: int) -> int:
    """The count towards the border, from one inside, where a table may end."""
    from scipy.special import gammaln

    def logs(counts: Float[Floats, " counts"]) -> Float[Floats, " counts"]:
        binomial = -gammaln(counts + 1) - gammaln(views - counts + 1)
        return np.asarray(binomial + log_count(networks, counts))

    least = float(logs(np.array([float(inside)]))[0]) - NEGLIGIBLE
    end = border
    while abs(end - inside) > 1:
        tried = np.unique(np.rint(np.linspace(inside, end, 65)))[:: 1 if end > inside else -1]
        kept = logs(tried) > least
        if kept.all():
            break
        first = int(np.argmin(kept))
        inside, end = int(tried[first - 1]), int(tried[first])
    return end


@cache
def _distribution() -> Any:
    """The family as a scipy distribution; built late, since scipy.stats is slow to import."""
    from scipy.stats import rv_discrete

    def looked_up(
        read: Callable[[Table, Any], Any], at: Any, views: Any, networks: Any
    ) -> NDArray[Any]:
        at, views, networks = np.broadcast_arrays(at, views, networks)
        result = np.empty(at.shape)
        for m, n in {(int(m), int(n)) for m, n in zip(views.flat, networks.flat, strict=True)}:
            own = (views == m) & (networks == n)
            result[own] = read(table(m, n), at[own])
        return result

    class DistinctViews(rv_discrete):  # type: ignore[misc]  # scipy has no types
        def _argcheck(self, views: Any, networks: Any) -> Any:
            return (views >= 1) & (networks >= 1)

        def _get_support(self, views: Any, networks: Any) -> Any:
            return np.minimum(1, views), np.minimum(views, networks)

        def _pmf(self, k: Any, views: Any, networks: Any) -> Any:
            return looked_up(lambda law, j: law.at(law.pmf, j, 0, 0), k, views, networks)

        def _cdf(self, k: Any, views: Any, networks: Any) -> Any:
            return looked_up(lambda law, j: law.at(law.cdf, j, 0, 1), k, views, networks)

        def _sf(self, k: Any, views: Any, networks: Any) -> Any:
            return looked_up(lambda law, j: law.at(law.sf, j, 1, 0), k, views, networks)

        def _ppf(self, q: Any, views: Any, networks: Any) -> Any:
            def least(law: Table, level: Any) -> Any:
                return law.low + np.searchsorted(law.cdf, level)

            return looked_up(least, q, views, networks)

        def _isf(self, q: Any, views: Any, networks: Any) -> Any:
            def least(law: Table, level: Any) -> Any:
                falling = law.sf.size - np.searchsorted(law.sf[::-1], level, side="right")
                return law.low + falling

            return looked_up(least, q, views, networks)

        def _stats(self, views: Any, networks: Any) -> Any:
            m, n = views.astype(np.int64), networks.astype(np.int64)
            mean = m * ensemble(views=m, networks=n)
            # Coverage is D/M, and a single class has K = 1.
            return mean, m**2.0 * variance(views=m, networks=n, classes=1), None, None

        def _rvs(self, views: Any, networks: Any, size: Any, random_state: Any) -> Any:
            law = table(int(views), int(networks))
            drawn = np.searchsorted(law.cdf, random_state.random(size), side="right")
            return law.low + drawn

    return DistinctViews(name="distinct_views", shapes="views, networks")


def distinct_views(views: int, networks: int) -> "rv_discrete_frozen":
    """Law of the number D of distinct views of a class that N networks know.

    Parameters
    ----------
    views, networks : int, >= 1
        M up to 10^12 and N up to 10^6.

    Returns
    -------
    frozen scipy.stats distribution
        With pmf, cdf, sf, ppf, mean, var, std, rvs, support, ...: probabilities to 1e-10 of
        their size, cdf and sf to 1e-12. A table of them is made once, in some milliseconds.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    P(D = j) = S2(N, j) M! / ((M - j)! M^N), S2 the Stirling numbers of the second kind; exact for
    the lottery model with equally likely views. Source: Johnson & Kotz (1977).

    Examples
    --------
    >>> law = distinct_views(views=3, networks=5)
    >>> law.pmf([1, 2, 3])
    array([0.01234568, 0.37037037, 0.61728395])
    >>> round(float(law.mean()), 6)
    2.604938
    >>> many = distinct_views(views=10**6, networks=10**6)
    >>> many.ppf([0.05, 0.95])
    array([631608., 632634.])
    """
    m, n = VIEWS.check(views), NETWORKS.check(networks)
    for argument, value in ((VIEWS, m), (NETWORKS, n)):
        if value.ndim:
            raise argument.error(views if argument is VIEWS else networks, "give one number")
    return _distribution()(views=int(m), networks=int(n))
