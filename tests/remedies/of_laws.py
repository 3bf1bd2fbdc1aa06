"""Errors of the laws; those of free sums, products and commutators are met beside them."""

from pathlib import Path

import numpy as np
from remedy import Remedy

from mvtheory.laws import (
    Affine,
    ConfusionLaw,
    DeformedSemicircle,
    Discrete,
    Empirical,
    EquilibriumMeasure,
    FiniteLUE,
    FreeBessel,
    FreeLevy,
    FreePoisson,
    GeneralizedCovariance,
    MarchenkoPastur,
    PoissonDirichlet,
    Semicircle,
    TracyWidom,
    Wachter,
    WishartProduct,
    chiral,
    companion,
    compound_free_poisson,
    free_add,
    free_compress,
    information_plus_noise,
    jacobi_eigenvalues,
    moebius_image,
    on_failure,
    polynomial_image,
    reciprocal,
    reference_values,
    square,
    square_root,
    symbolic,
)
from mvtheory.laws.contract.levy import Levy

LAWS = Path(__file__).parents[2] / "mvtheory" / "laws"
PLACES = (
    "mvtheory/laws/contract",
    "mvtheory/laws/solvers",
    *(f"mvtheory/laws/{path.name}" for path in sorted(LAWS.glob("*.py"))),
)

COIN = Discrete(atoms=[-1, 2], weights=[0.5, 0.5])
CONFUSION = ConfusionLaw(accuracy=0.6, samples_per_class=10)
SINGLE = np.float32([0.1, 0.2, 0.4])
CUBIC = Levy(0, 0, (1, 1, 1), (1, 2, 3))


def solved_for_g(y=0.05):
    """S = g/y with g R(g) = y, by sympy."""
    import sympy

    g = sympy.Symbol("g")
    return sympy.nsolve(g * symbolic.r_transform(CUBIC, g) - y, g, 0.01) / y


