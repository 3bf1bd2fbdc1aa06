"""H and its traces against the sums that define them, and against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.distillation import (
    accuracy,
    decomposition,
    dual_accuracy,
    dual_labels,
    dual_outputs,
    gain_measured,
    h,
    h_hat,
    h_matrix,
    outputs,
)
from mvtheory.distillation.outputs import softmax

EPS = np.finfo(float).eps
# The labels and predictions of the tests are probabilities: sums over samples divided by N, of
# order 1, are good to a few units, and ten times that is the tolerance.
ROUNDING = {"rtol": 0, "atol": 40 * EPS}


def problem(samples=60, classes=5, seed=0):
    """A student that is right more often than not, and a teacher that is better."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    noise = rng.standard_normal((2, samples, classes))
    teacher, student = 2.5 * np.eye(classes)[labels] + noise * [[[0.8]], [[1.5]]]
    return labels, teacher, student


def by_definition(y, p, y_centre, p_centre):
    total = sum(np.outer(a - y_centre, b - p_centre) for a, b in zip(y, p, strict=True))
    return (total + total.T) / (2 * len(y))


@pytest.mark.parametrize("centre", ["uniform", "mean"])
@pytest.mark.parametrize("block", [1, 12, 2**19])
@pytest.mark.parametrize("temperature", [0, 0.7, None])
@pytest.mark.parametrize("label_temperature", ["classes", 0, 3.0, None])
def test_h_is_the_sum_that_defines_it(monkeypatch, centre, block, temperature, label_temperature):
    monkeypatch.setattr(outputs, "BLOCK", block)
    labels, teacher, student = problem()
    predictions, p = student, softmax(student, 1.0 if temperature is None else temperature)
    if temperature is None:
        predictions = p
    if label_temperature == "classes":
        y, found = np.eye(5)[labels], h_matrix(labels, predictions, temperature, centre=centre)
    else:
        y = softmax(teacher, 2.0 if label_temperature is None else label_temperature)
        soft = y if label_temperature is None else teacher
        found = h_matrix(soft, predictions, temperature, label_temperature, centre)
    centres = (0.2, 0.2) if centre == "uniform" else (y.mean(axis=0), p.mean(axis=0))
    np.testing.assert_allclose(found, by_definition(y, p, *centres), **ROUNDING)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found.sum(axis=0), 0, **ROUNDING)
    if centre == "uniform":
        overlap = (y * p).sum(axis=1).mean()
        assert found.trace() == pytest.approx(overlap - 0.2, abs=40 * EPS)


@given(st.integers(2, 12), st.integers(1, 40), st.integers(0, 10**6), st.floats(1e-3, 1e3))
def test_h_by_properties(classes, samples, seed, temperature):
    """Also with classes that have no samples, and with fewer samples than classes."""
    labels, teacher, student = problem(samples, classes, seed)
    matrix = h_matrix(labels, student, temperature)
    p = softmax(student, temperature)
    assert 1 / classes + matrix.trace() == pytest.approx(
        p[np.arange(samples), labels].mean(), abs=40 * EPS
    )
    assert 1 / classes + h_matrix(labels, student, 0).trace() == pytest.approx(
        accuracy(labels, student), abs=40 * EPS
    )
    # The order of the samples does not matter; that of the classes turns H with them.
    order = np.random.default_rng(seed).permutation(samples)
    np.testing.assert_allclose(h_matrix(labels[order], student[order], temperature), matrix,
                               **ROUNDING)  # fmt: skip
    names = np.random.default_rng(seed).permutation(classes)
    turned = h_matrix(np.argsort(names)[labels], student[:, names], temperature)
    np.testing.assert_allclose(turned, matrix[np.ix_(names, names)], **ROUNDING)
    # Labels and predictions change places without a trace.
    soft = h_matrix(teacher, student, temperature, 2.0)
    np.testing.assert_allclose(soft, h_matrix(student, teacher, 2.0, temperature), **ROUNDING)


def test_h_of_one_hot_predictions_counts():
    labels, chosen = [0, 1, 2, 2, 1, 0, 0], np.array([0, 1, 1, 2, 1, 2, 0])
    confusion = np.array([[2, 0, 1], [0, 2, 0], [0, 1, 1]])
    for predictions, temperature in ((np.eye(3)[chosen], None), (5 * np.eye(3)[chosen], 0)):
        found = h_matrix(labels, predictions, temperature)
        ones, y, p = np.ones(3), np.array([3, 2, 2]), np.array([2, 3, 2])
        centred = confusion / 7 - (np.outer(y, ones) + np.outer(ones, p)) / 21 + 1 / 9
        np.testing.assert_allclose(found, (centred + centred.T) / 2, **ROUNDING)


