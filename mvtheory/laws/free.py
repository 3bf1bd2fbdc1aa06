"""Operations on the laws of free variables: sums, differences, products, corners."""

from typing import Any

from mvtheory import arrays
from mvtheory.laws import parameters
from mvtheory.laws.affine import Affine
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete, PointMasses
from mvtheory.laws.free_bessel import WishartProduct
from mvtheory.laws.free_laws import FreeProduct, FreeSum, LevyCorner, LevySum
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.law import AbstractLaw, hull
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.point_power import MOST_ATOMS, PointPower
from mvtheory.laws.two_atoms import PRODUCT, SUM, TwoAtoms, has_two_atoms


def free_add(a: AbstractLaw, b: AbstractLaw, *more: AbstractLaw) -> AbstractLaw:
    """The law of a sum of free variables: free cumulants add.

    Laws of free Levy type (semicircle, Marchenko-Pastur, generalised Wishart, free Poisson, their
    sums, affine maps and corners) stay of that type; a single atom is a shift; two laws of two
    atoms have a closed sum; all others go by subordination.

    Parameters
    ----------
    a, b, *more : AbstractLaw

    Returns
    -------
    AbstractLaw

    References
    ----------
    [speicher2006]_; [belinschi2007]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, Semicircle, free_add
    >>> law = free_add(MarchenkoPastur(aspect_ratio=0.5), Semicircle(variance=2))
    >>> print(law.moment(1), law.free_cumulant(2), law.free_cumulant(3))
    1.0 2.5 0.25
    """
    parts: list[tuple[AbstractLaw, float]] = []
    shift = 0.0
    for law in (a, b, *more):
        law = law.among(SUM) if isinstance(law, TwoAtoms) else checked(law)
        if is_point(law):
            shift += float(law.atoms[0])
        elif isinstance(law, FreeSum):
            parts.extend(law.terms)
        else:
            parts.append((law, 1.0))
    if not parts:
        return Discrete(atoms=[shift], weights=[1.0])
    smooth = [law for law, n in parts if n == 1 and law.levy() is not None]
    if len(smooth) > 1:
        parts = [(law, n) for law, n in parts if n != 1 or law.levy() is None]
        parts.append((LevySum(parts=tuple(smooth)), 1.0))
    total = _deformed(parts)
    if total is None:
        total = parts[0][0] if len(parts) == 1 and parts[0][1] == 1 else FreeSum(terms=tuple(parts))
        if [n for law, n in parts if has_two_atoms(law)] == [1, 1] and len(parts) == 2:
            total = TwoAtoms(a=parts[0][0], b=parts[1][0], operation=SUM, generic=total)
    return total + shift if shift else total


def _deformed(parts: list[tuple[AbstractLaw, float]]) -> AbstractLaw | None:
    """The sum of finitely many atoms and a semicircle, if it is one: closed."""
    points = [law for law, n in parts if n == 1 and not law.support]
    smooth = [law.levy() for law, n in parts if n == 1 and law.support]
    if len(parts) != 2 or len(points) != 1 or len(smooth) != 1:
        return None
    triplet = smooth[0]
    if triplet is None or triplet.rates:
        return None
    law = DeformedSemicircle(diagonal=points[0], variance=triplet.variance)
    return law + triplet.drift if triplet.drift else law


def free_subtract(a: AbstractLaw, b: AbstractLaw) -> AbstractLaw:
    """The law of a - b for free a and b.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_subtract
    >>> law = free_subtract(MarchenkoPastur(aspect_ratio=2), MarchenkoPastur(aspect_ratio=2))
    >>> print(law.free_cumulant(1), law.free_cumulant(2))
    0.0 4.0
    """
    return free_add(a, -checked(b))


