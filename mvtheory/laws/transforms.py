r"""R- and S-transforms at real arguments: closed where the law has them, else G inverted.

Off the hull of the spectrum G is monotone, so G(z) = g has one root for each g it takes there.
"""

import numpy as np

from mvtheory.laws.affine import Affine
from mvtheory.laws.free import FreeProduct, FreeSum
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.law import AbstractLaw, Floats, hull
from mvtheory.laws.levy import Levy
from mvtheory.laws.multiplicative import MultiplicativeLaw

SMALL = 1e-2
TERMS = 14
HALVINGS = 110


def r_transform(law: AbstractLaw, g: Floats) -> Floats:
    """R(g) with G(R(g) + 1/g) = g; ValueError where G takes no such value off the spectrum."""
    triplet = law.levy()
    if triplet is not None:
        _allowed(law, g)
        return np.asarray(triplet.r_transform(g), dtype=float) + np.zeros(g.shape)
    if isinstance(law, Affine):
        return law.scale * r_transform(law.law, law.scale * g) + law.shift
    if isinstance(law, FreeSum):
        return sum((n * r_transform(part, g) for part, n in law.terms), np.zeros(g.shape))
    low, high = hull(law)
    value = np.empty(g.shape)
    small = np.abs(g) * max(abs(low), abs(high)) < SMALL
    # There z - 1/g cancels; TERMS cumulants leave (4 SMALL)^TERMS.
    value[small] = np.polynomial.polynomial.polyval(g[small], law._cumulants(TERMS))
    value[~small] = _inverse(law, g[~small], False) - 1 / g[~small]
    return value


def s_transform(law: AbstractLaw, y: Floats) -> Floats:
    """S(y) = (1 + y)/(y z) with z G(z) - 1 = y; ValueError for mean 0."""
    if law.moment(1) == 0:
        raise ValueError(f"law={law!r} is not allowed (S-transform: mean not 0); it has none")
    if isinstance(law, MultiplicativeLaw):
        scale, factors = law._factors()
        product = np.full(y.shape, 1 / scale)
        for q, m in factors:
            product = product * _positive(1 + q * y, y) ** -m
        return product
    if isinstance(law, FreeProduct):
        return np.prod([s_transform(part, y) for part in law.parts], axis=0)
    if isinstance(law, GeneralizedCovariance):
        return s_transform(law.population, y) / _positive(1 + law.aspect_ratio * y, y)
    if isinstance(law, Affine) and law.shift == 0:
        return s_transform(law.law, y) / law.scale
    triplet = law.levy()
    if triplet is not None:
        return _from_levy(law, triplet, y)
    value = np.full(y.shape, 1 / law.moment(1))
    rest = y != 0
    value[rest] = (1 + y[rest]) / (y[rest] * _inverse(law, y[rest], True))
    return value


def _from_levy(law: AbstractLaw, triplet: Levy, y: Floats) -> Floats:
    """g/y for the root of g R(g) = y that grows from 0: Newton for S in S R(S y) = 1 along y."""
    mean = law.moment(1)
    ratio = np.full(y.shape, 1 / mean)
    with np.errstate(all="ignore"):
        for share in np.linspace(0, 1, 65):
            for _ in range(12):
                g = ratio * share * y
                inner = triplet.r_transform(g)
                slope = triplet.variance + sum(
                    c * p * p / (1 - p * g) ** 2
                    for c, p in zip(triplet.rates, triplet.jumps, strict=True)
                )
                change = (ratio * inner - 1) / (inner + g * slope)
                ratio = ratio - change
        bad = ~(np.abs(change) < 1e-10 * np.abs(ratio))
        bad |= np.sign(inner + g * slope) != np.sign(mean)
    if bad.any():
        raise ValueError(
            f"y={float(y[bad][0])!r} is not allowed (S-transform: real, where y = g R(g) can be "
            "solved for g from 0 on); choose y closer to 0"
        )
    return ratio


def _inverse(law: AbstractLaw, values: Floats, product: bool) -> Floats:
    """z off the hull with G(z) = value, or z G(z) - 1 = value."""
    low, high = hull(law)
    size = max(abs(low), abs(high), high - low)
    above = values * (law.moment(1) if product else 1) > 0
    if product:
        # On the left of 0 for a law on the right of it: z G(z) - 1 falls to its atom's share.
        low, high = min(low, 0.0), max(high, 0.0)
    # In the logarithm of the distance from the hull the root is bracketed.
    near = np.full(values.shape, np.log(size) - 36.0)
    far = np.log(4 * size * (2 + 1 / np.abs(values)) + 1 / np.abs(values))
    ends = near.copy()

    def reached(logarithm: Floats) -> Floats:
        z = np.where(above, high + np.exp(logarithm), low - np.exp(logarithm))
        g = law._cauchy(z.astype(complex)).real
        return z * g - 1 if product else g

    if (np.abs(reached(ends)) < np.abs(values)).any():
        worst = values[np.abs(reached(ends)) < np.abs(values)][0]
        word = "y" if product else "g"
        raise ValueError(
            f"{word}={float(worst)!r} is not allowed (a value taken off the spectrum of {law!r}); "
            f"choose {word} closer to 0"
        )
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        beyond = np.abs(reached(middle)) < np.abs(values)
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    return np.where(above, high + np.exp(near), low - np.exp(near))


def _allowed(law: AbstractLaw, g: Floats) -> None:
    triplet = law.levy()
    assert triplet is not None
    for jump in triplet.jumps:
        bad = 1 - jump * g <= 0
        if bad.any():
            raise ValueError(
                f"g={float(g[bad][0])!r} is not allowed (R-transform: real, {jump:g} g < 1); "
                "choose g closer to 0"
            )


def _positive(factor: Floats, y: Floats) -> Floats:
    bad = factor <= 0
    if bad.any():
        raise ValueError(
            f"y={float(y[bad][0])!r} is not allowed (S-transform: real, above its pole); "
            "choose y closer to 0"
        )
    return factor
