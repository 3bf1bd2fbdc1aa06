"""The Tracy-Widom laws against 50 digits, published values, each other's route and matrices."""

import numpy as np
import pytest
from scipy import special

from mvtheory.laws import TracyWidom
from mvtheory.laws.solvers.airy_determinant import eigenvalues
from mvtheory.laws.solvers.hastings_mcleod import LOW, painleve

# Fredholm determinants of Ai(s + x + y) by Gauss' rule in 60 digits, 60 and 80 nodes: they agree
# in all digits given. F_1 = det(1 - H), F_2 = det(1 - H^2), F_4 their quotients' mean.
DIGITS = {
    -10: ("3.15903790319956371069803143811e-22", "4.21225900965990253178409931801e-37",
          "6.66699820750117118273876643957e-16"),
    -6: ("2.70731932530477305144743571687e-6", "1.06225467412445106877418921043e-8",
         "1.96317372313977673968280831668e-3"),
    -3: ("0.0696001188673698884362202011163", "0.0803195529393345380813718927989",
         "0.611807356593562159889472734399"),
    -1: ("0.583789895519732283458888446378", "0.807214241999285292478958287997",
         "0.983251759683310263169145155702"),
    0: ("0.831908066202951927462219381865", "0.969372828355262668349878249451",
        "0.998574197358168540216704808959"),
    1: ("0.951421236911550734795618629507", "0.997505438149389249379153118865",
        "0.999929229229818217167623995358"),
}  # fmt: skip
UPPER = {
    1: ("0.0485787630884492652043813703927", "0.00249456185061075062084688113485",
        "0.0000707707701817828323760046423714"),
    4: ("0.000220344487432998648127172516", "4.95791215333104701873134994975e-8",
        "5.13827414638092950059796361284e-10"),
}  # fmt: skip
# Bornemann (2010), table 10: mean, variance, skewness, kurtosis.
PUBLISHED = {
    1: (-1.2065335745820, 1.607781034581, 0.29346452408, 0.1652429384),
    2: (-1.771086807411, 0.8131947928329, 0.224084203610, 0.0934480876),
    4: (-2.306884893241, 0.5177237207726, 0.16550949435, 0.0491951565),
}
STRETCH = {1: 1.0, 2: 1.0, 4: np.cbrt(4)}
# His F_4 is that of 2^(1/6) X.
HIS = {1: 1.0, 2: 1.0, 4: 2 ** (1 / 6)}


@pytest.mark.parametrize("beta", [1, 2, 4])
def test_fifty_digits(beta):
    law, place = TracyWidom(beta=beta), {1: 0, 2: 1, 4: 2}[beta]
    for s, values in DIGITS.items():
        # A rounding of s moves log F by up to 25 roundings.
        assert law.cdf(s / STRETCH[beta]) == pytest.approx(float(values[place]), rel=1e-12)
    for s, values in UPPER.items():
        assert law.sf(s / STRETCH[beta]) == pytest.approx(float(values[place]), rel=1e-12)


@pytest.mark.parametrize("beta", [1, 2, 4])
def test_published_moments(beta):
    law = TracyWidom(beta=beta)
    unit = HIS[beta]
    found = law.mean * unit, law.variance * unit**2, law.skewness, law.kurtosis
    assert found == pytest.approx(PUBLISHED[beta], abs=2e-10)
    assert found[:2] == pytest.approx(PUBLISHED[beta][:2], abs=2e-12)


def test_both_routes_agree_where_both_are_good():
    s = np.linspace(-4, 2, 25)
    found, (values, _) = painleve(s), eigenvalues(np.minimum(s, 0))
    by_determinant = np.log1p(-values).sum(axis=1), np.log1p(-(values**2)).sum(axis=1)
    left = s <= 0  # above 0 the eigenvalues are scaled
    one = -(found.weighted + found.area) / 2
    np.testing.assert_allclose(one[left], by_determinant[0][left], atol=1e-12)
    np.testing.assert_allclose(-found.weighted[left], by_determinant[1][left], atol=1e-12)
    assert np.abs(special.airy(5.5)[0] - painleve(np.array([5.5])).q[0]) < 1e-13


def test_the_constants_at_minus_infinity():
    """Deift, Its & Krasovsky (2008); Baik, Buckingham & DiFranco (2008): proved, used nowhere."""
    x = -LOW
    found = painleve(np.array([LOW]))
    constant = np.log(2) / 24 - 0.1654211437004509292139196602427806
    expected = x**3 / 12 + np.log(x) / 8 - constant - 3 / 64 / x**3
    assert found.weighted[0] == pytest.approx(expected, abs=3 / x**6)
    area = np.sqrt(2) / 3 * x**1.5 + np.log(2) / 2
    assert found.area[0] == pytest.approx(area, abs=0.1 / x**1.5)


@pytest.mark.parametrize("beta", [1, 2, 4])
def test_everything_agrees(beta):
    law = TracyWidom(beta=beta)
    node, weight = np.polynomial.legendre.leggauss(30)
    for low, high in ((-26, -25), (-14.5, -13.5), (-4, -3), (-0.5, 0.5), (2, 3), (12, 12.5)):
        x = low + (high - low) * (node + 1) / 2
        mass = (high - low) / 2 * weight @ law.pdf(x)
        grown = law.cdf(high) - law.cdf(low) if high <= 0 else law.sf(low) - law.sf(high)
        assert mass == pytest.approx(grown, rel=1e-10, abs=1e-300)
        assert mass == pytest.approx(grown, abs=1e-12)
    small = 10.0 ** -np.arange(1, 300, 13)
    np.testing.assert_allclose(law.cdf(law.ppf(small)), small, rtol=1e-12)
    np.testing.assert_allclose(law.sf(law.isf(small)), small, rtol=1e-12)
    assert law.ppf([0, 1]).tolist() == [-np.inf, np.inf]
    assert (law.cdf(-np.inf), law.sf(np.inf), law.pdf(400.0)) == (0, 0, 0)
    assert law.cdf([[-2.0], [np.nan]]).shape == (2, 1)
    assert law.rvs((3, 2), rng=1).shape == (3, 2)


@pytest.mark.parametrize("beta", [1, 2, 4])
def test_largest_eigenvalues_of_beta_matrices(beta):
    """Tridiagonal matrices of Dumitriu & Edelman, the upper corner of them alone."""
    generator, n, count, corner = np.random.default_rng(5), 4000, 300, 100
    diagonal = generator.normal(size=(count, corner)) * np.sqrt(2 / beta)
    degrees = beta * (n - 1 - np.arange(corner - 1))
    beside = np.sqrt(generator.chisquare(degrees, size=(count, corner - 1)) / beta)
    matrices = np.zeros((count, corner, corner))
    index = np.arange(corner)
    matrices[:, index, index] = diagonal
    matrices[:, index[1:], index[:-1]] = beside
    largest = np.linalg.eigvalsh(matrices)[:, -1]
    values = n ** (1 / 6) * (largest - 2 * np.sqrt(n))
    law = TracyWidom(beta=beta)
    # At finite n the law is off by a part of n^(-1/3); 4.5 standard errors beside it.
    noise = 4.5 * np.sqrt(law.variance / count)
    assert values.mean() == pytest.approx(law.mean, abs=noise + n ** (-1 / 3) / 2)