def free_multiply(a: AbstractLaw, b: AbstractLaw, *more: AbstractLaw) -> AbstractLaw:
    """The law of b^(1/2) a b^(1/2) for free a and b, b on [0, infinity): S-transforms multiply.

    At most one law may have negative numbers in its support. Marchenko-Pastur laws multiply in
    closed form, and with a discrete law they make GeneralizedCovariance; two laws of two atoms
    have a closed product; all others go by subordination.

    Parameters
    ----------
    a, b, *more : AbstractLaw

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If two of the laws have negative numbers in their support.

    References
    ----------
    [belinschi2007]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_multiply
    >>> law = free_multiply(MarchenkoPastur(aspect_ratio=1), MarchenkoPastur(aspect_ratio=1))
    >>> print(law.support, law.moment(3))
    ((0.0, 6.75),) 12.0
    """
    scale, ratios = 1.0, []
    parts: list[AbstractLaw] = []
    for law in (a, b, *more):
        factor, inner = _unscaled(checked(law))
        inner = inner.among(PRODUCT) if isinstance(inner, TwoAtoms) else inner
        scale *= factor
        if inner is None:
            if factor == 0:
                return Discrete(atoms=[0.0], weights=[1.0])
        elif isinstance(inner, MarchenkoPastur):
            scale *= inner.variance
            ratios.append(inner.aspect_ratio)
        elif isinstance(inner, WishartProduct):
            scale *= inner.scale
            ratios.extend(inner.aspect_ratios)
        elif isinstance(inner, FreeProduct):
            parts.extend(inner.parts)
        else:
            parts.append(inner)
    signed = [law for law in parts if hull(law)[0] < 0]
    if len(signed) > 1:
        raise ValueError(
            f"a, b with supports from {hull(signed[0])[0]:g} and {hull(signed[1])[0]:g} are not "
            "allowed (free product: at most one law with negative numbers); the product of two "
            "such variables is not self-adjoint, take the anticommutator"
        )
    if len(parts) == 1 and len(ratios) == 1 and not parts[0].support:
        result: AbstractLaw = GeneralizedCovariance(population=parts[0], aspect_ratio=ratios[0])
    elif not parts and not ratios:
        return Discrete(atoms=[scale], weights=[1.0])
    elif not parts:
        size = abs(scale)
        result = _wishart(ratios, size)
        scale /= size
    else:
        if ratios:
            parts.append(_wishart(ratios, 1.0))
        # The one law with negative numbers first.
        parts.sort(key=lambda law: hull(law)[0] >= 0)
        result = FreeProduct(parts=tuple(parts)) if len(parts) > 1 else parts[0]
        if len(parts) == 2 and all(map(has_two_atoms, parts)):
            result = TwoAtoms(a=parts[0], b=parts[1], operation=PRODUCT, generic=result)
    return scale * result if scale != 1 else result


def free_compress(law: AbstractLaw, fraction: float) -> AbstractLaw:
    """The law of the corner p a p of trace `fraction`, p a free projection: kappa_n t^(n-1).

    Parameters
    ----------
    law : AbstractLaw
    fraction : float
        t in [1e-12, 1]: the corner of a rotated matrix that keeps this share of the rows. Laws
        that are neither of free Levy type nor finitely many atoms: t in [1e-6, 1].

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, free_compress
    >>> law = free_compress(Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), fraction=0.5)
    >>> print(law.support, law.free_cumulant(2))
    ((-1.0, 1.0),) 0.5
    """
    checked(law)
    t = parameters.FRACTION.check(arrays.as_array(fraction, "fraction")[()]).item()
    if t == 1 or is_point(law):
        return law
    if law.levy() is not None:
        return LevyCorner(law=law, fraction=t)
    if isinstance(law, Affine):
        return law.scale * free_compress(law.law, t) + law.shift
    # About the atom that stays, if one does, or else the mean: positions grow with 1/t.
    stays = law.atoms[law.weights > 1 - t][:1]
    centre = float(stays[0]) if stays.size else law.moment(1)
    if isinstance(law, PointMasses) and law.atoms.size <= MOST_ATOMS:
        centred = Discrete(atoms=law.atoms - centre, weights=law.weights)
        return t * PointPower(law=centred, times=1 / t) + centre
    parameters.FOLLOWED_FRACTION.check(t)
    return t * FreeSum(terms=((law - centre, 1 / t),)) + centre


def _wishart(ratios: list[float], scale: float) -> AbstractLaw:
    if len(ratios) == 1:
        return MarchenkoPastur(aspect_ratio=ratios[0], variance=scale)
    return WishartProduct(aspect_ratios=tuple(ratios), scale=scale)


def _unscaled(law: AbstractLaw) -> tuple[float, AbstractLaw | None]:
    """A factor and the law it multiplies, None for the point 1."""
    if is_point(law):
        return float(law.atoms[0]), None
    if isinstance(law, Affine) and law.shift == 0 and law.scale > 0:
        factor, inner = _unscaled(law.law)
        return law.scale * factor, inner
    return 1.0, law


def is_point(law: AbstractLaw) -> bool:
    return not law.support and law.atoms.size == 1


def checked(law: Any) -> AbstractLaw:
    if not isinstance(law, AbstractLaw):
        raise ValueError(
            f"law={law!r} is not allowed (spectral law: an object of mvtheory.laws); give a law, "
            "such as Empirical(eigenvalues=...) for numbers"
        )
    return law
