r"""A population of few variances behind a bulk that one variance does not explain.

Of a population H the covariance has z = 1/G + q E[t/(1 - t G)], G the Cauchy transform of its
companion: given G at points around the spectrum, an equation linear in H [elkaroui2008]_. It starts
the fit; the fit itself makes the differences of G least, weighted by the covariance that they have
from sampling [bai2004]_. So its least value is a chi-square that says how well the atoms fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import Argument
from mvtheory.laws import GeneralizedCovariance, TracyWidom
from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum
from mvtheory.multiprecision import NoConvergence
from mvtheory.shapes import Complexes, Float, Floats

ATOMS = Argument("atoms", "K", "variances of a population", 1, 5, integer=True)
POINTS = 6
"""Around the spectrum, above the real line."""
KEPT = 1e-5
"""Of the largest variance of the differences: below it a combination of them is rounding."""
GRID = 60
NEWTON = 60
TURNS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """Variances of a population, by what makes the bulk and the outliers of its covariance.

    Parameters
    ----------
    atoms, weights : ndarray, shape (K,)
        Variances and their shares, ascending.
    outliers : ndarray, shape (k,)
        Population eigenvalues that stand out of the bulk, each of one variable.
    bulk_edge : float
        Upper edge of the bulk.
    next_p_value : float
        Of the largest eigenvalue below the outliers, by Tracy-Widom at that edge.
    p_value : float
        That a population of these atoms makes a spectrum as far off, for normal samples.
    law : GeneralizedCovariance
        Of the bulk.
    """

    atoms: Float[Floats, " atoms"]
    weights: Float[Floats, " atoms"]
    outliers: Float[Floats, " counted"]
    bulk_edge: float
    next_p_value: float
    p_value: float
    law: GeneralizedCovariance


def fit_population(spectrum: MeasuredSpectrum, atoms: int = 2, level: float = 0.05) -> Population:
    """Fit a population of few variances, and count what stands out of its bulk.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Samples known.
    atoms : int
        K, 1 to 5.
    level : float
        Probability of a false outlier, at most: the fit follows the largest eigenvalue.

    Raises
    ------
    ValueError
        For samples that are unknown, or other numbers of atoms.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> rng = np.random.default_rng(1)
    >>> data = rng.normal(size=(1000, 200)) * np.repeat([1, 2], 100)
    >>> found = fit_population(spectrum_of_data(data), atoms=2)
    >>> print(found.atoms.round(1), found.weights.round(1), found.outliers.size)
    [1. 4.] [0.5 0.5] 0
    """
    check_spectrum(spectrum)
    count = int(ATOMS.number(atoms))
    if spectrum.degrees is None:
        raise ValueError(
            f"spectrum of {spectrum.source} with samples=None is not allowed (a population: "
            "samples known); give samples"
        )
    for outliers in range(TURNS):
        fitted = _Fit(spectrum, count, outliers)
        t, w, p_value = fitted.solve()
        edge, width = _edge(t, w, spectrum.dimension / spectrum.degrees, spectrum.degrees)
        following = float(TracyWidom(beta=1).sf((spectrum.eigenvalues[outliers] - edge) / width))
        if following >= level:
            break
    return Population(
        atoms=t,
        weights=w,
        outliers=fitted.spikes,
        bulk_edge=edge,
        next_p_value=following,
        p_value=p_value,
        law=GeneralizedCovariance(
            population=dict(zip(t.tolist(), (w / w.sum()).tolist(), strict=True)),
            aspect_ratio=spectrum.dimension / spectrum.degrees,
        ),
    )


class _Fit:
    """One fit of K atoms beside so many outliers."""

    def __init__(self, spectrum: MeasuredSpectrum, atoms: int, outliers: int) -> None:
        assert spectrum.degrees is not None
        self.atoms, self.n, self.m = atoms, spectrum.dimension, spectrum.degrees
        self.values = spectrum.eigenvalues
        self.spikes = np.array([
            1 / float(self._companion(self.values[j : j + 1], leave_out=j).real[0])
            for j in range(outliers)
        ])  # fmt: skip
        bulk = self.values[outliers:]
        low, high = float(bulk.min()), float(bulk.max())
        middle, half = (low + high) / 2, (high - low) / 2
        angle = np.pi * (np.arange(POINTS) + 0.5) / POINTS
        self.z = middle + half * (1.15 * np.cos(angle) + 0.6j * np.sin(angle))
        self.g = self._companion(self.z)
        self.scale = float(bulk.mean()) * max(1.0, self.m / self.n if self.n > self.m else 1.0)

    def _companion(self, z: NDArray[np.number], leave_out: int | None = None) -> Complexes:
        """G of the companion, whose m eigenvalues are those measured and zeros."""
        values = self.values if leave_out is None else np.delete(self.values, leave_out)
        zeros = self.m - self.values.size
        total = (1 / (z[:, None] - values)).sum(axis=1) + zeros / z
        return np.asarray(total / self.m, dtype=complex)

    def solve(self) -> tuple[Floats, Floats, float]:
        """Atoms and weights ascending, and the p-value."""
        from scipy import optimize, stats

        t, w = self._start()
        if t.size < self.atoms:  # fewer will do: the others start beside
            more = self.atoms - t.size
            t = np.append(t, t[-1] * 1.3 ** np.arange(1, more + 1))
            w = np.append(w * 0.9, np.full(more, 0.1 / more))
        whiten = self._whitening(t, w)

        def residual(x: Floats) -> Floats:
            t, w = self._read(x)
            try:
                return np.asarray(whiten @ self._differences(t, w))
            except NoConvergence:
                return np.full(len(whiten), 1e3)

        x = np.concatenate([np.log(t), np.log(w[1:] / w[0])])
        found = optimize.least_squares(residual, x, x_scale=0.1, max_nfev=200)
        t, w = self._read(found.x)
        order = np.argsort(t)
        freedom = len(whiten) - x.size
        return t[order], w[order], float(stats.chi2.sf(2 * found.cost, freedom))

    def _read(self, x: Floats) -> tuple[Floats, Floats]:
        parts = np.exp(np.concatenate([[0.0], np.clip(x[self.atoms :], -12, 12)]))
        return np.exp(np.clip(x[: self.atoms], -50, 50)), parts / parts.sum()

    def _all(self, t: Floats, w: Floats) -> tuple[Floats, Floats]:
        """The population with its outliers."""
        share = self.spikes.size / self.n
        return (np.append(t, self.spikes),
                np.append(w * (1 - share), np.full(self.spikes.size, 1 / self.n)))  # fmt: skip

    def _start(self) -> tuple[Floats, Floats]:
        """Weights >= 0 on a grid by the linear equation, in at most K groups."""
        from scipy import optimize

        low, high = self.scale / 30, float(self.values[self.spikes.size]) * 1.2
        grid = np.geomspace(low, high, GRID)
        q = self.n / self.m
        share = self.spikes.size / self.n
        known = np.sum(
            (self.spikes / self.n) / (1 - self.spikes * self.g[:, None]), axis=1
        )  # fmt: skip
        goal = (self.z - 1 / self.g) / q - known
        system = (1 - share) * grid / (1 - grid * self.g[:, None])
        stack = np.concatenate([system.real, system.imag, np.full((1, GRID), self.scale * 10)])
        weights, _ = optimize.nnls(
            stack, np.concatenate([goal.real, goal.imag, [self.scale * 10]]), maxiter=50 * GRID
        )
        kept = weights > 1e-4
        t, w = grid[kept], weights[kept] / weights[kept].sum()
        while t.size > self.atoms:
            # The two that are closest, light ones first.
            nearness = np.diff(np.log(t)) * np.minimum(w[1:], w[:-1])
            j = int(np.argmin(nearness))
            both = w[j] + w[j + 1]
            t[j] = (t[j] * w[j] + t[j + 1] * w[j + 1]) / both
            w[j] = both
            t, w = np.delete(t, j + 1), np.delete(w, j + 1)
        return t, w

    def _solution(self, t: Floats, w: Floats) -> Complexes:
        """G of the model at the points, by Newton's method from what was measured."""
        t, w = self._all(t, w)
        q, g = self.n / self.m, self.g.copy()
        for _ in range(NEWTON):
            below = 1 - t * g[:, None]
            error = 1 / g + q * np.sum(w * t / below, axis=1) - self.z
            slope = -1 / g**2 + q * np.sum(w * t**2 / below**2, axis=1)
            step = error / slope
            # Not further than half of the way to where G would leave its half plane.
            step = step * np.minimum(1, 0.5 * np.abs(g.imag) / np.maximum(np.abs(step), 1e-300))
            g = g - step
            if np.abs(step / g).max() < 1e-12:
                return np.asarray(g)
        raise NoConvergence("population: G was not found", float(np.abs(step / g).max()))

    def _differences(self, t: Floats, w: Floats) -> Floats:
        """m (G measured - G of the model), less its mean: real parts, then imaginary ones."""
        g = self._solution(t, w)
        t, w = self._all(t, w)
        q, below = self.n / self.m, 1 - t * g[:, None]
        cube = q * np.sum(w * t**2 / below**3, axis=1) * g**3
        square = 1 - q * np.sum(w * t**2 / below**2, axis=1) * g**2
        off = self.m * (self.g - g) - cube / square**2
        return np.concatenate([off.real, off.imag])

    def _whitening(self, t: Floats, w: Floats) -> Floats:
        """Makes the differences independent and of variance 1; without what is rounding."""
        g = self._solution(t, w)
        t, w = self._all(t, w)
        below = 1 - t * g[:, None]
        slope = 1 / (-1 / g**2 + self.n / self.m * np.sum(w * t**2 / below**2, axis=1))
        # Cov(M(z), M(z')) = 2 (g' g'/(g - g')^2 - 1/(z - z')^2), here of M and its conjugate.
        z, g, slope = (np.concatenate([part, part.conj()]) for part in (self.z, g, slope))
        with np.errstate(divide="ignore", invalid="ignore"):
            both = 2 * (np.outer(slope, slope) / (g[:, None] - g) ** 2
                        - 1 / (z[:, None] - z) ** 2)  # fmt: skip
        np.fill_diagonal(both, 2 * _own(self, t, w, z, g, slope))
        half = POINTS
        turn = np.block([[np.eye(half), np.eye(half)], [-1j * np.eye(half), 1j * np.eye(half)]]) / 2
        covariance = (turn @ both @ turn.T).real
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        kept = values > KEPT * values[-1]
        return np.asarray((vectors[:, kept] / np.sqrt(values[kept])).T)


