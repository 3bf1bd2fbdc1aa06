"""Bands of free sums and products: none too many, none missed, and errors that are noticed."""

from functools import cache

import numpy as np
import pytest

from mvtheory.laws import Discrete, MarchenkoPastur, free_add, free_multiply

# The oracle ends where the self-map moves by less than SETTLED.
SETTLED = 1e-12


class Oracle:
    """G of a free sum or product of discrete laws at z = x + ih, by iteration from anywhere above
    the line: the self-map of the upper half-plane whose fixed point is the first law's point
    [belinschi2007]_. Slow beside edges, where nothing is asked of it."""

    def __init__(self, operation, a, b):
        self.product = operation is free_multiply
        self.a, self.b = a, b

    def other(self, law, w, z):
        """The second law's point from the first's, and the other way round."""
        g = (law.weights / (w[:, None] - law.atoms)).sum(axis=1)
        # z K/w = z G/(w G - 1), or z + F - w.
        return z * g / (w * g - 1) if self.product else z + 1 / g - w

    def density(self, x, height):
        z = np.asarray(x) + 1j * np.asarray(height)
        w = z.real + 1j * np.ptp(self.a.atoms)
        for _ in range(40_000):
            new = self.other(self.b, self.other(self.a, w, z), z)
            moved = np.abs(new - w) / np.abs(new)
            # The mean of both is a self-map too, with the same fixed point; it does not turn.
            w = (w + new) / 2
            if moved.max() < SETTLED:
                break
        assert moved.max() < 1e-8, (x, moved)
        assert (w.imag > 0).all()
        g = (self.a.weights / (w[:, None] - self.a.atoms)).sum(axis=1)
        return -(w * g / z if self.product else g).imag / np.pi


# Atoms and weights; what went wrong with them.
PAIRS = {
    "noise beside an atom, product": (
        free_multiply,
        ([-2.7, 2.3, 2.4], [0.4, 0.53, 0.07]), ([0.8, 2.5], [0.15, 0.85]),
    ),
    "long way to an edge": (
        free_multiply,
        ([-1.8, -1.2, 0.5, 1], [0.02, 0.24, 0.57, 0.17]), ([1.5, 3.8], [0.88, 0.12]),
    ),
    "gap between steep edges": (
        free_add, ([-0.3, 1.8], [0.19, 0.81]), ([2.2, 3.2, 3.3], [0.15, 0.8, 0.05]),
    ),
    "narrow band between two points": (
        free_multiply,
        ([-2, -1.2, 0.1, 2.5], [0.39, 0.36, 0.03, 0.22]), ([1.5, 1.9], [0.29, 0.71]),
    ),
    "seven bands": (
        free_multiply,
        ([-2.9, -2.5, 2.3], [0.89, 0.08, 0.03]), ([0.3, 1.2, 1.6, 3.9], [0.43, 0.31, 0.05, 0.21]),
    ),
    "narrow gap of an atom": (
        free_add, ([-1, 0.3, 1], [0.5005, 0.2995, 0.2]), ([0, 1, 2.5], [0.1, 0.5005, 0.3995]),
    ),
    "negative, zeros": (
        free_multiply,
        ([-3, -1, 0, 2], [0.2, 0.3, 0.3, 0.2]), ([0, 1, 4], [0.15, 0.5, 0.35]),
    ),
}  # fmt: skip
each = pytest.mark.parametrize("name", PAIRS)


@cache
def setting(name):
    operation, *laws = PAIRS[name]
    a, b = (Discrete(atoms=atoms, weights=weights) for atoms, weights in laws)
    return operation(a, b), Oracle(operation, a, b)


@each
def test_density_in_bands_and_none_in_gaps(name):
    law, oracle = setting(name)
    bands = np.array(law.support)
    shares = np.array([0.25, 0.5, 0.75])
    width = bands.max() - bands.min()
    inside = (bands[:, :1] + np.diff(bands) * shares).ravel()
    # The height is a share of the band, so that the density changes by as much.
    height = np.repeat(1e-7 * np.diff(bands).ravel(), shares.size)
    np.testing.assert_allclose(law.pdf(inside), oracle.density(inside, height), rtol=1e-5)
    ends = np.sort(np.concatenate([bands.ravel(), law.atoms, law.atoms]))
    gaps = ends[1:-1].reshape(-1, 2)
    gaps = gaps[gaps[:, 1] - gaps[:, 0] > 1e-5 * width]
    outside = (gaps[:, :1] + np.diff(gaps) * shares).ravel()
    away = np.min(np.abs(outside[:, None] - ends), axis=1)
    # At height h a gap has at most the density h/(pi d^2), d the distance of all mass.
    height = 1e-5 * away
    assert (oracle.density(outside, height) <= height / (np.pi * away**2)).all()
    assert (law.pdf(outside) == 0).all()


