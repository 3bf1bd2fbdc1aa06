"""Bands of sums from the real line, against those that are searched from above it."""

import numpy as np
import pytest

from mvtheory.laws import Discrete, Empirical, FreeLevy, MarchenkoPastur, Semicircle, free_add
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.solvers import real_gaps
from mvtheory.laws.solvers.band_search import BandSearch
from mvtheory.laws.solvers.free_sum import FreeSum
from mvtheory.laws.solvers.real_points import Points

NONE = Levy()
COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
SKEW = Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25])
WIDE = Discrete(atoms=[0, 1, 3], weights=[0.3, 0.4, 0.3])


def found(*terms, levy=NONE):
    points = [Points(law, n) for law, n in terms]
    return real_gaps.bands(points, levy)


def searched(*terms):
    return BandSearch.support.func(FreeSum(terms=terms))


def drawn(rng):
    size = rng.integers(2, 5)
    atoms = rng.choice(np.arange(-20, 21), size, replace=False) / 4
    weights = rng.integers(1, 7, size)
    law = Discrete(atoms=atoms, weights=weights / weights.sum())
    return law, float(rng.choice([1, 1, 1.5, 2.7]))


SMOOTH = (
    None,
    MarchenkoPastur(aspect_ratio=0.5),
    MarchenkoPastur(aspect_ratio=4, variance=0.1),
    Semicircle(variance=0.05),
    FreeLevy(drift=1, variance=0.05, rates=(0.5, 0.3), jumps=(1, -2)),
)


@pytest.mark.parametrize("seed", range(15))
def test_drawn_sums_have_the_bands_that_are_searched(seed):
    """Atoms and infinite densities at ends among them: weights are in small whole shares."""
    rng = np.random.default_rng(seed)
    terms = [drawn(rng) for _ in range(rng.integers(1, 4))]
    smooth = SMOOTH[seed % len(SMOOTH)]
    if smooth is None:
        known, levy = terms, NONE
    else:
        known, levy = [*terms, (smooth, 1.0)], smooth.levy()
    np.testing.assert_allclose(found(*terms, levy=levy), searched(*known), rtol=0, atol=1e-11)


def test_sums_use_what_is_found():
    law = FreeSum(terms=((SKEW, 1.0), (MarchenkoPastur(aspect_ratio=0.5), 1.5)))
    levy = MarchenkoPastur(aspect_ratio=0.5).levy().compressed(1 / 1.5).scaled(1.5)
    assert law.support == found((SKEW, 1.0), levy=levy)
    np.testing.assert_allclose(law.support, BandSearch.support.func(law), rtol=0, atol=1e-11)


def test_closed_forms():
    # The arcsine law, and Kesten-McKay laws: sums of d coins end at 2 root(d - 1).
    np.testing.assert_allclose(found((COIN, 1.0), (COIN, 1.0)), [(-2, 2)], atol=1e-14)
    for times in (2.0, 3.0, 7.5):
        end = 2 * np.sqrt(times - 1)
        np.testing.assert_allclose(found((COIN, times)), [(-end, end)], rtol=1e-14)


def test_bands_end_at_atoms_and_where_one_has_just_vanished():
    # Masses 1/2 + 3/4 - 1 at 0, and 1/2 + 1/2 - 1 = 0 at 1 and -1.
    law = Discrete(atoms=[0, 1], weights=[0.75, 0.25])
    assert free_add(SKEW, law).atoms.tolist() == [0]
    np.testing.assert_allclose(
        found((SKEW, 1.0), (law, 1.0)), searched((SKEW, 1.0), (law, 1.0)), atol=1e-12
    )
    ((low, _), *_, (_, high)) = found((COIN, 1.0), (SKEW, 1.0))
    assert low == -1
    assert high > 1


def test_gaps_are_found_until_they_close():
    """Between the copies, 3 to 4 apart, of a sum's first part the middle of three bands is lost."""

    def terms(distance):
        return (WIDE, 1.0), (Discrete(atoms=[0, distance], weights=[0.5, 0.5]), 1.0)

    opened, closed = 3.0, 4.0
    while closed - opened > 1e-7:
        middle = (opened + closed) / 2
        opened, closed = (middle, closed) if len(found(*terms(middle))) == 3 else (opened, middle)
    _, (_, low), (high, _) = found(*terms(opened))
    assert 0 < high - low < 1e-5
    for distance, bands in ((opened - 1e-3, 3), (closed + 1e-3, 2)):
        known = searched(*terms(distance))
        assert len(known) == bands
        np.testing.assert_allclose(found(*terms(distance)), known, rtol=0, atol=1e-11)


def test_more_atoms_than_are_looked_through_are_searched():
    many = Empirical(eigenvalues=np.linspace(0, 1, 100))
    assert found((many, 1.0), (COIN, 1.0)) is None
    assert len(free_add(many, COIN).support) == 2
    assert FreeSum(terms=((SKEW, 2.5),)).support == found((SKEW, 2.5))