REMEDIES = [
    Remedy(
        lambda: on_failure("skip").__enter__(),
        "way='skip'.*choose one",
        lambda: on_failure("nan").__enter__(),
    ),
    Remedy(
        lambda: Affine(law=Semicircle(), scale=0),
        r"scale=0.*take that",
        lambda: Discrete(atoms=[0], weights=[1]).cdf(0),
    ),
    Remedy(
        lambda: ConfusionLaw(accuracy=0.5, samples_per_class=3, balanced="yes"),
        "balanced='yes'.*True or False.*choose one",
        lambda: ConfusionLaw(accuracy=0.5, samples_per_class=3, balanced=True),
    ),
    Remedy(
        lambda: CONFUSION.matrix(1),
        "n=1 .*errors need another: choose more",
        lambda: CONFUSION.matrix(2),
    ),
    Remedy(
        lambda: CONFUSION.population_dynamics([0.5]),
        "Im z > 0.*lift",
        lambda: CONFUSION.population_dynamics([0.5 + 0.1j], pool=64, sweeps=4),
    ),
    Remedy(
        lambda: CONFUSION.population_dynamics([0.5 + 0.1j], pool=1),
        "pool=1.*pool >= 2.*choose more",
        lambda: CONFUSION.population_dynamics([0.5 + 0.1j], pool=2, sweeps=4),
    ),
    Remedy(
        lambda: DeformedSemicircle(diagonal=MarchenkoPastur(aspect_ratio=0.5), variance=2),
        "finitely many atoms.*use free_add",
        lambda: free_add(MarchenkoPastur(aspect_ratio=0.5), Semicircle(variance=2)).pdf(1),
    ),
    Remedy(
        lambda: Empirical(eigenvalues=[[1, 2], [3, np.nan]]),
        r"shape \(2, 2\).*flatten.*not finite",
        lambda: Empirical(eigenvalues=[1, 2, 3]),
    ),
    Remedy(lambda: Empirical(eigenvalues=[]), "one at least", lambda: Empirical(eigenvalues=[1])),
    Remedy(
        lambda: FreeBessel(power=0.5, rate=2),
        "power=0.5, rate=2.*choose rate <= 1",
        lambda: FreeBessel(power=0.5, rate=1).pdf(1),
    ),
    Remedy(
        lambda: WishartProduct(aspect_ratios=3),
        "aspect_ratio=3 .*tuple of at least one",
        lambda: WishartProduct(aspect_ratios=(3,)),
    ),
    Remedy(
        lambda: FreePoisson(rate=1, jump=0),
        "jump=0.*choose a jump that is not 0",
        lambda: FreePoisson(rate=1, jump=-2),
    ),
    Remedy(
        lambda: FreeLevy(rates=(1,), jumps=(1, 2)),
        "one rate for each of the 2 jumps",
        lambda: FreeLevy(rates=(1, 1), jumps=(1, 2)),
    ),
    Remedy(
        lambda: FreeLevy(rates=(1, 2, 3), jumps=(1, 1, 0)),
        "leave out 0 and add up the rates",
        lambda: FreeLevy(rates=(3,), jumps=(1,)),
    ),
    Remedy(
        lambda: FreeLevy(drift=2),
        "give a variance or jumps; a single point is Discrete",
        lambda: (FreeLevy(drift=2, variance=1), Discrete(atoms=[2], weights=[1])),
    ),
    Remedy(
        lambda: GeneralizedCovariance(population=[0, 0], aspect_ratio=0.5),
        r"the covariance is 0 too: take Discrete\(atoms=\[0\], weights=\[1\]\)",
        lambda: Discrete(atoms=[0], weights=[1]),
    ),
    Remedy(
        lambda: Semicircle().pdf_from_edge(0.1, 0.5),
        r"edge=0.5 .*\[-2.0, 2.0\].*choose one of them",
        lambda: Semicircle().pdf_from_edge(0.1, -2.0),
    ),
    Remedy(
        lambda: Semicircle().pdf_from_edge(0.1, 2),
        "edge=2 .*index of.*choose one of them",
        lambda: Semicircle().pdf_from_edge(0.1, 1),
    ),
    Remedy(
        lambda: Semicircle().moment(1.5),
        "n=1.5 .*whole number: n >= 0.*choose one in this range",
        lambda: Semicircle().moment(2),
    ),
    Remedy(
        lambda: Semicircle().free_cumulant(0),
        "n=0 .*n >= 1.*choose one in this range",
        lambda: Semicircle().free_cumulant(1),
    ),
    Remedy(
        lambda: COIN.cdf(0, side="middle"),
        "side='middle'.*'left' or 'right'.*choose one",
        lambda: COIN.cdf(0, side="left"),
    ),
    Remedy(
        lambda: COIN.ppf([0.5, 1.5]),
        "probability=1.5 .*choose a value in this range",
        lambda: COIN.ppf([0.5, 1.0]),
    ),
    Remedy(
        lambda: Semicircle().pdf_from_edge(-0.1, 0),
        "offset=-0.1.*count it inwards",
        lambda: Semicircle().pdf_from_edge(0.1, 0),
    ),
    Remedy(
        lambda: Discrete(atoms=[1, 2], weights=[1]),
        "shapes.*one weight for each atom",
        lambda: Discrete(atoms=[1, 2], weights=[0.25, 0.75]),
    ),
    Remedy(
        lambda: Discrete(atoms=[1, np.inf], weights=[1, 0]),
        "atoms=inf .*remove it and its weight",
        lambda: Discrete(atoms=[1], weights=[1]),
    ),
    Remedy(
        lambda: Discrete(atoms=[1, 2], weights=[1.5, -0.5]),
        "weights=-0.5 .*0 <= weights <= 1.*in this range",
        lambda: Discrete(atoms=[1, 2], weights=[0.5, 0.5]),
    ),
    Remedy(
        lambda: Discrete(atoms=[1, 2, 3], weights=SINGLE),
        "weights of sum 0.7.*divide them by it",
        lambda: Discrete(atoms=[1, 2, 3], weights=SINGLE / SINGLE.sum()),
    ),
    Remedy(
        lambda: MarchenkoPastur(aspect_ratio=[0.5, 1]),
        r"aspect_ratio=\[0.5, 1.0\].*give one number",
        lambda: [MarchenkoPastur(aspect_ratio=q) for q in (0.5, 1)],
    ),
    Remedy(
        lambda: PoissonDirichlet(discount=0.5).power_sum([2, 0.25]),
        "k=0.25 .*0.5 <.*choose a larger k",
        lambda: PoissonDirichlet(discount=0.5).power_sum([2, 0.75]),
    ),
    Remedy(
        lambda: PoissonDirichlet(discount=0.5).overlap(0.25),
        r"other=0.25 .*give PoissonDirichlet\(discount=",
        lambda: PoissonDirichlet(discount=0.5).overlap(PoissonDirichlet(discount=0.25)),
    ),
    Remedy(
        lambda: symbolic.s_transform(CUBIC, 0.05),
        "degree 3.*solve it for g at given y and take g/y",
        solved_for_g,
    ),
    Remedy(
        lambda: symbolic.moments(CUBIC, 0),
        "n=0 .*n >= 1.*raise it",
        lambda: symbolic.moments(CUBIC, 1),
    ),
    Remedy(
        lambda: Semicircle().s_transform(0.1),
        "mean not 0.*shift the law, or use r_transform",
        lambda: ((Semicircle() + 1).s_transform(0.1), Semicircle().r_transform(0.1)),
    ),
    Remedy(
        lambda: COIN.s_transform(-0.1),
        r"y=-0.1 .*S-transform.*choose y closer to 0",
        lambda: COIN.s_transform(-0.02),
    ),
    Remedy(
        lambda: MarchenkoPastur(aspect_ratio=2).r_transform(0.6),
        r"g=0.6 .*R-transform.*choose g closer to 0",
        lambda: MarchenkoPastur(aspect_ratio=2).r_transform(0.4),
    ),
    Remedy(
        lambda: free_compress(COIN, 5e-324),
        "fraction=5e-324 .*1e-12 <= fraction <= 1.*choose a value in this range",
        lambda: free_compress(COIN, 1e-12).pdf(0.5),
    ),
    Remedy(
        lambda: free_compress(WishartProduct(aspect_ratios=(0.5, 2)), 1e-9),
        "fraction=1e-09 .*1e-06 <= fraction <= 1.*choose a value in this range",
        lambda: free_compress(WishartProduct(aspect_ratios=(0.5, 2)), 1e-6).support,
    ),
    Remedy(
        lambda: Semicircle().cauchy(np.ma.array([1, 2], mask=[0, 1])),
        r"z is a masked array.*z.compressed\(\)",
        lambda: Semicircle().cauchy(np.ma.array([1, 2], mask=[0, 1]).compressed()),
    ),
    Remedy(
        lambda: TracyWidom(beta=3),
        "beta=3 .*1 for real, 2 for complex, 4 for quaternion.*choose one of them",
        lambda: TracyWidom(beta=2).cdf(-1),
    ),
    Remedy(
        lambda: TracyWidom(beta=1).isf(-0.1),
        "probability=-0.1 .*0 <= probability <= 1.*choose a value",
        lambda: TracyWidom(beta=1).isf(0.1),
    ),
    Remedy(
        lambda: Wachter(aspect_ratio=3, other_aspect_ratio=2),
        r"aspect_ratio=3.0, other_aspect_ratio=2.0.*1/q \+ 1/q' >= 1.*lower one of them",
        lambda: Wachter(aspect_ratio=2, other_aspect_ratio=2).cdf(0.5),
    ),
    Remedy(
        lambda: reference_values(MarchenkoPastur(aspect_ratio=2), [0.0, 1.0]),
        "none of them an atom.*leave the others out",
        lambda: reference_values(MarchenkoPastur(aspect_ratio=2), [1.0]),
    ),
    Remedy(
        lambda: reference_values(WishartProduct(aspect_ratios=(1, 2)), [1.0]),
        "a free Levy triplet.*choose one, such as MarchenkoPastur",
        lambda: reference_values(2 * MarchenkoPastur(aspect_ratio=2) + 1, [2.0], digits=40),
    ),
    Remedy(
        lambda: chiral(MarchenkoPastur(aspect_ratio=1), 2),
        r"aspect_ratio=2.0.*mass 1 - 1/q = 0.5 at least.*zeros included, or a lower ratio",
        lambda: chiral(MarchenkoPastur(aspect_ratio=2), 2).cdf(0),
    ),
    Remedy(
        lambda: companion(MarchenkoPastur(aspect_ratio=1), 2),
        r"aspect_ratio=2.0.*mass 1 - 1/q = 0.5 at least.*zeros included, or a lower ratio",
        lambda: companion(MarchenkoPastur(aspect_ratio=1), 0.5).cdf(0),
    ),
    Remedy(
        lambda: companion(WishartProduct(aspect_ratios=(1, 2))),
        r"aspect_ratio=None.*only laws of data know their own: give it",
        lambda: companion(WishartProduct(aspect_ratios=(1, 2)), aspect_ratio=2).moment(1),
    ),
    Remedy(
        lambda: information_plus_noise(MarchenkoPastur(aspect_ratio=1), 2),
        r"aspect_ratio=2.0.*mass 1 - 1/q = 0.5 at least.*zeros included, or a lower ratio",
        lambda: information_plus_noise(Discrete(atoms=[0, 1], weights=[0.5, 0.5]), 2).moment(1),
    ),
    Remedy(
        lambda: square_root(Semicircle()),
        "from -2.0.*no negative numbers.*take the square first",
        lambda: square_root(square(Semicircle())).cdf(1),
    ),
    Remedy(
        lambda: reciprocal(MarchenkoPastur(aspect_ratio=1)),
        "0.0 in the band.*shift the law away from it",
        lambda: reciprocal(MarchenkoPastur(aspect_ratio=1) + 0.1).cdf(2),
    ),
    Remedy(
        lambda: moebius_image(Semicircle(), 1, 2, 2, 4),
        "a d not b c.*take Discrete",
        lambda: Discrete(atoms=[0.5], weights=[1]).cdf(0.5),
    ),
    Remedy(
        lambda: polynomial_image(Semicircle(), [3]),
        r"coefficients=\[3.0\].*degree 1 to 20.*take Discrete",
        lambda: Discrete(atoms=[3], weights=[1]).cdf(3),
    ),
    Remedy(
        lambda: compound_free_poisson(2, Discrete(atoms=[0], weights=[1])),
        r"not only 0.*the law is Discrete\(atoms=\[0\], weights=\[1\]\)",
        lambda: Discrete(atoms=[0], weights=[1]).cdf(0),
    ),
    Remedy(
        lambda: compound_free_poisson(2, MarchenkoPastur(aspect_ratio=2)),
        "0.5 are not 0.*give rate=1 and the law of these jumps alone",
        # Of X X^T/m without its zeros: X^T X/m, half as many.
        lambda: compound_free_poisson(1, 2 * MarchenkoPastur(aspect_ratio=0.5)).moment(1),
    ),
    Remedy(
        lambda: EquilibriumMeasure(coefficients=[0, 0, -1]),
        "the highest positive.*hold no eigenvalues back",
        lambda: EquilibriumMeasure(coefficients=[0, 0, -1, 0, 0.1]).cdf(0),
    ),
    Remedy(
        lambda: EquilibriumMeasure(coefficients=[0, 0.05, -1.5, 0, 0.25]),
        "two if V is even.*make V more convex, or even",
        lambda: EquilibriumMeasure(coefficients=[0, 0, -1.5, 0, 0.25]).cdf(0),
    ),
    Remedy(
        lambda: FiniteLUE(size=5, samples=4),
        "samples=4.*as many as the size=5 at least: with fewer exchange the two",
        lambda: FiniteLUE(size=4, samples=5).cdf(1),
    ),
    Remedy(
        lambda: jacobi_eigenvalues(5, 4, 6),
        "samples=4.*as many as the size=5 at least",
        lambda: jacobi_eigenvalues(5, 5, 6),
    ),
]
