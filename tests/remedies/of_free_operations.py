"""Errors of sums, products and commutators of free variables."""

from remedy import Remedy

from mvtheory.laws import (
    DeformedSemicircle,
    Discrete,
    Empirical,
    FreeMeixner,
    MarchenkoPastur,
    Semicircle,
    anticommutator,
    commutator,
    free_add,
    free_decompress,
    free_multiplicative_power,
    free_multiply,
    free_power,
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
    Remedy(
        lambda: free_power(COIN, 0.5),
        "no law of finitely many atoms is one.*fit a law to them first",
        lambda: free_power(Semicircle(variance=0.96), 0.5).cdf(0),
    ),
    Remedy(
        lambda: free_power(free_multiply(COIN, WISHART + 1), 0.5),
        "G known through the real line.*fit a law that is, such as FreeMeixner",
        lambda: free_power(FreeMeixner(skewness=0.5), 0.5).cdf(0),
    ),
    Remedy(
        lambda: free_decompress(DeformedSemicircle(diagonal=COIN, variance=1), 0.7),
        "its continuation is a law; error estimate.*choose a number closer to 1, or 1",
        lambda: free_decompress(DeformedSemicircle(diagonal=COIN, variance=1), 1).cdf(0),
    ),
    Remedy(
        lambda: free_multiplicative_power(Semicircle(), 2),
        "from -2.0.*a law on .0, infinity.*shift it, or take its square",
        lambda: free_multiplicative_power(Semicircle(mean=3), 2).moment(1),
    ),
]
