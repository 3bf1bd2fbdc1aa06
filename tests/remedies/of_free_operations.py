"""Errors of sums, products and commutators of free variables."""

from remedy import Remedy

from mvtheory.laws import (
    Discrete,
    Empirical,
    MarchenkoPastur,
    Semicircle,
    anticommutator,
    commutator,
    free_add,
    free_multiply,
)

PLACES = ("mvtheory/laws/free",)
COIN = Discrete(atoms=[-1, 1], weights=[0.4, 0.6])
WISHART = MarchenkoPastur(aspect_ratio=0.4)
NUMBERS = [0.5, 2.0, 2.5]
REMEDIES = [
    Remedy(
        lambda operation=operation: operation(WISHART, NUMBERS),
        r"law=.*an object of mvtheory.laws.*Empirical\(eigenvalues=",
        lambda operation=operation: operation(WISHART, Empirical(eigenvalues=NUMBERS)),
    )
    for operation in (free_add, free_multiply, commutator, anticommutator)
] + [
    Remedy(
        lambda: free_multiply(COIN, Semicircle()),
        "at most one law with negative numbers.*take the anticommutator",
        lambda: anticommutator(COIN, Semicircle()).support,
    ),
]
