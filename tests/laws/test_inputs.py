"""What the laws take, what they give back, and what they refuse."""

import numpy as np
import pytest

from mvtheory.laws import (
    Affine,
    Discrete,
    Empirical,
    FreeBessel,
    FreeLevy,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    commutator,
    free_add,
    free_compress,
    free_multiply,
)
from mvtheory.multiprecision import NoConvergence

COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
LAWS = [
    Semicircle(mean=1, variance=2),
    MarchenkoPastur(aspect_ratio=2, variance=1.7),
    MarchenkoPastur(aspect_ratio=1),
    FreePoisson(rate=0.5, jump=-2),
    FreeLevy(drift=-1, variance=0.5, rates=(2, 3), jumps=(1, -0.5)),
    GeneralizedWishart(aspect_ratio=0.3, correlation=0.6, scale=1.7),
    GeneralizedCovariance(population={0: 0.25, 2: 0.75}, aspect_ratio=0.5),
    WishartProduct(aspect_ratios=(0.5, 2), scale=1.7),
    FreeBessel(power=2, rate=0.5),
    Discrete(atoms=[1, 3], weights=[0.25, 0.75]),
    Empirical(eigenvalues=[3, 1, 2, 2]),
    2 - 3 * MarchenkoPastur(aspect_ratio=2),
    free_add(COIN, Discrete(atoms=[0, 1, 3], weights=[0.4, 0.35, 0.25])),
]
NAMES = [f"{index}-{type(law).__name__}" for index, law in enumerate(LAWS)]
REAL = ["pdf", "cdf", "ppf", "log_potential"]
COMPLEX = ["cauchy", "potential"]
each_law = pytest.mark.parametrize("law", LAWS, ids=NAMES)


