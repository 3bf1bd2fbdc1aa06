"""Products of free variables."""

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.spectrum import hull, is_point
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.operands import checked
from mvtheory.laws.free.two_atoms import PRODUCT, TwoAtoms, has_two_atoms
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.solvers.free_product import FreeProduct, one_sided_last
from mvtheory.laws.wishart_product import product_with_wisharts


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
    scale, ratios = 1.0, list[float]()
    parts: list[AbstractLaw] = []
    for law in (a, b, *more):
        if is_point(checked(law)) and law.atoms[0] == 0:
            return Discrete(atoms=[0.0], weights=[1.0])
        scale, more_ratios, more_parts = law._factors_of_product(scale)
        ratios.extend(more_ratios)
        parts.extend(more_parts)
    signed = [law for law in parts if hull(law)[0] < 0]
    if len(signed) > 1:
        raise ValueError(
            f"a, b with supports from {hull(signed[0])[0]:g} and {hull(signed[1])[0]:g} are not "
            "allowed (free product: at most one law with negative numbers); the product of two "
            "such variables is not self-adjoint, take the anticommutator"
        )
    if not parts and not ratios:
        return Discrete(atoms=[scale], weights=[1.0])
    if len(parts) == 1 and len(ratios) == 1 and not parts[0].support:
        result: AbstractLaw = GeneralizedCovariance(population=parts[0], aspect_ratio=ratios[0])
    elif len(parts) == 2 and not ratios and all(map(has_two_atoms, parts)):
        parts = one_sided_last(parts)
        generic = FreeProduct(parts=tuple(parts))
        result = TwoAtoms(a=parts[0], b=parts[1], operation=PRODUCT, generic=generic)
    else:
        return product_with_wisharts(parts, ratios, scale)
    return scale * result if scale != 1 else result
