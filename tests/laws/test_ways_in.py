"""Numbers of every kind, and what is no real number: one way into all functions of the laws."""

import numpy as np
import pytest

from mvtheory.laws import (
    Affine,
    ConfusionLaw,
    Discrete,
    Empirical,
    FreeLevy,
    GeneralizedCovariance,
    MarchenkoPastur,
    PoissonDirichlet,
    Semicircle,
    WishartProduct,
    commutator,
    free_add,
    free_compress,
    free_multiply,
)

torch = pytest.importorskip("torch")

LAWS = [
    MarchenkoPastur(aspect_ratio=0.5, variance=1.5),
    1 - 2 * Semicircle(mean=0.2),
    Discrete(atoms=[-1, 2], weights=[0.25, 0.75]),
    Empirical(eigenvalues=[0.5, 2, 2, 1.5]),
    GeneralizedCovariance(population=[1, 2], aspect_ratio=0.3),
    WishartProduct(aspect_ratios=(0.5, 0.7)),
    free_compress(Discrete(atoms=[-1, 2], weights=[0.5, 0.5]), 0.4),
]
REAL = ["pdf", "cdf", "ppf", "r_transform", "s_transform"]
COMPLEX = ["cauchy", "potential", "log_potential"]
POINTS = [0.0625, 0.03125, 0.046875]
"""Exact in bfloat16 and float16, probabilities, and inside the domains of both transforms."""
each_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)


def kinds(points):
    yield torch.tensor(points, requires_grad=True)
    yield torch.tensor(points, dtype=torch.bfloat16)
    yield torch.tensor(points, dtype=torch.float16)
    yield torch.tensor(points, dtype=torch.float64, requires_grad=True)
    yield np.float32(points)
    yield np.float16(points)
    yield np.ma.array(points, mask=[False] * len(points))
    yield np.array(points, dtype=complex)


@each_law
@pytest.mark.parametrize("name", REAL + COMPLEX)
def test_any_kind_of_array(law, name):
    expected = getattr(law, name)(POINTS)
    for points in kinds(POINTS):
        values = getattr(law, name)(points)
        assert type(values) is np.ndarray
        np.testing.assert_array_equal(values, expected)
    assert getattr(law, name)(torch.tensor(POINTS[0])) == getattr(law, name)(POINTS[0])
    if name in COMPLEX:
        z = torch.tensor([0.5 + 1j, 2 - 0.25j])
        np.testing.assert_array_equal(
            getattr(law, name)(z), getattr(law, name)([0.5 + 1j, 2 - 0.25j])
        )


def test_parameters_of_any_kind():
    values = [0.5, 0.75, 1.25]
    for given in kinds(values):
        assert Empirical(eigenvalues=given).atoms.tolist() == values
        assert GeneralizedCovariance(population=given, aspect_ratio=1).moment(1) == pytest.approx(
            np.mean(values)
        )
        assert Discrete(atoms=given, weights=[0.25, 0.25, 0.5]).atoms.tolist() == values
    for quarter in (torch.tensor(0.25, requires_grad=True), torch.tensor(0.25).bfloat16(),
                    np.float16(0.25)):  # fmt: skip
        assert MarchenkoPastur(aspect_ratio=quarter).aspect_ratio == 0.25
        assert free_compress(Semicircle(), quarter).support == ((-1.0, 1.0),)
        assert Affine(law=Semicircle(), scale=quarter) == 0.25 * Semicircle()
        assert Semicircle() * quarter + quarter == 0.25 * Semicircle() + 0.25
        assert PoissonDirichlet(discount=quarter).power_sum(quarter + 1) == (
            PoissonDirichlet(discount=0.25).power_sum(1.25)
        )
    rates = torch.tensor([0.5, 0.25], requires_grad=True)
    assert FreeLevy(rates=rates, jumps=[1, 2]) == FreeLevy(rates=(0.5, 0.25), jumps=(1, 2))
    assert WishartProduct(aspect_ratios=rates) == WishartProduct(aspect_ratios=(0.5, 0.25))


COMPLEX_NUMBERS = np.array([1 + 0.5j, 2.0])
HIDDEN = np.ma.array([1.0, 2.0], mask=[False, True])
WRONG = [
    (lambda v: Empirical(eigenvalues=v), "eigenvalues"),
    (lambda v: Discrete(atoms=v, weights=[0.5, 0.5]), "atoms"),
    (lambda v: Discrete(atoms=[1, 2], weights=v), "weights"),
    (lambda v: GeneralizedCovariance(population=v, aspect_ratio=1), "eigenvalues"),
    (lambda v: FreeLevy(rates=v, jumps=(1, 2)), "rates"),
    (lambda v: FreeLevy(rates=(1, 2), jumps=v), "jumps"),
    (lambda v: WishartProduct(aspect_ratios=v), "aspect_ratio"),
    (lambda v: MarchenkoPastur(aspect_ratio=v), "aspect_ratio"),
    (lambda v: free_compress(Semicircle(), v), "fraction"),
    (lambda v: Semicircle() + v, "shift"),
    (lambda v: PoissonDirichlet(discount=0.5).power_sum(v), "k"),
    (lambda v: Semicircle().pdf_from_edge(v, 0), "offset"),
    (lambda v: Semicircle().ppf(v), "probability"),
    *[(lambda v, n=n: Semicircle().__getattribute__(n)(v), "x") for n in ("pdf", "cdf")],
    (lambda v: Semicircle().r_transform(v), "g"),
    (lambda v: MarchenkoPastur(aspect_ratio=1).s_transform(v), "y"),
]


