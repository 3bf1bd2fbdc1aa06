"""Eigenvalues of K H beside a law: Kolmogorov distance, moments, and what the law itself shows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.arrays import real, symmetric
from mvtheory.distillation.low_rank import low_rank_eigenvalues
from mvtheory.distillation.matrices import SQUARE
from mvtheory.laws import AbstractLaw, ConfusionLaw, GeneralizedWishart
from mvtheory.laws.free.sums import LevySum
from mvtheory.shapes import ArrayLike, Float, Floats

DRAWS = Argument("draws", "d", "matrices sampled from each law", 0, 1000, integer=True)
MOMENTS = 4


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Eigenvalues beside one law.

    `distance` is the Kolmogorov distance, `sampled_distances` those of matrices of the same size
    sampled from the law's own finite model: a distance among them is what the law allows.
    `observed` and `predicted` are the moments 1 to 4.
    """

    name: str
    law: AbstractLaw
    distance: float
    sampled_distances: tuple[float, ...]
    observed: tuple[float, ...]
    predicted: tuple[float, ...]

    @property
    def variance_ratio(self) -> float:
        """Variance of the eigenvalues over the law's; infinite for a law that is one point."""
        seen, expected = (m[1] - m[0] ** 2 for m in (self.observed, self.predicted))
        return seen / expected if expected > 0 else np.inf

    def __str__(self) -> str:
        level = f", matrices of the law up to {max(self.sampled_distances):.3g}"
        return (
            f"{self.name}: distance {self.distance:.3g}{level if self.sampled_distances else ''}, "
            f"variance {self.variance_ratio:.3g} times the law's"
        )


def h_eigenvalues(matrix: ArrayLike) -> Float[Floats, " eigenvalues"]:
    r"""The K - 1 eigenvalues of K H on the space orthogonal to the all-ones vector, ascending.

    A reflection takes the all-ones vector to the first axis, whose row and column are left out;
    what H does along that vector (its centring) does not matter.

    Parameters
    ----------
    matrix : array_like, shape (K, K)
        H, symmetric up to the rounding of its type, of finite real numbers, K >= 2.

    References
    ----------
    [darkknowledge2021]_, figure 1, for the spectrum of H; what is left out of it: ours.

    Examples
    --------
    >>> print(h_eigenvalues(np.diag([0.3, 0.2, 0.1])).round(6))
    [0.426795 0.773205]
    """
    h = symmetric(matrix, "matrix")
    if len(h) < 2:
        raise ValueError(f"matrix of shape {h.shape} is not allowed (shape (K, K), K >= 2); give "
                         "h_matrix(...)")  # fmt: skip
    classes = len(h)
    v = np.full(classes, classes**-0.5)
    v[0] += 1
    v /= np.linalg.norm(v)
    w = h @ v
    mixed = np.outer(v, w - (v @ w) * v)
    reflected = h - 2 * (mixed + mixed.T)
    return np.linalg.eigvalsh(classes * reflected[1:, 1:])


def kolmogorov_distance(law: AbstractLaw, values: ArrayLike) -> float:
    """Largest distance between the distribution functions; values on atoms are on them.

    Parameters
    ----------
    law : AbstractLaw
    values : array_like, shape (n,)
        Finite real numbers, n >= 1.

    Notes
    -----
    Ours: how far a spectrum is from a law has no number in [darkknowledge2021]_, figure 1.

    Examples
    --------
    >>> from mvtheory.laws import GeneralizedWishart
    >>> law = GeneralizedWishart(aspect_ratio=3, correlation=0.3)
    >>> print(f"{kolmogorov_distance(law, [0, 0.25, 0.5]):.6f}")
    0.338023
    """
    points = checked_eigenvalues(values)
    # Numerical zeros lie beside an atom by the rounding of the eigenvalues.
    spread = float(np.ptp(points)) or 1.0
    for atom in law.atoms:
        points = np.where(np.abs(points - atom) <= 1e-8 * spread, atom, points)
    right = np.searchsorted(points, points, side="right") / points.size
    left = np.searchsorted(points, points, side="left") / points.size
    above = np.abs(right - np.asarray(law.cdf(points)))
    below = np.abs(left - np.asarray(law.cdf(points, side="left")))
    return float(max(above.max(), below.max()))