@each
def test_masses_and_moments(name):
    law, oracle = setting(name)
    a, b = oracle.a, oracle.b
    assert law._plateaus[-1] == pytest.approx(1 - law.weights.sum(), abs=1e-12)
    assert (np.diff(law._plateaus) > 1e-6).all()
    a1, a2, b1, b2 = a.moment(1), a.moment(2), b.moment(1), b.moment(2)
    if oracle.product:
        exact = a1 * b1, a2 * b1**2 + a1**2 * (b2 - b1**2)
    else:
        exact = a1 + b1, a2 + b2 + 2 * a1 * b1
    # Drawn by 2000 points an end at equal angles: 1e-6 where a density is infinite.
    angle = (np.arange(2000) + 0.5) * np.pi / 2000
    for n, value in enumerate(exact, start=1):
        total = law.weights @ law.atoms**n
        for low, high in law.support:
            x = low + (high - low) * np.sin(angle / 2) ** 2
            total += law.pdf(x) @ (x**n * np.sin(angle)) * (high - low) / 2 * np.pi / 2000
        assert total == pytest.approx(value, abs=1e-5 * np.abs(law.support).max() ** n)


@each
def test_the_estimate_is_small_where_the_law_is_right(name):
    law, _ = setting(name)
    # Points where an edge is tried end at 1e-12, in steps of 100.
    assert law.error_estimate <= 1e-8


def copy_of(name, support):
    """The law with another support, as if its search had gone wrong."""
    operation, *laws = PAIRS[name]
    law = operation(*(Discrete(atoms=atoms, weights=weights) for atoms, weights in laws))
    law.__dict__["support"] = support
    return law


@pytest.mark.parametrize("name", ["noise beside an atom, product", "gap between steep edges"])
@pytest.mark.parametrize("wrong", ["moved", "added", "dropped", "joined"])
def test_the_estimate_sees_a_wrong_support(name, wrong):
    bands = list(setting(name)[0].support)
    width = bands[-1][1] - bands[0][0]
    low, high = bands[0]
    if wrong == "moved":
        # By a hundredth of the band, so by so much of the width.
        least = 1e-2 * (high - low) / width
        bands[0] = low, high - 1e-2 * (high - low)
    elif wrong == "added":
        least = 1e-6
        bands = [(low - 2e-3 * width, low - 1e-3 * width), *bands]
    elif wrong == "dropped":
        least = 1e-3
        bands = bands[1:]
    else:
        least = 1e-6
        bands = [(low, bands[1][1]), *bands[2:]]
    assert copy_of(name, tuple(bands)).error_estimate >= least


def test_continuous_parts():
    # Two populations far apart and a narrow Marchenko-Pastur law: bands about 0 + 1 and 9 + 1.
    law = free_add(Discrete(atoms=[0, 4, 9], weights=[0.3, 0.3, 0.4]),
                   MarchenkoPastur(aspect_ratio=0.02))  # fmt: skip
    assert len(law.support) == 3
    np.testing.assert_allclose(law._plateaus, [0, 0.3, 0.6, 1], atol=1e-12)
    assert law.error_estimate <= 1e-8


def test_a_band_with_infinite_density_begins_at_its_atom():
    """Of two laws with half of their mass at 0 the product has density x^(-1/2) up to there."""
    bit = Discrete(atoms=[0, 1], weights=[0.5, 0.5])
    law = free_multiply(bit, Discrete(atoms=[0, 1, 2], weights=[0.5, 0.25, 0.25]))
    assert law.support[0][0] == 0
    x = np.array([1e-12, 1e-10, 1e-8])
    np.testing.assert_allclose((law.cdf(x) - 0.5) / (2 * x * law.pdf(x)), 1, rtol=1e-3)
