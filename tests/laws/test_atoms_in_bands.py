"""Atoms in the middle of a band: the rest of the law beside them, and at them."""

import numpy as np
import pytest
from mpmath import mp

from mvtheory.laws import (
    Discrete,
    MarchenkoPastur,
    Semicircle,
    commutator,
    free_add,
    free_multiply,
    free_power,
    mixture,
)

LUMP, AT, MASS = 0.3, 0.3, 0.6
PART = mixture([Semicircle(), Discrete(atoms=[LUMP], weights=[1])], [1 - MASS, MASS])
POSITIVE = mixture(
    [MarchenkoPastur(aspect_ratio=0.5), Discrete(atoms=[1], weights=[1])], [1 - MASS, MASS]
)
AWAY = np.array([1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13, 1e-15])
LAWS = {  # law, atom, mass
    "sum": (free_add(PART, Discrete(atoms=[-1, 2], weights=[0.3, 0.7])), 2.3, 0.3),
    "twice": (free_add(PART, PART), 0.6, 0.2),
    "power": (free_power(PART, 1.7), 0.51, 0.32),
    "product": (
        free_multiply(Semicircle(), Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25])), 0.0, 0.5
    ),
    "both signs": (free_multiply(PART, Discrete(atoms=[1, 3], weights=[0.7, 0.3])), 0.3, 0.3),
    "one sign": (free_multiply(POSITIVE, POSITIVE), 1.0, 0.2),
    "commutator": (commutator(PART, PART), 0.0, 0.2),
}  # fmt: skip


def of_part(w):
    """G of PART above the real line, to the digits of mpmath."""
    return (1 - mp.mpf(2) / 5) / (w - mp.mpf(3) / 10) + mp.mpf(2) / 5 * (
        w - mp.sqrt(w - 2) * mp.sqrt(w + 2)
    ) / 2


def density_of_twice(away):
    """That of PART + PART at 3/5 + away: 2 w = z + 1/G(w), where w has the slope 3 at the atom."""
    with mp.workdps(60):
        z = mp.mpf(3) / 5 + mp.mpf(away)
        start = mp.mpf(3) / 10 + 3 * mp.mpf(away) + mp.mpc(0, abs(away)) / 1000
        w = mp.findroot(lambda w: 2 * w - z - 1 / of_part(w), start)
        assert w.imag > 0
        return float(-of_part(w).imag / mp.pi)


@pytest.mark.parametrize("away", [-1e-4, -1e-7, -1e-11, 1e-13, 1e-9, 1e-5])
def test_a_sum_beside_its_atom_has_the_density_of_sixty_digits(away):
    # Beyond the series rounding takes 1e-16 mass/away^2.
    law, at, _ = LAWS["twice"]
    x = at + away
    with mp.workdps(60):
        exact = float(mp.mpf(x) - mp.mpf(3) / 5)
    assert law.pdf(x) == pytest.approx(density_of_twice(exact), rel=1e-7)


def test_a_product_of_both_signs_has_its_density_at_zero():
    # y = -1/2 there: the semicircle has it at i/sqrt(2), the other at 0 with the slope
    # -(1/4 + 1/12), and the product of both points is -z.
    law, at, _ = LAWS["product"]
    assert law.pdf(at + 1e-14) == pytest.approx(2**0.5 / (3 * np.pi), rel=1e-12)
    assert law.cdf(at, side="left") == pytest.approx(0.25, abs=1e-13)


@pytest.mark.parametrize("name", LAWS)
def test_the_distribution_grows_by_the_atom_alone_there(name):
    law, at, mass = LAWS[name]
    assert law.atoms == pytest.approx([at])
    assert law.weights == pytest.approx([mass])
    x = np.concatenate([at - AWAY, at + AWAY[::-1]])
    below, above = law.cdf(at, side="left"), law.cdf(at)
    assert above - below == pytest.approx(mass, abs=1e-12)
    found = np.concatenate([law.cdf(x[: AWAY.size]), [below, above], law.cdf(x[AWAY.size :])])
    assert np.all(np.diff(found) >= -1e-13)
    # So close nothing but the atom has mass, but where the density is infinite.
    near = 1e-6 if np.isin(at, law._divergences) else 1e-13
    assert found[[AWAY.size - 1, AWAY.size + 2]] == pytest.approx([below, above], abs=near)


@pytest.mark.parametrize("name", [name for name in LAWS if name != "commutator"])
def test_the_density_is_smooth_across_the_atom(name):
    law, at, _ = LAWS[name]
    x = at + np.array([-1e-10, -1e-12, 0, 1e-12, 1e-10])
    assert law.pdf(x) == pytest.approx(law.pdf(x)[2], rel=1e-6)


def test_a_commutator_of_laws_with_density_at_their_atoms_is_infinite_beside_its_own():
    # z^2 is (m + 2 y)^4 times an analytic function there: G - m/z is like z^(-1/2).
    law, at, _ = LAWS["commutator"]
    assert law._divergences.tolist() == [at]
    near = law.pdf([1e-6, 1e-10])
    assert near[1] / near[0] == pytest.approx(1e2, rel=1e-2)
    assert law.cdf(0.0, side="left") == pytest.approx(0.4, abs=1e-12)


def test_beside_an_atom_next_to_another():
    # Both are poles of G: a series reaches no farther than the other.
    near = Discrete(atoms=[0.3, 0.4], weights=[0.78, 0.22])
    law = free_add(mixture([Semicircle(), near], [0.2, 0.8]), mixture(
        [Semicircle(), Discrete(atoms=[0.3], weights=[1])], [0.1, 0.9]))  # fmt: skip
    for at, mass in zip(law.atoms, law.weights, strict=True):
        x = at + np.array([-1e-9, -1e-12, 1e-12, 1e-9])
        assert law.pdf(x) == pytest.approx(law.pdf(x)[1], rel=1e-5)
        assert law.cdf(x[2:]) - law.cdf(x[:2])[::-1] == pytest.approx(mass, abs=1e-8)
