"""Laws for other libraries: as distributions of scipy.stats, and as reference values in JSON."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.arguments import Argument
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.spectrum import hull
from mvtheory.multiprecision import NoConvergence, context

ORDER = Argument("digits", "k", "digits of reference values", 5, 1000, integer=True)
NEWTON = 40


def scipy_distribution(law: AbstractLaw) -> Any:
    """The law as a distribution of scipy.stats, for its tests, plots and whatever takes one.

    Parameters
    ----------
    law : AbstractLaw
        Any. Point masses are in cdf, ppf, rvs and moments; pdf is that of the continuous part.

    Returns
    -------
    scipy.stats.rv_continuous
        Frozen, without parameters; loc and scale move it as always. `scipy.stats.make_distribution`
        (scipy >= 1.15) makes one of the new kind of it.

    Notes
    -----
    Ours; the values are those of the law.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur
    >>> law = scipy_distribution(MarchenkoPastur(aspect_ratio=0.25, variance=2))
    >>> print(f"{law.moment(2):.6f} {law.sf(3):.6f} {law.expect(lambda x: x**2):.6f}")
    5.000000 0.191227 5.000000
    """
    from scipy import stats

    class Distribution(stats.rv_continuous):  # type: ignore[misc]
        def _pdf(self, x: Any) -> Any:
            return np.asarray(law.pdf(x))

        def _cdf(self, x: Any) -> Any:
            return np.asarray(law.cdf(x))

        def _sf(self, x: Any) -> Any:
            return 1 - np.asarray(law.cdf(x))

        def _ppf(self, q: Any) -> Any:
            return np.asarray(law.ppf(q))

        def _munp(self, n: int) -> float:
            return law.moment(int(n))

        def _stats(self) -> tuple[float, float, None, None]:
            return law.moment(1), law.free_cumulant(2), None, None

        def _rvs(self, size: Any = None, random_state: Any = None) -> Any:
            return np.asarray(law.ppf(random_state.uniform(size=size)))

    low, high = hull(law)
    return Distribution(a=low, b=high, name=type(law).__name__)


def reference_values(law: AbstractLaw, points: ArrayLike, digits: int = 30) -> dict[str, Any]:
    """Density, distribution function and G at points, to so many digits, for the tests of others.

    The equation of the free Levy triplet is solved in digits; the triplet holds the law's
    parameters as the doubles that were given.

    Parameters
    ----------
    law : AbstractLaw
        With a free Levy triplet: `law.levy()` is not None.
    points : array_like, shape (k,)
        Real and finite, not at atoms; each stands for its exact double.
    digits : int
        In [5, 1000].

    Returns
    -------
    dict
        Plain: "law", "origin" and "digits"; "x", "pdf", "cdf", "cauchy_real" and "cauchy_imag"
        with a text for each point. `json.dumps` takes it.

    Raises
    ------
    ValueError
        For other laws, atoms, and points that are no list.

    Notes
    -----
    Ours: the law's own equation, solved in so many digits.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur
    >>> found = reference_values(MarchenkoPastur(aspect_ratio=0.25), [1.0])
    >>> found["pdf"], found["cdf"]
    (['0.616404444061499805564969094343'], ['0.553390081275336099168317741044'])
    """
    import mpmath

    count = int(ORDER.number(digits))
    x = arrays.real(points, "points")
    if x.ndim != 1 or not np.isfinite(x).all() or np.isin(x, law.atoms).any():
        raise ValueError(
            f"points of shape {x.shape} are not allowed (real and finite, shape (k,), none of them "
            "an atom of the law); flatten them, leave the others out"
        )
    if law.levy() is None:
        raise ValueError(
            f"law={law!r} is not allowed (a law with a free Levy triplet: law.levy() is not None); "
            "choose one, such as MarchenkoPastur, GeneralizedWishart or FreeLevy"
        )
    rows = []
    with context(digits=count + 15) as mp:
        triplet = law.levy(mp.mpf)
        assert triplet is not None
        terms = list(zip(triplet.rates, triplet.jumps, strict=True))
        for place in x:
            z = mp.mpf(float(place))
            start = 1 / complex(law.cauchy(float(place)))
            h = mp.mpc(start) if abs(start.imag) > 1e-12 * abs(start) else mp.mpf(start.real)
            change = mp.inf
            for _ in range(NEWTON):
                error = triplet.drift + h + triplet.variance / h - z
                slope = 1 - triplet.variance / h**2
                for c, p in terms:
                    error += c * p * h / (h - p)
                    slope -= c * p**2 / (h - p) ** 2
                step = error / slope
                h, change = h - step, abs(step / h)
                if change < mp.mpf(10) ** -(count + 10):
                    break
            else:
                raise NoConvergence(f"reference values of {law} at {float(place)!r}", float(change))
            g = 1 / h
            # U = log h + v/(2 h^2) - sum c (log h - log(h - p) - p/(h - p)), from above.
            u = mp.log(h) + triplet.variance / (2 * h**2)
            for c, p in terms:
                u -= c * (mp.log(h) - mp.log(h - p) - p / (h - p))
            rows.append((z, -mp.im(g) / mp.pi, 1 - mp.im(u) / mp.pi, mp.re(g), mp.im(g)))
        texts = [[mp.nstr(value, count) for value in row] for row in rows]
    names = ("x", "pdf", "cdf", "cauchy_real", "cauchy_imag")
    return {
        "law": repr(law),
        "origin": f"z(h) of the free Levy triplet inverted by Newton's method with mpmath "
        f"{mpmath.__version__} in {count + 15} digits; G(z) = E[1/(z - X)], from above",
        "digits": count,
    } | {name: [row[k] for row in texts] for k, name in enumerate(names)}
