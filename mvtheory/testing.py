"""Any spectral law, also one written outside of this package, put through its contract."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.laws import AbstractLaw
from mvtheory.laws.contract.cells import ROUNDING, HalfBand, half_bands
from mvtheory.laws.contract.cumulants import moments_from_cumulants
from mvtheory.laws.contract.spectrum import hull
from mvtheory.multiprecision import context
from mvtheory.shapes import Floats

NEAR = 1e-6
"""Of a band's width: so close to an end the density is above 0, however flat it begins."""
ERRORS = 10
"""Multiple of `error_estimate` that a law may be off by."""
DOUBT = 4
"""Multiple of the change between two rules by which the finer one may be off: errors that fall like
n^(-1/3) or faster are below it."""
HALVINGS, PEAKS = 40, 8
"""How often cells of a band are halved about narrow peaks, and about how many of them."""
STEEPEST = 100
"""Of a density x^-a, 1/(1 - a): by it the mass up to x exceeds the density times x."""
KOLMOGOROV = 1.95
"""sqrt(n) times the Kolmogorov distance of n samples is above it once in a thousand."""
STANDARD_ERRORS = 5
"""That a mean of samples may be off by: once in two million."""
BETWEEN = 1e-3
"""Share of samples between bands and atoms, where a quantile that is interpolated may lie."""
ORDERS = (1, 2, 3, 4)
NODES = 16
"""Points of the coarser rule in each cell of a band."""


def check_law(
    law: AbstractLaw,
    *,
    samples: int = 10_000,
    matrix: int = 200,
    rng: np.random.Generator | int = 0,
) -> None:
    r"""Hold everything that a law says of itself against everything else.

    Bands, atoms and masses; the density, integrated, against the distribution function, G and the
    moments; U against G; quantiles against the distribution function; moments against free
    cumulants and the triplet of `levy`, if there is one; R and S against G and each other; affine
    maps; samples and the spectrum of a matrix against the distribution function and the moments.

    Parameters
    ----------
    law : AbstractLaw
        A law of `mvtheory.laws`, or your own subclass. What it says by approximation may be off by
        10 times its `error_estimate`.
    samples : int
        Numbers drawn by `rvs`; 0 for none. They may be 1.95/sqrt(samples) off in the distribution
        function, and 5 standard errors in the moments.
    matrix : int
        Size of the matrix drawn; 0 for none. Its eigenvalues may be 2 log(n)/n off in the
        distribution function, and 5 widths n^(-2/3) beyond the ends of the spectrum.
    rng : Generator or int
        For the samples and the matrix. The same seed by default: a verdict does not change.

    Raises
    ------
    AssertionError
        Naming what disagrees, what was expected and found, and the tolerance.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur
    >>> check_law(MarchenkoPastur(aspect_ratio=0.3, variance=2))
    """
    check = _Check(law)
    check.spectrum()
    check.density()
    check.quantiles()
    check.plane()
    check.cumulants()
    check.transforms()
    check.affine()
    generator = np.random.default_rng(rng)
    if samples:
        check.samples(samples, generator)
    if matrix:
        check.matrix(matrix, generator)