@each_law
@pytest.mark.parametrize("name", REAL)
def test_shapes_of_real_functions(law, name):
    function = getattr(law, name)
    # Off the masses of whole bands, where a rounding of the probability skips a gap.
    points = np.array([[0.26, 0.45, 0.72], [0.1, 0.9, 1.0]])
    values = function(points)
    assert values.shape == points.shape
    assert values.dtype == float
    flat = [function(x) for x in points.ravel()]
    assert all(isinstance(v, float) for v in flat)
    # Vectors of another length end the iterations elsewhere, within their accuracy.
    np.testing.assert_allclose(values.ravel(), flat, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(function(points[0].tolist()), values[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(function(1), function(1.0))
    np.testing.assert_allclose(function(np.array([1, 0])), function([1.0, 0.0]))
    assert np.shape(function([])) == (0,)
    assert function(np.empty((2, 0))).shape == (2, 0)
    assert function(points[:, ::-1]).shape == (2, 3)


@each_law
@pytest.mark.parametrize("name", REAL)
def test_nan_stays_nan(law, name):
    function = getattr(law, name)
    values = function([np.nan, 0.5, np.nan])
    np.testing.assert_array_equal(np.isnan(values), [True, False, True])
    assert values[1] == pytest.approx(function(0.5), rel=1e-9)
    assert np.isnan(function(np.nan))


@each_law
@pytest.mark.parametrize("name", COMPLEX)
def test_complex_functions(law, name):
    function = getattr(law, name)
    points = np.array([[1 + 1j, 2 - 0.5j], [9, -7]])
    values = function(points)
    assert values.shape == (2, 2)
    assert values.dtype == complex
    assert isinstance(function(1 + 1j), complex)
    assert isinstance(function(9), complex)
    assert np.shape(function([])) == (0,)
    missing = function([np.nan, complex(np.nan, 1), 1 + 1j])
    np.testing.assert_array_equal(np.isnan(missing), [True, True, False])


@each_law
def test_infinity(law):
    assert law.cdf(np.inf) == 1
    assert law.cdf(-np.inf) == 0
    assert law.pdf([np.inf, -np.inf]).tolist() == [0, 0]


@each_law
def test_the_same_input_is_left_alone(law):
    points = np.array([0.5, np.nan, 2.0])
    before = points.copy()
    law.cdf(points)
    law.pdf(points)
    np.testing.assert_array_equal(points, before)


@each_law
def test_ends_of_the_quantiles(law):
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    assert law.ppf(0) == ends.min()
    assert law.ppf(1) == ends.max()


@each_law
@pytest.mark.parametrize("bad", [-0.1, 1.5, [0.5, 2.0], np.inf])
def test_probabilities_outside_0_1(law, bad):
    with pytest.raises(ValueError, match="probability"):
        law.ppf(bad)


@each_law
@pytest.mark.parametrize("bad", ["middle", "", None])
def test_unknown_side(law, bad):
    with pytest.raises(ValueError, match="side"):
        law.cdf(0.5, side=bad)


@each_law
@pytest.mark.parametrize("bad", [-1, 1.5, True, "2", np.nan])
def test_orders_of_moments(law, bad):
    with pytest.raises(ValueError, match="n="):
        law.moment(bad)
    with pytest.raises(ValueError, match="n="):
        law.free_cumulant(bad)
    with pytest.raises(ValueError, match="n="):
        law.free_cumulant(0)
    assert law.moment(0) == 1
    assert law.moment(np.int64(2)) == law.moment(2)


@each_law
def test_sums_of_laws_are_ambiguous(law):
    for operation in (lambda: law + law, lambda: law - law):
        with pytest.raises(TypeError, match="free_add"):
            operation()
    with pytest.raises(TypeError, match="free_multiply"):
        law * law


@each_law
def test_edges(law):
    if not law.support:
        pytest.skip("no band")
    low, high = law.support[0][0], law.support[-1][1]
    d = 1e-3 * (high - low)
    assert law.pdf_from_edge(d, low) == law.pdf_from_edge(d, 0)
    assert law.pdf_from_edge(d, high) == law.pdf_from_edge(d, -1)
    assert np.shape(law.pdf_from_edge([d, 2 * d], 0)) == (2,)
    assert np.isnan(law.pdf_from_edge(np.nan, 0))
    for bad in (2 * len(law.support), -2 * len(law.support) - 1, high + (high - low)):
        with pytest.raises(ValueError, match="edge"):
            law.pdf_from_edge(d, bad)
    with pytest.raises(ValueError, match="offset"):
        law.pdf_from_edge(-d, 0)


WRONG = [
    (lambda v: MarchenkoPastur(aspect_ratio=v), "aspect_ratio", [-1, 0, np.nan, np.inf, "a", [1]]),
    (lambda v: MarchenkoPastur(aspect_ratio=1, variance=v), "variance", [-1, 0, np.nan, None]),
    (lambda v: Semicircle(mean=v), "mean", [np.nan, np.inf, "a"]),
    (lambda v: Semicircle(variance=v), "variance", [-2, 0, np.nan]),
    (lambda v: FreePoisson(rate=v), "rate", [0, -1, np.nan]),
    (lambda v: FreePoisson(rate=1, jump=v), "jump", [0, np.nan]),
    (lambda v: FreeLevy(rates=v, jumps=(1,)), "rates", [(-1,), (0,), (np.nan,), (1, 2)]),
    (lambda v: FreeLevy(rates=(1, 1), jumps=v), "jumps", [(0, 1), (1, 1), (np.nan, 1)]),
    (lambda v: FreeLevy(variance=v), "variance", [-1, 0]),
    (
        lambda v: GeneralizedWishart(aspect_ratio=1, correlation=v),
        "correlation",
        [1.0000001, -2, np.nan],
    ),
    (
        lambda v: GeneralizedWishart(aspect_ratio=1, correlation=0, scale=v),
        "scale",
        [0, -1, np.nan],
    ),
    (lambda v: GeneralizedWishart(aspect_ratio=v, correlation=0), "aspect_ratio", [-1, 0, np.nan]),
    (
        lambda v: GeneralizedCovariance(population={1: 1}, aspect_ratio=v),
        "aspect_ratio",
        [-1, 0, np.nan],
    ),
    (
        lambda v: GeneralizedCovariance(population={1: 0.5, 2: v}, aspect_ratio=1),
        "weights",
        [-0.5, 0.7, np.nan],
    ),
    (
        lambda v: GeneralizedCovariance(population=v, aspect_ratio=1),
        "population|atoms|eigenvalues",
        [{0: 1}, [0, 0], {np.nan: 1}, [], {}],
    ),
    (lambda v: WishartProduct(aspect_ratios=v), "aspect_ratio", [(), (1, -1), (np.nan,), 3]),
    (lambda v: WishartProduct(aspect_ratios=(1,), scale=v), "scale", [0, -1]),
    (lambda v: FreeBessel(power=v), "power", [0, -1, np.nan]),
    (lambda v: FreeBessel(power=0.5, rate=v), "rate", [2, 0, np.nan]),
    (lambda v: Discrete(atoms=[1, 2], weights=v), "weights", [[0.5, 0.6], [-0.5, 1.5], [1]]),
    (lambda v: Discrete(atoms=v, weights=[1]), "atoms", [[np.nan], [np.inf], ["a"], 1]),
    (lambda v: Empirical(eigenvalues=v), "eigenvalues", [[], [np.nan], [[1, 2]], 3]),
    (lambda v: free_compress(COIN, v), "fraction", [0, -1, 1.5, np.nan]),
    (lambda v: free_add(COIN, v), "law", [1, None, [1, 2]]),
    (lambda v: free_multiply(COIN, v), "law", [2.0, "law"]),
    (lambda v: commutator(COIN, v), "law", [2.0]),
    (lambda v: Affine(law=COIN, scale=v), "scale", [0, np.nan]),
    (lambda v: Affine(law=COIN, shift=v), "shift", [np.nan, np.inf]),
]


@pytest.mark.parametrize(
    ("make", "name", "value"), [(make, name, v) for make, name, values in WRONG for v in values]
)
def test_wrong_parameters_are_named(make, name, value):
    with pytest.raises(ValueError, match=name):
        make(value)


def test_parameters_of_any_number_type():
    plain = GeneralizedWishart(aspect_ratio=2.0, correlation=0.5, scale=3.0)
    other = GeneralizedWishart(aspect_ratio=np.int32(2), correlation=np.float32(0.5), scale=3)
    assert other.pdf(1) == plain.pdf(1)
    assert other == plain
    assert hash(other) == hash(plain)


def test_numpy_scalars_on_the_left():
    law = np.float64(2) * Semicircle() + np.float64(1)
    assert isinstance(law, Affine)
    assert law.support == ((-3.0, 5.0),)


def test_no_convergence_is_a_runtime_error():
    assert issubclass(NoConvergence, RuntimeError)
    assert NoConvergence("the pdf", 0.5).residual == 0.5