def _own(
    fit: _Fit, t: Floats, w: Floats, z: Complexes, g: Complexes, slope: Complexes
) -> Complexes:
    """The covariance of M at one point with itself: (S g)/6, with S the Schwarzian derivative."""
    q, below = fit.n / fit.m, 1 - t * g[:, None]
    # Derivatives of z in g, then of g in z.
    second = 2 / g**3 + 2 * q * np.sum(w * t**3 / below**3, axis=1)
    third = -6 / g**4 + 6 * q * np.sum(w * t**4 / below**4, axis=1)
    first = 1 / slope
    two = -second / first**3
    three = (3 * second**2 - first * third) / first**5
    return np.asarray((three / slope - 1.5 * (two / slope) ** 2) / 6)


def _edge(t: Floats, w: Floats, q: float, m: int) -> tuple[float, float]:
    """Upper edge of the bulk, and the scale of the largest eigenvalue [elkaroui2007]_."""
    from scipy import optimize

    top = 1 / float(t.max())

    def slope(c: float) -> float:
        return q * float(np.sum(w * (t * c / (1 - t * c)) ** 2)) - 1

    c = float(optimize.brentq(slope, 1e-9 * top, top * (1 - 1e-12)))
    edge = 1 / c + q * float(np.sum(w * t / (1 - t * c)))
    width = (1 + q * float(np.sum(w * (t * c / (1 - t * c)) ** 3))) ** (1 / 3) / c
    return edge, width * m ** (-2 / 3)