@dataclass
class _Check:
    """One law; its numbers go to `agree`, which refuses."""

    law: AbstractLaw

    def __post_init__(self) -> None:
        self.low, self.high = hull(self.law)
        self.size = max(abs(self.low), abs(self.high))
        self.width = self.high - self.low or self.size or 1.0
        self.slack = ROUNDING + ERRORS * self.law.error_estimate
        # Of G times the width: 1/G is a difference of numbers of the size of the spectrum.
        self.narrow = self.slack * (1 + self.size / self.width)

    def agree(self, what: str, found: Any, expected: Any, tolerance: Any) -> None:
        """AssertionError unless the numbers are within the tolerance, NaN nowhere."""
        far = ~(np.abs(np.subtract(found, expected)) <= tolerance)
        if far.any():
            found, expected, tolerance = (
                np.broadcast_to(part, far.shape)[far].flat[0]
                for part in (found, expected, tolerance)
            )
            raise AssertionError(
                f"{self.law!r}: {what}: expected {expected:.15g}, found {found:.15g}, tolerance "
                f"{tolerance:.3g}"
            )

    def holds(self, what: str, holds: ArrayLike, found: Any) -> None:
        """AssertionError unless true throughout."""
        if not np.all(holds):
            raise AssertionError(f"{self.law!r}: expected {what}, found {found}")

    def spectrum(self) -> None:
        """Bands and atoms ascend, masses are masses, and nothing lies beyond."""
        law, (low, high), width = self.law, (self.low, self.high), self.width
        ends = np.array(law.support).reshape(-1, 2)
        self.holds("finite bands from low to high", np.isfinite(ends).all(), law.support)
        self.holds("bands with low < high", ends[:, 0] < ends[:, 1], law.support)
        self.holds("ascending bands", ends[1:, 0] >= ends[:-1, 1], law.support)
        self.holds("ascending atoms", np.diff(law.atoms) > 0, law.atoms)
        self.holds("a mass for each atom", law.atoms.shape == law.weights.shape, law.weights)
        self.holds("masses > 0", law.weights > 0, law.weights)
        self.holds("masses of sum 1 at most", law.weights.sum() <= 1 + ROUNDING, law.weights)
        self.agree("mass below the spectrum", law.cdf([low - width, -np.inf]), 0, ROUNDING)
        self.agree("mass before its first point", law.cdf(low, side="left"), 0, self.slack)
        self.agree("mass up to its end", law.cdf([high, high + width, np.inf]), 1, self.slack)
        self.agree("density off the support", law.pdf([low - width, high + width]), 0, 0)
        jump = law.cdf(law.atoms) - law.cdf(law.atoms, side="left")
        self.agree("step of the distribution function at an atom", jump, law.weights, self.slack)
        # i h G(a + ih) tends to the mass of a like a power of h.
        near = [1j * h * law.cauchy(law.atoms + 1j * h) for h in width * np.array([1e-5, 1e-7])]
        doubt = ROUNDING + DOUBT * np.abs(near[1] - near[0])
        self.agree("mass of an atom by G beside it", near[1].real, law.weights, doubt)

    def density(self) -> None:
        """Integrated over cells of each band: masses, then G and moments of the whole."""
        law, size = self.law, self.size or 1
        z = (self.low + self.high) / 2 + self.width * np.array([1j, 0.7 + 0.8j])
        functions: list[Any] = [lambda x, n=n: (x / size) ** n for n in ORDERS]
        functions += [lambda x, p=p: self.width / (p - x) for p in z]
        totals = np.array([law.weights @ f(law.atoms) for f in functions], dtype=np.complex128)
        doubts = np.full(totals.shape, self.slack)
        for part in half_bands(law):
            found, doubt = self._integrals(part, functions)
            totals, doubts = totals + found, doubts + doubt
        count = len(ORDERS)
        for n, found, doubt in zip(ORDERS, totals.real, doubts, strict=False):
            expected = law.moment(n) / size**n
            self.agree(f"moment {n} over the size, by the density", found, expected, doubt)
        expected = self.width * law.cauchy(z)
        doubt = doubts[count:] + self.narrow
        self.agree("G times the width, by the density", totals[count:], expected, doubt)

    def _integrals(self, part: HalfBand, functions: list[Any]) -> tuple[Any, Any]:
        """The masses of the cells; means of functions, and how far they may be off."""
        law, left = self.law, part.left
        (x, weight), (x_fine, weight_fine) = part.rule(NODES), part.rule(2 * NODES)
        density = law.pdf(x_fine)
        peak = density.max(axis=1)
        self.holds("densities >= 0", density >= 0, density.min())
        self.holds("density in every part of a band", peak > 0, peak)
        # An end set too far out has cells without mass, which `part` leaves out.
        near = max(NEAR, law.error_estimate) * abs(part.width)
        near = min(max(near, 8 * np.spacing(abs(part.end))), abs(part.width) / 2)
        just_inside = law.pdf(part.end + np.copysign(near, part.width))
        self.holds("density up to each end of a band", just_inside > 0, part.end)
        way = np.abs(part.ends[0] - part.end)
        most = STEEPEST * law.pdf(part.ends[0]) * way + self.slack
        self.agree("mass at the end of a band, over its density", left, 0, most)
        mass, fine = weight * law.pdf(x), weight_fine * density
        change = np.abs(fine.sum(axis=1) - mass.sum(axis=1))
        # A rounding of x moves masses by the density.
        moved = 8 * np.spacing(np.abs(part.ends).max()) * peak
        doubt = self.slack + DOUBT * change + moved
        found = fine.sum(axis=1)
        # Beside a narrow peak two rules may agree by chance.
        for cell in np.flatnonzero(np.abs(found - part.masses) > doubt):
            exact = self._halved(*np.sort(part.ends[cell : cell + 2]))
            if exact is not None:
                change[cell] = max(change[cell], abs(exact - found[cell]))
                found[cell], doubt[cell] = exact, HALVINGS * (self.slack + moved[cell])
        self.agree("mass of a part of a band, by the density", found, part.masses, doubt)
        first = np.array([np.sum(mass * f(x), axis=1) for f in functions])
        values = np.array([f(x_fine) for f in functions])
        second = np.sum(fine * values, axis=2)
        rest = left * np.array([f(part.end) for f in functions])
        # They may agree on one function, and both be off as on masses.
        change = np.maximum(np.abs(second - first), change * np.abs(values).max(axis=2))
        far = DOUBT * change.sum(axis=1) + moved.sum() + left * way / self.width
        return second.sum(axis=1) + rest, far

    def _halved(self, low: float, high: float) -> float | None:
        """The mass between two points by the density, cells halved until it is that of the
        distribution function in each; None if it does not come to that."""
        law, total = self.law, 0.0
        nodes, shares = np.polynomial.legendre.leggauss(2 * NODES)
        cells = np.array([[low, high]])
        for _ in range(HALVINGS):
            half = np.diff(cells) / 2
            density = law.pdf(cells[:, :1] + half * (1 + nodes))
            found = (density @ shares) * half[:, 0]
            within = (law.atoms > cells[:, :1]) & (law.atoms < cells[:, 1:])
            mass = law.cdf(cells[:, 1], side="left") - law.cdf(cells[:, 0]) - within @ law.weights
            moved = 8 * np.spacing(np.abs(cells).max()) * density.max(axis=1)
            off = np.abs(found - mass) > self.slack + moved
            total += float(found[~off].sum())
            if not off.any():
                return total
            if off.sum() > PEAKS:
                return None
            middle = cells[off, :1] + half[off]
            cells = np.concatenate([
                np.hstack([cells[off, :1], middle]), np.hstack([middle, cells[off, 1:]])
            ])  # fmt: skip
        return None

    def quantiles(self) -> None:
        """ppf inverts cdf, at atoms and gaps too."""
        law = self.law
        p = np.concatenate([[0, 1e-6], (np.arange(32) + 0.5) / 32, [1 - 1e-6, 1]])
        x = law.ppf(p)
        self.holds("quantiles that do not fall", np.diff(x) >= 0, x)
        # A rounding of x moves the distribution function by the density.
        moved = self.slack + 2 * np.spacing(np.abs(x)) * np.minimum(law.pdf(x), 1e300)
        lower, upper = law.cdf(x, side="left"), law.cdf(x)
        self.agree("distribution function below a quantile", np.maximum(lower, p), p, moved)
        self.agree("distribution function at a quantile", np.minimum(upper, p), p, moved)

    def plane(self) -> None:
        """G maps the upper half plane down, and U is its primitive."""
        law, middle = self.law, (self.low + self.high) / 2
        path = middle + self.width * np.array([-1.3 + 0.9j, 0.2 + 0.6j, 1.1 + 1.2j])
        g = law.cauchy(path)
        self.holds("Im G < 0 above the real line", g.imag < 0, g)
        self.agree("G at the conjugate point", law.cauchy(path.conj()), g.conj(), 0)
        # Far away both are those of mean and variance alone, but for the distance to the third.
        far = middle + 1e3j * self.width
        from_mean, g, about = far - law.moment(1), law.cauchy(far), law.potential(far)
        bend, doubt = law.free_cumulant(2) / from_mean**2, 20 * self.narrow + 1e-9
        self.agree("G far from the spectrum", from_mean * g, 1 + bend, doubt)
        self.agree("U far from the spectrum", about, np.log(from_mean) - bend / 2, doubt)
        nodes, shares = np.polynomial.legendre.leggauss(40)
        for start, end in itertools.pairwise(path):
            points = (start + end) / 2 + (end - start) / 2 * nodes
            grown = (end - start) / 2 * (shares @ law.cauchy(points))
            change = law.potential(end) - law.potential(start)
            # U itself may be large.
            size = 1 + abs(law.potential(start))
            self.agree("change of U, by the integral of G", grown, change, size * self.narrow)

    def cumulants(self) -> None:
        """Moments, free cumulants and the free Levy triplet."""
        law = self.law
        kappa = [law.free_cumulant(n) for n in ORDERS]
        # Non-crossing partitions: up to 4^n terms, each at most of the size of (4 size)^n.
        doubt = [1e-3 * self.slack * (4 * self.size) ** n for n in ORDERS]
        found = moments_from_cumulants(kappa)
        self.agree("moment, by the free cumulants", found, [law.moment(n) for n in ORDERS], doubt)
        spread = law.moment(2) - law.moment(1) ** 2
        self.agree("mean, by the first moment", law.mean, law.moment(1), doubt[0])
        self.agree("var, by two moments", [law.var, law.std**2], [spread, spread], doubt[1])
        triplet = law.levy()
        if triplet is None:
            return
        found = [triplet.cumulant(n) for n in ORDERS]
        self.agree("free cumulant, by the triplet of levy", found, kappa, doubt)
        z = (self.low + self.high) / 2 + self.width * np.array([0.3 + 1j, -0.8 + 0.4j])
        g = law.cauchy(z)
        inverse = triplet.r_transform(g) + 1 / g
        far = self.slack * (self.size + self.width + np.abs(z))
        self.agree("z at G(z), by the triplet of levy", inverse, z, far)
        with context(digits=30) as mp:
            exact = law.levy(mp.mpf)
            assert exact is not None
            for name in ("drift", "variance", "rates", "jumps"):
                sharp, plain = (np.atleast_1d(getattr(t, name)) for t in (exact, triplet))
                rounding = ROUNDING * np.abs(plain)
                self.agree(f"{name} of levy in 30 digits", sharp.astype(float), plain, rounding)

    def transforms(self) -> None:
        """R inverts G beyond the spectrum, and S is z at y = z G(z) - 1, over y/(1 + y)."""
        law = self.law
        away = self.width * np.array([0.3, 1, 4])
        x = np.concatenate([self.high + away, self.low - away])
        g = law.cauchy(x).real
        size = np.maximum(np.abs(x), 1 / np.abs(g))
        self.agree("R at G(x)", law.r_transform(g), x - 1 / g, 10 * self.slack * size)
        mean, square = law.moment(1), law.moment(2)
        if abs(mean) <= ROUNDING * self.size:
            return
        # On the side of the mean psi rises as at 0; on the other, as far as its second derivative
        # leaves half of the slope.
        far = max(32 * square / abs(mean), 2 * self.size)
        x = np.copysign(np.array([self.size + self.width, 3 * self.size, -far]), mean)
        y = x * law.cauchy(x).real - 1
        found = law.s_transform(y)
        relative = 10 * self.slack * (1 + 1 / np.abs(y))
        expected = (1 + y) / (x * y)
        self.agree("S at x G(x) - 1", found, expected, relative * np.abs(expected))
        r = law.r_transform((1 + y) / x)
        self.agree("1/R where S is taken", 1 / r, expected, relative * np.abs(expected))

    def affine(self) -> None:
        """Scaled, reflected and shifted."""
        law, scale, shift = self.law, -2.0, 0.3 * self.width
        image = scale * law + shift
        z = (self.low + self.high) / 2 + self.width * np.array([0.4 + 0.5j, -1.5 + 1j])
        found = image.cauchy(scale * z + shift) * scale * self.width
        self.agree("G of an affine map", found, law.cauchy(z) * self.width, 10 * self.slack)
        x = law.ppf([0.2, 0.7])
        point = scale * x + shift
        # An atom's image is where the other law has it: its rounding may be another.
        for at in image.atoms:
            point[np.abs(point - at) <= 8 * np.spacing(self.size + self.width)] = at
        beside = image.cdf(point), image.cdf(point, side="left")
        expected = 1 - law.cdf(x, side="left"), 1 - law.cdf(x)
        moved = self.slack + 4 * np.spacing(self.size) * np.minimum(law.pdf(x), 1e300)
        self.agree("distribution function of an affine map", beside, expected, moved)

    def samples(self, count: int, generator: np.random.Generator) -> None:
        """Numbers drawn against the distribution function, the atoms and the moments."""
        law = self.law
        values = np.asarray(law.rvs(count, generator))
        self.holds(f"{count} samples", values.shape == (count,), values.shape)
        distance = self._distance(values, 0.0)
        self.agree("Kolmogorov distance of samples", distance, 0, KOLMOGOROV / np.sqrt(count))
        for atom, weight in zip(law.atoms, law.weights, strict=True):
            error = np.sqrt(max(weight * (1 - weight), 0) / count)
            share = np.mean(values == atom)
            # Bernstein's inequality: one that is hardly ever drawn is no normal variable.
            doubt = STANDARD_ERRORS * error + STANDARD_ERRORS**2 / (3 * count)
            self.agree("share of samples at an atom", share, weight, doubt)
        inside = np.isin(values, law.atoms)
        for low, high in law.support:
            inside |= (values >= low) & (values <= high)
        self.agree("share of samples in bands and at atoms", np.mean(inside), 1, BETWEEN)
        for n in (1, 2, 3):
            spread = max(law.moment(2 * n) - law.moment(n) ** 2, 0) / count
            doubt = STANDARD_ERRORS * np.sqrt(spread) + self.slack * self.size**n
            self.agree(f"moment {n} of samples", np.mean(values**n), law.moment(n), doubt)

    def matrix(self, n: int, generator: np.random.Generator) -> None:
        """A matrix is Hermitian, and its spectrum that of the law."""
        found = self.law.matrix(n, generator)
        self.holds(f"a matrix {n} x {n}", found.shape == (n, n), found.shape)
        largest = np.abs(found).max()
        self.agree("the adjoint matrix", found, found.conj().T, ROUNDING * largest)
        values: Floats = np.asarray(np.linalg.eigvalsh(found), dtype=float)
        # Eigenvalues repel: each is about log(n)/n from its quantile. The size of the model is
        # rounded, and real entries cost as much again.
        distance = self._distance(values, 1e-9 * np.abs(values).max())
        self.agree("Kolmogorov distance of a matrix", distance, 0, 2 * np.log(n) / n)
        beyond = max(self.low - values.min(), values.max() - self.high, 0)
        self.agree("eigenvalues beyond the ends", beyond, 0, 5 * n ** (-2 / 3) * self.width)

    def _distance(self, values: Floats, slack: float) -> float:
        """Kolmogorov distance; atoms are as wide as `slack`, the rounding of a matrix."""
        values = np.sort(values)
        share = np.arange(values.size + 1) / values.size
        above = share[1:] - self.law.cdf(values + slack)
        below = self.law.cdf(values - slack, side="left") - share[:-1]
        return float(max(above.max(), below.max()))