@pytest.mark.parametrize(("make", "name"), WRONG)
@pytest.mark.parametrize(
    "value",
    [COMPLEX_NUMBERS, HIDDEN, None, [[1], [1, 2]], "0.5", [None, 1]],
    ids=["complex", "masked", "None", "ragged", "text", "with None"],
)
def test_no_real_numbers(make, name, value):
    with pytest.raises(ValueError, match=name):
        make(value)


@pytest.mark.parametrize("value", [HIDDEN, None, [[1], [1, 2]], "0.5", [None, 1]])
@pytest.mark.parametrize("name", COMPLEX)
def test_no_numbers(name, value):
    with pytest.raises(ValueError, match="z"):
        getattr(Semicircle(), name)(value)
    with pytest.raises(ValueError, match="z"):
        ConfusionLaw(accuracy=0.5, samples_per_class=10).population_dynamics(value)


def test_eigenvalues_of_a_general_solver():
    rng = np.random.default_rng(3)
    ginibre = rng.standard_normal((8, 8))
    with pytest.raises(ValueError, match=r"eigenvalues of type complex128.*eigvalsh"):
        Empirical(eigenvalues=np.linalg.eigvals(ginibre))
    symmetric = (ginibre + ginibre.T) / 2
    # The same numbers in a complex type are real.
    values = np.linalg.eigvals(symmetric).astype(complex)
    assert Empirical(eigenvalues=values).moment(2) == pytest.approx(
        np.trace(symmetric @ symmetric) / 8
    )


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("count", [2, 7, 100, 1000])
def test_weights_divided_by_their_sum(kind, count):
    weights = np.random.default_rng(count).random(count).astype(kind) + kind(0.1)
    with pytest.raises(ValueError, match="divide them by it"):
        Discrete(atoms=np.arange(count), weights=weights)
    # In their own type, whatever rounding that leaves.
    law = Discrete(atoms=np.arange(count), weights=weights / weights.sum())
    assert law.weights.sum() == pytest.approx(1, abs=1e-15)
    assert GeneralizedCovariance(
        population=dict(zip(range(1, count + 1), weights / weights.sum(), strict=True)),
        aspect_ratio=0.5,
    ).moment(1) == pytest.approx(1 + law.moment(1), rel=1e-12)


def test_weights_of_bfloat16():
    weights = torch.tensor([0.1, 0.2, 0.7], dtype=torch.bfloat16)
    assert Discrete(atoms=[1, 2, 3], weights=weights).weights.sum() == pytest.approx(1, abs=1e-15)
    with pytest.raises(ValueError, match="divide them by it"):
        Discrete(atoms=[1, 2, 3], weights=weights * 1.25)


def test_doubles_are_held_to_doubles():
    for off in (3e-12, 1e-7):
        with pytest.raises(ValueError, match="weights"):
            Discrete(atoms=[1, 2], weights=[0.5, 0.5 + off])
    assert Discrete(atoms=[1, 2], weights=[0.5, 0.5 + 5e-13]).weights.sum() == 1


COIN = Discrete(atoms=[-1, 2], weights=[0.5, 0.5])
POISSON = MarchenkoPastur(aspect_ratio=0.5)


@pytest.fixture(scope="module")
def inner():
    return commutator(COIN, COIN)


def test_matrices_with_commutators(inner):
    for law in (
        free_add(inner, POISSON),
        free_multiply(inner, POISSON),
        commutator(inner, POISSON),
        2 * free_add(inner, inner) - 1,
    ):
        matrix = law.matrix(30, rng=5)
        assert np.iscomplexobj(matrix)
        np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-12)


def test_spectrum_of_a_sum_with_a_commutator(inner):
    values = np.linalg.eigvalsh(free_add(inner, POISSON).matrix(400, rng=1))
    # Traces of free variables fluctuate like 1/n; the second moment is 2 times the product of the
    # two variances, and 1.5 of the other part.
    assert values.mean() == pytest.approx(1, abs=0.02)
    assert (values**2).mean() == pytest.approx(2 * 2.25**2 + 1.5, rel=0.02)
