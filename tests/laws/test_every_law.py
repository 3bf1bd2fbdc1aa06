"""Every law and every operation that returns one keeps the contract: none can be left out.

Classes and functions are listed by introspection; a new one without an example here fails.
"""

import functools
import importlib
import inspect
import pkgutil

import pytest

from mvtheory import laws
from mvtheory.laws import (
    AbstractLaw,
    Affine,
    ConfusionLaw,
    DeformedSemicircle,
    Discrete,
    Empirical,
    EquilibriumMeasure,
    FreeBessel,
    FreeLevy,
    FreeMeixner,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    Wachter,
    WishartProduct,
    anticommutator,
    chiral,
    commutator,
    companion,
    compound_free_poisson,
    free_add,
    free_compress,
    free_decompress,
    free_multiplicative_power,
    free_multiply,
    free_power,
    free_subtract,
    information_plus_noise,
    mixture,
    moebius_image,
    polynomial_image,
    reciprocal,
    separable_covariance,
    square,
    square_root,
)
from mvtheory.testing import check_law

COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
TWO = Discrete(atoms=[1, 3], weights=[0.5, 0.5])
LEVELS = Discrete(atoms=[0.5, 2, 3], weights=[0.2, 0.5, 0.3])
SKEW = Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25])
MP = MarchenkoPastur(aspect_ratio=0.4, variance=1.7)
TALL = MarchenkoPastur(aspect_ratio=2)
WIGNER = Semicircle(mean=0.5, variance=2)

# The name that a user calls, and what of it: laws of every class that it may return.
EXAMPLES = {
    "Affine": lambda: Affine(law=TALL, scale=-3, shift=2),
    "ConfusionLaw": lambda: ConfusionLaw(accuracy=0.6, samples_per_class=10),
    "DeformedSemicircle": lambda: DeformedSemicircle(diagonal=LEVELS, variance=0.3),
    "Discrete": lambda: LEVELS,
    "Empirical": lambda: Empirical(eigenvalues=[0.5, 1.5, 1.5, 4]),
    "EquilibriumMeasure": lambda: EquilibriumMeasure(coefficients=(0, 0, 0.5, 0, 0.25)),
    "FreeBessel": lambda: FreeBessel(power=1.5, rate=2),
    "FreeLevy": lambda: FreeLevy(drift=1, variance=0.5, rates=(2, 3), jumps=(1, -0.5)),
    "FreeMeixner": lambda: FreeMeixner(mean=1, variance=2, skewness=-1.3, shape=-0.8),
    "FreePoisson": lambda: FreePoisson(rate=0.5, jump=-2),
    "GeneralizedCovariance": lambda: GeneralizedCovariance(
        population={0: 0.25, 2: 0.75}, aspect_ratio=0.5
    ),
    "GeneralizedWishart": lambda: GeneralizedWishart(aspect_ratio=4, correlation=0.2),
    "KestenMcKay": lambda: KestenMcKay(degree=3.5),
    "MarchenkoPastur": lambda: MP,
    "Semicircle": lambda: WIGNER,
    "Wachter": lambda: Wachter(aspect_ratio=1.6, other_aspect_ratio=1.8),
    "WishartProduct": lambda: WishartProduct(aspect_ratios=(0.5, 2), scale=1.7),
    "anticommutator": lambda: anticommutator(MP, WIGNER),
    "anticommutator, two atoms": lambda: anticommutator(COIN, TWO),
    "chiral": lambda: chiral(TALL, 2),
    "commutator": lambda: commutator(MP, TALL),
    "commutator, infinite at 0": lambda: commutator(COIN, SKEW),
    "companion": lambda: companion(WishartProduct(aspect_ratios=(0.5, 2)), 2),
    "compound_free_poisson": lambda: compound_free_poisson(0.5, MP),
    "free_add": lambda: free_add(LEVELS, MP),
    "free_add, Levy": lambda: free_add(MP, WIGNER),
    "free_add, two atoms": lambda: free_add(COIN, TWO),
    "free_add, three levels": lambda: free_add(free_multiply(free_add(LEVELS, SKEW), LEVELS), MP),
    "free_compress": lambda: free_compress(free_multiply(LEVELS, SKEW), 0.4),
    "free_compress, Levy": lambda: free_compress(TALL, 0.5),
    "free_compress, points": lambda: free_compress(LEVELS, 0.7),
    "free_decompress": lambda: free_decompress(compound_free_poisson(0.5, MP), 0.8),
    "free_multiplicative_power": lambda: free_multiplicative_power(LEVELS, 1.5),
    "free_multiplicative_power, Wishart": lambda: free_multiplicative_power(MP, 2.5),
    "free_multiply": lambda: free_multiply(LEVELS, SKEW),
    "free_power": lambda: free_power(free_add(LEVELS, MP), 1.5),
    "free_power, below 1": lambda: free_power(
        GeneralizedCovariance(population=TWO, aspect_ratio=0.5), 0.9
    ),
    "free_power, Levy": lambda: free_power(MP, 0.25),
    "free_subtract": lambda: free_subtract(MP, LEVELS),
    "information_plus_noise": lambda: information_plus_noise(TWO, 0.5, 0.5),
    "mixture": lambda: mixture([WIGNER, TALL], [0.25, 0.75]),
    "moebius_image": lambda: moebius_image(MP, 1, 2, 1, 1),
    "polynomial_image": lambda: polynomial_image(WIGNER, [0, -1, 0, 1]),
    "reciprocal": lambda: reciprocal(MP),
    "separable_covariance": lambda: separable_covariance(TWO, LEVELS, 0.5),
    "square": lambda: square(WIGNER),
    "square_root": lambda: square_root(MP),
}


@functools.cache
def example(name):
    return EXAMPLES[name]()


def modules():
    found = pkgutil.walk_packages(laws.__path__, "mvtheory.laws.")
    return [importlib.import_module(m.name) for m in found if not m.ispkg]


def concrete():
    """Classes of laws that can be built."""
    kinds = {
        kind
        for module in modules()
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, AbstractLaw) and kind.__module__.startswith("mvtheory.laws")
    }
    return {kind for kind in kinds if not inspect.isabstract(kind) and "__init__" in vars(kind)}


def reached(law, found):
    """The classes of a law and of all that it is made of."""
    if isinstance(law, AbstractLaw):
        found.add(type(law))
        for part in [*vars(law).values(), getattr(law, "_law", None)]:
            reached(part, found)
    elif isinstance(law, tuple | list):
        for part in law:
            reached(part, found)
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_contract(name):
    check_law(example(name), samples=2_000, matrix=100)


def test_every_class_is_among_the_examples():
    found = set()
    for law in map(example, EXAMPLES):
        law.pdf(1.0)  # parts may be made when they are needed
        reached(law, found)
    assert {kind.__name__ for kind in concrete() - found} == set()


def test_every_name_that_makes_a_law_is_among_the_examples():
    makers = set()
    for name in laws.__all__:
        thing = getattr(laws, name)
        if inspect.isclass(thing):
            if issubclass(thing, AbstractLaw) and not inspect.isabstract(thing):
                makers.add(name)
        elif inspect.signature(thing).return_annotation in (AbstractLaw, "AbstractLaw"):
            makers.add(name)
    assert makers == {name.split(",")[0] for name in EXAMPLES}


def test_the_listing_sees_a_class_that_is_missing():
    """That it is no tautology: a class of one example alone is missed without it."""
    found = set()
    for name in EXAMPLES:
        if name != "FreeBessel":
            reached(example(name), found)
    assert FreeBessel in concrete() - found
