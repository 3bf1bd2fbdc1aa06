"""Eigenvalues of random matrices of any beta, drawn from matrices of few entries.

Tridiagonal and bidiagonal models have the joint law of the eigenvalues of the dense matrices at
beta = 1, 2 and 4 and of the log gases of every other beta > 0.
"""

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.finite_ensembles import OTHER_SAMPLES, SAMPLES

DIMENSION = Argument("size", "n", "dimension of the matrix", 1, 1e6, integer=True)
BETA = Argument("beta", "beta", "1 real, 2 complex, 4 quaternion", 1e-6, 1e6)


def gaussian_eigenvalues(
    size: int,
    beta: float = 2.0,
    variance: float = 1.0,
    rng: np.random.Generator | int | None = None,
) -> Floats:
    """Eigenvalues of one n x n matrix of the Gaussian ensembles: GOE, GUE, GSE, any beta.

    Parameters
    ----------
    size : int
        n.
    beta : float
        1, 2, 4 or any other number > 0.
    variance : float
        v > 0: the limit is `Semicircle(variance=v)`, whatever beta.
    rng : Generator or int

    Returns
    -------
    ndarray, shape (n,)
        Ascending.

    References
    ----------
    [dumitriu2002]_.

    Examples
    --------
    >>> gaussian_eigenvalues(4000, beta=4, variance=2.25, rng=1)[[0, -1]].round(1)
    array([-3.,  3.])
    """
    n, b = int(DIMENSION.number(size)), float(BETA.number(beta))
    v = float(parameters.VARIANCE.number(variance))
    generator = np.random.default_rng(rng)
    diagonal = generator.normal(0, np.sqrt(2 / b), n)
    beside = np.sqrt(generator.chisquare(b * np.arange(n - 1, 0, -1)) / b)
    return _tridiagonal(diagonal, beside) * np.sqrt(v / n)


def laguerre_eigenvalues(
    size: int,
    samples: int,
    beta: float = 2.0,
    variance: float = 1.0,
    rng: np.random.Generator | int | None = None,
) -> Floats:
    """Eigenvalues of one Wishart matrix X X*/m, X n x m of entries of variance v, any beta.

    Parameters
    ----------
    size, samples : int
        n and m; for m < n the first n - m eigenvalues are 0.
    beta : float
        1, 2, 4 or any other number > 0.
    variance : float
        v > 0: the limit is `MarchenkoPastur(aspect_ratio=n/m, variance=v)`.
    rng : Generator or int

    Returns
    -------
    ndarray, shape (n,)
        Ascending.

    References
    ----------
    [dumitriu2002]_.

    Examples
    --------
    >>> laguerre_eigenvalues(3000, 12000, variance=2, rng=1)[[0, -1]].round(1)
    array([0.5, 4.5])
    """
    n, b = int(DIMENSION.number(size)), float(BETA.number(beta))
    m, v = int(SAMPLES.number(samples)), float(parameters.VARIANCE.number(variance))
    generator = np.random.default_rng(rng)
    rank, other = min(n, m), max(n, m)
    diagonal = np.sqrt(generator.chisquare(b * np.arange(other, other - rank, -1)))
    beside = np.sqrt(generator.chisquare(b * np.arange(rank - 1, 0, -1)))
    values = _squares(diagonal, beside) * v / (b * m)
    return np.concatenate([np.zeros(n - rank), values])


def jacobi_eigenvalues(
    size: int,
    samples: int,
    other_samples: int,
    beta: float = 2.0,
    rng: np.random.Generator | int | None = None,
) -> Floats:
    """Eigenvalues of one A (A + B)^(-1), A and B Wishart of m and m' >= n samples, any beta.

    Parameters
    ----------
    size : int
        n.
    samples, other_samples : int
        m and m', both >= n. The limit is `Wachter`.
    beta : float
        1, 2, 4 or any other number > 0.
    rng : Generator or int

    Returns
    -------
    ndarray, shape (n,)
        Ascending.

    References
    ----------
    [edelman2008]_.

    Examples
    --------
    >>> bool(0 < jacobi_eigenvalues(5, 8, 6, beta=1, rng=1)[0] < 1)
    True
    """
    n, b = int(DIMENSION.number(size)), float(BETA.number(beta))
    m, other = int(SAMPLES.number(samples)), int(OTHER_SAMPLES.number(other_samples))
    for argument, count in ((SAMPLES, m), (OTHER_SAMPLES, other)):
        if count < n:
            raise argument.error(count, f"give as many as the size={n} at least")
    generator = np.random.default_rng(rng)
    k = np.arange(n, 0, -1)
    outer = generator.beta(b / 2 * (m - n + k), b / 2 * (other - n + k))
    k = k[1:]
    inner = generator.beta(b / 2 * k, b / 2 * (m + other - 2 * n + 1 + k))
    diagonal = np.sqrt(outer) * np.sqrt(np.append(1.0, 1 - inner))
    beside = np.sqrt((1 - outer[:-1]) * inner)
    return np.clip(_squares(diagonal, beside, upper=True), 0, 1)


def circular_eigenvalues(
    size: int, beta: float = 2.0, rng: np.random.Generator | int | None = None
) -> Complexes:
    """Eigenvalues of one unitary matrix of the circular ensembles: COE, CUE, CSE, any beta.

    Parameters
    ----------
    size : int
        n.
    beta : float
        1, 2, 4 or any other number > 0.
    rng : Generator or int

    Returns
    -------
    ndarray, shape (n,)
        Complex, on the unit circle, by their angle from -pi.

    References
    ----------
    [killip2004]_.

    Examples
    --------
    >>> abs(circular_eigenvalues(6, beta=4, rng=1)).round(12)
    array([1., 1., 1., 1., 1., 1.])
    """
    n, b = int(DIMENSION.number(size)), float(BETA.number(beta))
    generator = np.random.default_rng(rng)
    rest = b / 2 * np.arange(n - 1, 0, -1)
    sizes = np.append(np.sqrt(generator.beta(1, rest)), 1.0)
    a = sizes * np.exp(2j * np.pi * generator.random(n))
    rho = np.sqrt(np.maximum(1 - sizes**2, 0))
    first, second = np.eye(n, dtype=complex), np.eye(n, dtype=complex)
    for k in range(n):
        block = np.array([[a[k].conjugate(), rho[k]], [rho[k], -a[k]]])
        part = slice(k, k + 2)
        factor = second if k % 2 else first
        factor[part, part] = block[: n - k, : n - k]
    values = np.linalg.eigvals(first @ second)
    values = values / np.abs(values)
    return values[np.argsort(np.angle(values))]


def _tridiagonal(diagonal: Floats, beside: Floats) -> Floats:
    from scipy.linalg import eigvalsh_tridiagonal

    return np.asarray(eigvalsh_tridiagonal(diagonal, beside), dtype=float)


def _squares(diagonal: Floats, beside: Floats, upper: bool = False) -> Floats:
    """Eigenvalues of B B^T, B bidiagonal."""
    total = diagonal**2
    if upper:
        total[:-1] += beside**2
        return np.maximum(_tridiagonal(total, beside * diagonal[1:]), 0)
    total[1:] += beside**2
    return np.maximum(_tridiagonal(total, beside * diagonal[:-1]), 0)
