"""How many distinct views of one class an ensemble knows: the occupancy law."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mvtheory.arguments import DISTINCT, NETWORKS, VIEWS
from mvtheory.coverage.ensembles import ensemble
from mvtheory.coverage.fluctuation import variance
from mvtheory.formula import Formula
from mvtheory.references import Source

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_discrete_frozen


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


distinct_views_pmf = Formula(
    name="distinct_views_pmf",
    summary="Probability that N networks know exactly j distinct views of a class.",
    symbol="P",
    quantity="probability",
    arguments=(VIEWS, NETWORKS, DISTINCT),
    expression=_expression,
    source=Source("johnson1977", "occupancy distributions"),
    status="exact",
    notes=(
        "Given the lottery model with equally likely views. The whole law, with cdf, mean, var and "
        "rvs: `mvtheory.coverage.distinct_views`."
    ),
)


@cache
def _distribution() -> Any:
    """The family as a scipy distribution; built late, since scipy.stats is slow to import."""
    from scipy.stats import rv_discrete

    class DistinctViews(rv_discrete):
        def _argcheck(self, views: Any, networks: Any) -> Any:
            return (views >= 1) & (networks >= 1)

        def _get_support(self, views: Any, networks: Any) -> Any:
            return np.minimum(1, views), np.minimum(views, networks)

        def _pmf(self, k: Any, views: Any, networks: Any) -> Any:
            k, views, networks = np.broadcast_arrays(k, views, networks)
            return np.array(
                [
                    distinct_views_pmf(views=int(m), networks=int(n), distinct=int(j))
                    for j, m, n in zip(k.flat, views.flat, networks.flat, strict=True)
                ]
            ).reshape(k.shape)

        def _stats(self, views: Any, networks: Any) -> Any:
            m, n = views.astype(np.int64), networks.astype(np.int64)
            mean = m * ensemble(views=m, networks=n)
            # Coverage is D/M, and a single class has K = 1.
            return mean, m**2.0 * variance(views=m, networks=n, classes=1), None, None

        def _rvs(self, views: Any, networks: Any, size: Any, random_state: Any) -> Any:
            # The waits for the next new view are geometric: no table of probabilities is needed.
            waited, distinct = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
            for known in range(min(int(views), int(networks))):
                waited += random_state.geometric(1 - known / views, size=size)
                distinct += waited <= networks
            return distinct

    return DistinctViews(name="distinct_views", shapes="views, networks")


def distinct_views(*, views: int, networks: int) -> "rv_discrete_frozen":
    """Law of the number D of distinct views of a class that N networks know.

    Parameters
    ----------
    views, networks : int, >= 1
        M and N; the smaller of them at most 1000.

    Returns
    -------
    frozen scipy.stats distribution
        With pmf, cdf, sf, ppf, mean, var, std, rvs, support, ...

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
    """
    m, n = VIEWS.check(views), NETWORKS.check(networks)
    for argument, value in ((VIEWS, m), (NETWORKS, n)):
        if value.ndim:
            raise argument.error(views if argument is VIEWS else networks, "give one number")
    if min(m, n) > DISTINCT.high:
        raise ValueError(
            f"views={views}, networks={networks}: the smaller of the two must be at most "
            f"{DISTINCT.high:g}; use ensemble and variance for the mean and the spread"
        )
    return _distribution()(views=int(m), networks=int(n))
