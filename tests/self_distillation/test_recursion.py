"""The recursion against multiprecision, against kernel regressions solved directly, at its ends."""

import mpmath
import numpy as np
import pytest
from scipy import linalg, optimize

from mvtheory.self_distillation import collapse_time, distill, distill_kernel_regression


def by_mpmath(d, z, tolerance, rounds):
    """z_t and c_t with 50 digits, the penalty by bisection of its defining equation."""
    with mpmath.workdps(50):
        d, z = [mpmath.mpf(x) for x in d], [mpmath.mpf(x) for x in z]
        target, penalties = len(d) * mpmath.mpf(tolerance), []
        for _ in range(rounds):

            def excess(exponent, z=z):
                c = mpmath.exp(exponent)
                left = (c / (x + c) * y for x, y in zip(d, z, strict=True))
                return sum(p**2 for p in left) - target

            c = mpmath.exp(mpmath.findroot(excess, (-200, 200), solver="bisect", tol=1e-80,
                                           maxsteps=400, verify=False))  # fmt: skip
            z = [x / (x + c) * y for x, y in zip(d, z, strict=True)]
            penalties.append(c)
        return z, penalties


@pytest.mark.parametrize("orders", [0, 2, 8, 14])
def test_recursion_against_fifty_digits(orders):
    rng = np.random.default_rng(orders)
    d = 10.0 ** rng.uniform(-orders, 0, 12)
    z = rng.standard_normal(12)
    tolerance = float(np.mean(z**2)) / 36
    run = distill(d, z, tolerance, rounds=4)
    values, penalties = by_mpmath(d, z, tolerance, 4)
    # The condition of c: its relative change moves the residual by less the wider the spectrum.
    np.testing.assert_allclose(run.penalties, [float(c) for c in penalties], rtol=1e-11)
    np.testing.assert_allclose(run.values[-1], [float(v) for v in values], rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_every_round_leaves_the_tolerance(seed):
    rng = np.random.default_rng(seed)
    d = np.concatenate([10.0 ** rng.uniform(-16, 3, 40), [0.0, 1e-300, 5e-324]])
    z = np.concatenate([rng.standard_normal(40), [0.01, 0.01, 0.01]])
    tolerance = float(np.mean(z**2)) / 3**2
    run = distill(d, z, tolerance, rounds=200)
    before = np.vstack([z, run.values])
    residuals = np.mean(np.diff(before, axis=0) ** 2, axis=1)
    np.testing.assert_allclose(residuals, tolerance, rtol=1e-12)
    np.testing.assert_allclose(run.filters * z, run.values, rtol=1e-10)
    assert np.all(run.penalties > 0)
    assert run.collapsed
    assert run.relative_norms[-1] <= 1 < run.relative_norms[-2]
    # The targets' scale with the tolerance's, and the eigenvalues' scale, change nothing.
    scaled = distill(7 * d, 3 * z, 9 * tolerance, rounds=200)
    np.testing.assert_allclose(scaled.relative_norms, run.relative_norms, rtol=1e-9)
    np.testing.assert_allclose(scaled.penalties, 7 * run.penalties, rtol=1e-8)


def kernel(a, b):
    return np.exp(-np.linalg.norm(a[:, None] - b, axis=2))


def test_kernel_regression_against_the_constrained_problem():
    """Least norm under a bound on the residual, solved as such by a general optimiser."""
    rng = np.random.default_rng(7)
    x, new = rng.standard_normal((8, 2)), rng.standard_normal((3, 2))
    y, gram = rng.standard_normal(8), kernel(x, x)
    tolerance = 0.1
    found = distill_kernel_regression(gram, kernel(new, x), y, tolerance, rounds=2)
    targets = y
    for t in range(2):
        answer = optimize.minimize(
            lambda a: a @ gram @ a, linalg.solve(gram, targets), jac=lambda a: 2 * gram @ a,
            method="SLSQP", options={"ftol": 1e-15, "maxiter": 500},
            constraints={
                "type": "ineq",
                "fun": lambda a, y=targets: tolerance - np.mean((gram @ a - y) ** 2),
                "jac": lambda a, y=targets: -2 * gram @ (gram @ a - y) / 8,
            },
        )  # fmt: skip
        assert answer.success
        # The optimiser's own tolerance: the square root of ftol.
        np.testing.assert_allclose(found.fitted[t], gram @ answer.x, atol=1e-5)
        np.testing.assert_allclose(found.predicted[t], kernel(new, x) @ answer.x, atol=1e-5)
        targets = gram @ answer.x


def test_kernel_regression_against_solving_for_the_dual_coefficients():
    rng = np.random.default_rng(8)
    x, new = rng.standard_normal((30, 3)), rng.standard_normal((5, 3))
    y, gram, cross = rng.choice([-1.0, 1.0], 30), kernel(x, x), kernel(new, x)
    found = distill_kernel_regression(gram, cross, y, 0.02, rounds=4)
    targets = y
    for t, penalty in enumerate(found.run.penalties):
        coefficients = linalg.solve(gram + penalty * np.eye(30), targets, assume_a="pos")
        targets = gram @ coefficients
        np.testing.assert_allclose(found.fitted[t], targets, atol=1e-11)
        np.testing.assert_allclose(found.predicted[t], cross @ coefficients, atol=1e-11)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_kernels_of_every_precision_are_taken_and_their_noise_is_not_fitted(kind):
    rng = np.random.default_rng(3)
    features = rng.standard_normal((24, 3)).astype(kind)
    gram, exact = features @ features.T, features.astype(float)
    y = exact @ rng.standard_normal(3)
    found = distill_kernel_regression(gram, gram[:2], y, tolerance=0.05, rounds=2)
    # The same problem in its three dimensions, in doubles.
    d, basis = np.linalg.eigh(exact.T @ exact)
    scores = exact @ basis / np.sqrt(d)
    expected = distill(np.append(d, np.zeros(21)), np.append(scores.T @ y, np.zeros(21)), 0.05, 2)
    unit = float(np.finfo(kind).eps)
    # A sum of 3 products is off by 3 roundings of its largest term, n of them in a norm.
    np.testing.assert_allclose(
        found.run.relative_norms, expected.relative_norms, rtol=24 * 8 * unit
    )
    assert (found.run.values != 0).sum() == 2 * 3
    # Targets outside the span of the features are out of reach, not reached by noise.
    with pytest.raises(ValueError, match="out of reach"):
        distill_kernel_regression(gram, gram[:2], rng.standard_normal(24), 0.05, 1)


def test_a_gram_matrix_of_singles():
    # One direction v: every round takes away a residual of sqrt(n eps) = sqrt(4e-3).
    v = np.float32([0.1, 0.2, 0.3, 0.7])
    run = distill_kernel_regression(np.outer(v, v), np.outer(v, v)[:1], v, 1e-3, 2).run
    first = np.sqrt(0.63 / 4e-3)
    np.testing.assert_allclose(run.relative_norms, first - np.arange(3), rtol=1e-6)
    # What is more than rounding stays refused: in doubles these eigenvalues are not a kernel's.
    with pytest.raises(ValueError, match="gram has eigenvalues"):
        distill_kernel_regression(np.outer(v, v).astype(float) - 1e-6 * np.eye(4), [v], v, 1e-3, 2)
    torch = pytest.importorskip("torch")
    t = torch.tensor(v, requires_grad=True)
    tensors = distill_kernel_regression(torch.outer(t, t), torch.outer(t, t)[:1], t, 1e-3, 2)
    np.testing.assert_allclose(tensors.run.relative_norms, run.relative_norms, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: distill(np.ma.masked_array([1.0, 2], [0, 1]), [1, 1], 0.1, 1), "masked array"),
        (lambda: distill([1 + 1j, 2], [1, 1], 0.1, 1), "eigenvalues of type complex"),
        (lambda: distill([1.0, 2], [1j, 1], 0.1, 1), "targets of type complex"),
        (lambda: distill([1.0, 2], [1, 1], "0.1", 1), "tolerance='0.1' is not allowed"),
        (lambda: collapse_time([2 + 1j, 1]), "relative_norms of type complex"),
        (lambda: distill_kernel_regression(1j * np.eye(2), np.eye(2), [1, 1], 0.1, 1),
         "gram of type complex"),
        (lambda: distill_kernel_regression(np.eye(2), 1j * np.eye(2), [1, 1], 0.1, 1),
         "cross of type complex"),
    ],
)  # fmt: skip
def test_hidden_and_complex_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_ends_of_the_recursion():
    none = distill([1.0, 2.0], [3.0, 4.0], tolerance=1.0, rounds=0)
    assert (none.rounds, none.collapsed) == (0, False)
    assert none.values.shape == none.filters.shape == (0, 2)
    assert none.effective_functions.shape == (0,)
    small = distill([1.0, 2.0], [0.3, 0.4], tolerance=1.0, rounds=5)
    assert (small.rounds, small.collapsed) == (0, True)
    assert collapse_time(small.relative_norms) == 0
    # What lies at eigenvalue 0 is lost in the first round.
    lost = distill([0.0, 1.0, 2.0], [0.1, 1.0, 1.0], tolerance=0.02, rounds=1)
    assert lost.values[0, 0] == 0
    assert lost.relative_norms[0] - lost.relative_norms[1] <= 1
    # Targets of just more than the tolerance collapse in one round, however little is left.
    edge = distill([1.0, 3.0], [1.0, 1.0], tolerance=1 - 1e-15, rounds=9)
    assert edge.rounds == 1
    assert np.isfinite(edge.penalties).all()
    empty = distill_kernel_regression(np.eye(2), np.eye(2), [0.1, 0.1], 1.0, 3)
    assert empty.fitted.shape == empty.predicted.shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: distill([1.0, -1e-20], [1, 1], 0.1, 1), "eigenvalues of shape"),
        (lambda: distill([0.0, 0.0], [1, 1], 0.1, 1), "tolerance=0.1 is out of reach"),
        (lambda: distill([1.0, np.nan], [1, 1], 0.1, 1), "eigenvalues of shape"),
        (lambda: distill([1.0, 2.0], [1], 0.1, 1), "targets of shape"),
        (lambda: distill([1.0, 2.0], [1, np.inf], 0.1, 1), "targets of shape"),
        (lambda: distill([1.0, 2.0], [1, 1], 0.0, 1), "tolerance=0.0 is not allowed"),
        (lambda: distill([1.0, 2.0], [1, 1], np.nan, 1), "tolerance=nan is not allowed"),
        (lambda: distill([1.0, 2.0], [1, 1], 0.1, -1), "rounds=-1 is not allowed"),
        (lambda: distill([1.0, 2.0], [1, 1], 0.1, 1.5), "rounds=1.5 is not allowed"),
        (lambda: distill([1.0, 2.0], [1, 1], 0.1, True), "rounds=True is not allowed"),
        (lambda: distill([1.0, 0.0], [1, 1], 0.1, 1), "tolerance=0.1 is out of reach"),
        (lambda: collapse_time([3.0, 2.0]), "relative_norms="),
        (lambda: distill_kernel_regression([[1, 2], [0, 1]], [[1, 1]], [1, 1], 0.1, 1),
         "gram is not symmetric"),
        (lambda: distill_kernel_regression([[1, 2], [2, 1]], [[1, 1]], [1, 1], 0.1, 1),
         "gram has eigenvalues"),
        (lambda: distill_kernel_regression(np.eye(2), [1, 1], [1, 1], 0.1, 1), "cross of shape"),
        (lambda: distill_kernel_regression(np.eye(2), np.eye(2), [1], 0.1, 1), "targets of shape"),
        (lambda: distill_kernel_regression(np.ones((2, 3)), np.eye(2), [1], 0.1, 1),
         "gram of shape"),
    ],
)  # fmt: skip
def test_bad_inputs_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