def test_half_precision_rows_are_divided_by_their_sum():
    labels, _, student = problem()
    half = softmax(student, 1.0).astype(np.float16)
    exact = half.astype(float)
    exact /= exact.sum(axis=1, keepdims=True)
    assert np.abs(half.astype(float).sum(axis=1) - 1).max() > 1e-5
    np.testing.assert_allclose(h_matrix(labels, half), h_matrix(labels, exact), **ROUNDING)
    np.testing.assert_allclose(h_matrix(labels, half).sum(axis=0), 0, **ROUNDING)


def test_h_reads_memory_maps_without_copying_them(tmp_path):
    """The peak is that of the blocks and of K x K, far below the rows in float64."""
    import tracemalloc

    samples, classes = 60_000, 100
    rows = np.lib.format.open_memmap(
        tmp_path / "rows.npy", "w+", dtype=np.float16, shape=(samples, classes)
    )
    rng = np.random.default_rng(0)
    labels = rng.integers(classes, size=samples)
    rows[:] = rng.standard_normal((samples, classes), dtype=np.float32)
    rows[np.arange(samples), labels] += 2
    h_matrix(labels[:10], rows[:10], 1.0)  # imports what it needs
    tracemalloc.start()
    matrix = h_matrix(labels, rows, 1.0)
    exact = h_matrix(labels, rows, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A block is 4 MiB in float64, and no more than six of them live at once.
    assert peak < 24 * 2**20 < samples * classes * 8
    assert exact.trace() + 0.01 == pytest.approx(accuracy(labels, rows), abs=1e-13)
    p = softmax(np.array(rows), 1.0)[np.arange(samples), labels].mean()
    assert matrix.trace() + 0.01 == pytest.approx(p, abs=1e-13)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_traces_are_those_of_h(temperature):
    labels, teacher, student = problem()
    assert h(labels, student) == accuracy(labels, student) - 1 / 5
    assert h(labels, student) == pytest.approx(h_matrix(labels, student, 0).trace(), abs=40 * EPS)
    soft = h_matrix(teacher, student, 0, temperature).trace()
    assert h_hat(student, teacher, temperature) == pytest.approx(soft, abs=40 * EPS)
    # A teacher that is sure has the labels' own trace.
    sure = 1e4 * np.eye(5)[labels]
    assert h_hat(student, sure, temperature) == pytest.approx(h(labels, student), abs=40 * EPS)


@given(st.integers(0, 10**6), st.floats(0.1, 30), st.floats(0, 1), st.floats(1e-2, 10))
def test_equation_11_is_the_trace_of_dual_labels_and_outputs(seed, t, w, gamma):
    labels, teacher, student = problem(seed=seed)
    parts = decomposition(
        labels, student, teacher, temperature=t, soft_weight=w, prediction_temperature=gamma
    )
    y = dual_labels(labels, teacher, temperature=t, soft_weight=w)
    # gamma-warm outputs of the dual model: its own formula for logits divided by gamma.
    p = dual_outputs(student / gamma, temperature=t, soft_weight=w)
    assert parts.total == pytest.approx((y * p).sum(axis=1).mean() - 0.2, abs=60 * EPS)
    assert parts.total == pytest.approx(h_matrix(y, p).trace(), abs=60 * EPS)
    # Each term by itself, through H.
    warm = gamma * t
    expected = (
        (1 - w) ** 2 * h_matrix(labels, student, gamma).trace(),
        (1 - w) * w * h_matrix(labels, student, warm).trace(),
        w * (1 - w) * h_matrix(teacher, student, gamma, t).trace(),
        w**2 * h_matrix(teacher, student, warm, t).trace(),
    )
    np.testing.assert_allclose(parts.terms, expected, rtol=0, atol=60 * EPS)


def test_equation_11_tends_to_the_dual_accuracy():
    labels, teacher, student = problem()
    given_ = {"temperature": 4.0, "soft_weight": 0.9}
    limit = dual_accuracy(labels, student, teacher, **given_)
    totals = [
        decomposition(labels, student, teacher, **given_, prediction_temperature=gamma).total + 0.2
        for gamma in (1.0, 0.1, 1e-2, 1e-5, 1e-300, 0.0)
    ]
    errors = np.abs(np.array(totals) - limit)
    # The least gap between a student's two largest logits is above 1e-3: at gamma = 1e-5 the
    # others have probability exp(-1e-3/(4e-5)) = 1e-11 at most.
    top = np.sort(student, axis=1)
    assert (top[:, -1] - top[:, -2]).min() > 1e-3
    assert errors[0] > errors[1] > errors[2] > errors[3]
    assert errors[3] < 1e-11
    assert (errors[4:] < 40 * EPS).all()


def test_the_dual_accuracy_is_a_share_of_the_dual_labels():
    labels, teacher, student = problem()
    y = dual_labels(labels, teacher, temperature=4.0, soft_weight=0.9)
    share = y[np.arange(60), student.argmax(axis=1)].mean()
    found = dual_accuracy(labels, student, teacher, temperature=4.0, soft_weight=0.9)
    assert found == pytest.approx(share, abs=40 * EPS)
    hard = dual_accuracy(labels, student, teacher, temperature=4.0, soft_weight=0)
    assert hard == pytest.approx(accuracy(labels, student), abs=4 * EPS)


def test_gain_measured():
    labels, teacher, student = problem(samples=200)
    q, right = softmax(teacher, 3.0), student.argmax(axis=1)
    expected = (q[np.arange(200), right].mean() - 0.2) / ((right == labels).mean() - 0.2)
    found = gain_measured(labels, student, teacher, 3.0)
    assert found == pytest.approx(expected, rel=100 * EPS)
    # A student of chance, or by chance a little better, has no gain.
    for shift in (1, 2):
        wrong = 3.0 * np.eye(5)[(labels + shift) % 5]
        wrong[:43] = 3.0 * np.eye(5)[labels[:43]]
        with pytest.raises(ValueError, match=r"right in 0.215 of 200 .*1/5 \(wanted: h > 0"):
            gain_measured(labels, wrong, teacher, 3.0)


def test_arguments_that_are_refused():
    labels, teacher, student = problem()
    with pytest.raises(ValueError, match=r"centre='median' is not allowed .*'uniform' or 'mean'"):
        h_matrix(labels, student, 1.0, centre="median")
    with pytest.raises(ValueError, match="predictions holds rows that are no probabilities"):
        h_matrix(labels, student)
    with pytest.raises(ValueError, match=r"predictions holds probabilities .* logits are wanted"):
        h_matrix(labels, softmax(student, 1.0), 1.0)
    with pytest.raises(ValueError, match="labels holds rows that are no probabilities"):
        h_matrix(teacher, student, 1.0)
    with pytest.raises(ValueError, match=r"labels of shape \(60,\) .* shape \(N, K\)"):
        h_matrix(labels, student, 1.0, label_temperature=2.0)
    with pytest.raises(ValueError, match=r"labels of shape \(59, 5\) is not allowed: the other"):
        h_matrix(teacher[1:], student, 1.0, 2.0)
    with pytest.raises(ValueError, match=r"labels\[3\]=5"):
        h_matrix(np.array([0, 1, 2, 5] * 15), student, 1.0)
    for bad in (-1, np.nan, "1", [1.0]):
        with pytest.raises(ValueError, match=r"^temperature=.* 0 <= temperature <= 10\^6"):
            h_matrix(labels, student, bad)
        with pytest.raises(ValueError, match=r"^label_temperature=.* is not allowed"):
            h_matrix(teacher, student, 1.0, bad)
        with pytest.raises(ValueError, match=r"^prediction_temperature=.* is not allowed"):
            decomposition(labels, student, teacher, temperature=2.0, soft_weight=0.5,
                          prediction_temperature=bad)  # fmt: skip
        with pytest.raises(ValueError, match=r"^temperature=.* is not allowed"):
            h_hat(student, teacher, bad)
        with pytest.raises(ValueError, match=r"^soft_weight=.* is not allowed"):
            dual_accuracy(labels, student, teacher, temperature=2.0, soft_weight=bad)
    with pytest.raises(ValueError, match="labels has 59 samples"):
        accuracy(labels[1:], student)