def compare(
    eigenvalues: ArrayLike,
    laws: Mapping[str, AbstractLaw],
    draws: int = 3,
    rng: np.random.Generator | int | None = 0,
) -> tuple[Comparison, ...]:
    """Each law beside the eigenvalues of K H, with what matrices of the law itself would show.

    Parameters
    ----------
    eigenvalues : array_like, shape (K - 1,)
    laws : mapping of str to law
    draws : int
        Matrices of the same size sampled from each law, with the law of `law.matrix`; 0 for none.
        Each costs as much as the eigenvalues of H. Of n eigenvalues it takes n^2 numbers, which is
        refused beyond n = SQUARE; the generalised Wishart laws of N < n/2 samples, and their sums,
        take 2 N n.
    rng : Generator, int or None
        The generator, or a seed for one.

    References
    ----------
    [darkknowledge2021]_, figure 1, where spectra and laws are compared by eye; distances: ours.

    Examples
    --------
    >>> law = GeneralizedWishart(aspect_ratio=0.2, correlation=0.4, scale=0.7)
    >>> quantiles = law.ppf((np.arange(50) + 0.5) / 50)
    >>> (found,) = compare(quantiles, {"its own": law}, draws=0)
    >>> round(found.distance, 9), found.sampled_distances
    (0.01, ())
    """
    values, generator = checked_eigenvalues(eigenvalues), np.random.default_rng(rng)
    count = int(DRAWS.number(draws))
    return tuple(
        Comparison(
            name=name,
            law=law,
            distance=kolmogorov_distance(law, values),
            sampled_distances=tuple(
                kolmogorov_distance(law, _sampled(law, values.size, generator))
                for _ in range(count)
            ),
            observed=tuple(float(np.mean(values**k)) for k in range(1, MOMENTS + 1)),
            predicted=tuple(law.moment(k) for k in range(1, MOMENTS + 1)),
        )
        for name, law in laws.items()
    )


def checked_eigenvalues(eigenvalues: ArrayLike) -> Float[Floats, " eigenvalues"]:
    """Ascending finite numbers, shape (n,), n >= 1; ValueError otherwise."""
    values = real(eigenvalues, "eigenvalues")
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"eigenvalues of shape {values.shape} are not allowed (finite real numbers, shape "
            "(n,), n >= 1); give h_eigenvalues(h_matrix(...))"
        )
    return np.sort(values)


def _sampled(law: AbstractLaw, size: int, generator: np.random.Generator) -> Floats:
    """Eigenvalues of a matrix of the law's finite model, as many as were observed."""
    factors = _factors(law, size)
    if factors is not None and 2 * sum(m for _, m in factors) < size:
        return _low_rank(factors, size, generator)
    if size > SQUARE:
        raise DRAWS.error(
            "more than 0", f"a matrix of {size} x {size} takes {8 * size**2 / 2**30:.3g} GiB, and "
            "the law's samples do not make it smaller: give draws=0"
        )  # fmt: skip
    if isinstance(law, ConfusionLaw):
        # Its matrix has one class more than there are eigenvalues, and is K times H.
        return h_eigenvalues(law.matrix(size + 1, generator) / (size + 1))
    return np.asarray(np.linalg.eigvalsh(_matrix(law, size, generator)))


def _factors(law: AbstractLaw, n: int) -> list[tuple[GeneralizedWishart, int]] | None:
    """Generalised Wishart laws that the law is the free sum of, with their samples."""
    parts = law.parts if isinstance(law, LevySum) else (law,)
    found = [(part, _samples(part, n)) for part in parts if isinstance(part, GeneralizedWishart)]
    return found if len(found) == len(parts) else None


def _samples(law: GeneralizedWishart, n: int) -> int:
    return max(1, round(n / law.aspect_ratio))


def _shares(law: GeneralizedWishart) -> tuple[float, float]:
    """X and Y of correlation rho are sums and differences of independent ones."""
    rho = law.correlation
    return law.scale * (1 + rho) / 2, -law.scale * (1 - rho) / 2


def _low_rank(
    factors: list[tuple[GeneralizedWishart, int]], n: int, generator: np.random.Generator
) -> Float[Floats, " eigenvalues"]:
    """Eigenvalues of the sum of their matrices, all of n x n, from the samples behind them."""
    weights = [share / m for law, m in factors for share in _shares(law) for _ in range(m)]
    return low_rank_eigenvalues(
        generator.standard_normal((len(weights), n)), np.diag(weights), size=n
    )


def _matrix(
    law: AbstractLaw, n: int, generator: np.random.Generator
) -> Float[Floats, "eigenvalues eigenvalues"]:
    """`law.matrix`, at a cost that does not grow with the samples where that is known."""
    if isinstance(law, LevySum):
        # Wishart matrices are invariant under rotations: independent ones are free.
        return np.asarray(np.sum([_matrix(part, n, generator) for part in law.parts], axis=0))
    if isinstance(law, GeneralizedWishart):
        one, two = (_wishart(n, _samples(law, n), generator) for _ in range(2))
        more, less = _shares(law)
        return more * one + less * two
    return law.matrix(n, generator)


def _wishart(
    n: int, m: int, generator: np.random.Generator
) -> Float[Floats, "eigenvalues eigenvalues"]:
    """X X^T/m of a Gaussian n x m matrix; by the law of its triangular root if m is the larger."""
    root = generator.standard_normal((n, min(n, m)))
    if m >= n:
        root = np.tril(root, -1) + np.diag(np.sqrt(generator.chisquare(m - np.arange(n))))
    return np.asarray(root @ root.T / m)
