"""The dual model: the gradient of distillation is that of other outputs on other labels."""

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.distillation import (
    dual_labels,
    dual_outputs,
    logit_gradient,
    loss,
    outputs,
    soft_weight,
)
from mvtheory.distillation.outputs import softmax

EPS = np.finfo(float).eps
WEIGHTS = [(1.0, 0.3), (2.5, 0.8), (4.0, 0.0), (4.0, 1.0), (20.0, 0.95)]


def problem(samples=7, classes=5, seed=0):
    rng = np.random.default_rng(seed)
    teacher, student = 2 * rng.standard_normal((2, samples, classes))
    return rng.integers(classes, size=samples), teacher, student


def mp_softmax(row, temperature):
    terms = [mpmath.exp(x / temperature) for x in row]
    return [term / mpmath.fsum(terms) for term in terms]


def mp_loss(label, teacher, student, t, w):
    """The loss of one sample, written out in mpmath numbers, complex ones too."""
    p, p_warm, q = mp_softmax(student, 1), mp_softmax(student, t), mp_softmax(teacher, t)
    divergence = mpmath.fsum(a * (mpmath.log(a) - mpmath.log(b)) for a, b in zip(q, p_warm))  # noqa: B905
    return -(1 - w) * mpmath.log(p[label]) + w * t * divergence


@pytest.mark.parametrize(("t", "w"), WEIGHTS)
def test_the_loss_has_the_digits_of_mpmath(t, w):
    labels, teacher, student = problem()
    with mpmath.workdps(40):
        rows = zip(labels, teacher.tolist(), student.tolist(), strict=True)
        terms = [mp_loss(y, a, b, mpmath.mpf(t), mpmath.mpf(w)) for y, a, b in rows]
        expected = float(mpmath.fsum(terms) / len(terms))
    found = loss(labels, student, teacher, temperature=t, soft_weight=w)
    # Logarithms of up to 15, times T, each good to a few units in the last place.
    assert found == pytest.approx(expected, abs=4 * EPS * 15 * t)


@pytest.mark.parametrize(("t", "w"), WEIGHTS)
def test_lemma_2_to_rounding_by_complex_steps(t, w):
    labels, teacher, student = problem(samples=3)
    found = logit_gradient(labels, student, teacher, temperature=t, soft_weight=w)
    step = mpmath.mpf(10) ** -30
    with mpmath.workdps(80):
        for i, k in np.ndindex(student.shape):
            row = [mpmath.mpc(x) for x in student[i].tolist()]
            row[k] += 1j * step
            value = mp_loss(labels[i], teacher[i].tolist(), row, mpmath.mpf(t), mpmath.mpf(w))
            # Three probabilities, each good to a few units of 1.
            assert abs(found[i, k] - mpmath.im(value) / step) <= 4 * EPS


@given(st.integers(0, 10**6), st.floats(0.5, 50), st.floats(0, 1))
def test_lemma_2_by_automatic_differentiation(seed, t, w):
    labels, teacher, student = problem(samples=11, classes=6, seed=seed)
    z = torch.tensor(student, requires_grad=True)
    log_p = torch.log_softmax(z / t, dim=1)
    q = torch.softmax(torch.tensor(teacher) / t, dim=1)
    hard = torch.nn.functional.cross_entropy(z, torch.tensor(labels), reduction="sum")
    soft = torch.nn.functional.kl_div(log_p, q, reduction="sum")
    total = (1 - w) * hard + w * t * soft
    (gradient,) = torch.autograd.grad(total, z)
    given_ = {"temperature": t, "soft_weight": w}
    found = logit_gradient(labels, student, teacher, **given_)
    np.testing.assert_allclose(found, gradient.numpy(), rtol=0, atol=10 * EPS)
    mean = loss(labels, student, teacher, **given_)
    assert mean == pytest.approx(total.item() / 11, abs=60 * EPS * max(1, t))


def test_the_gradient_of_hintons_loss_is_a_multiple():
    labels, teacher, student = problem()
    t, hard = 4.0, 0.1
    z = torch.tensor(student, requires_grad=True)
    entropy = torch.nn.functional.cross_entropy(z, torch.tensor(labels), reduction="sum")
    q = torch.softmax(torch.tensor(teacher) / t, dim=1)
    divergence = torch.nn.functional.kl_div(torch.log_softmax(z / t, dim=1), q, reduction="sum")
    (gradient,) = torch.autograd.grad(hard * entropy + (1 - hard) * t**2 * divergence, z)
    w = soft_weight(hard_weight=hard, temperature=t)
    found = logit_gradient(labels, student, teacher, temperature=t, soft_weight=w)
    expected = gradient.numpy() / (hard + (1 - hard) * t)
    np.testing.assert_allclose(found, expected, rtol=0, atol=10 * EPS)


def test_as_printed_the_source_has_another_gradient():
    """The divergence the other way round, and (3) with the student's own soft labels."""
    labels, teacher, student = problem()
    t, w = 4.0, 0.9
    z = torch.tensor(student, requires_grad=True)
    p = torch.softmax(z / t, dim=1)
    q = torch.softmax(torch.tensor(teacher) / t, dim=1)
    hard = torch.nn.functional.cross_entropy(z, torch.tensor(labels), reduction="sum")
    reverse = (p * (p.log() - q.log())).sum()
    (printed,) = torch.autograd.grad((1 - w) * hard + w * t * reverse, z)
    found = logit_gradient(labels, student, teacher, temperature=t, soft_weight=w)
    assert np.abs(found - printed.numpy()).max() > 0.05
    own = dual_labels(labels, student, temperature=t, soft_weight=w)
    other = dual_outputs(student, temperature=t, soft_weight=w) - own
    assert np.abs(found - other).max() > 0.05


@given(st.integers(0, 10**6), st.floats(1e-3, 1e6), st.floats(0, 1))
def test_dual_rows_are_probabilities_and_gradients_have_sum_0(seed, t, w):
    labels, teacher, student = problem(seed=seed)
    given_ = {"temperature": t, "soft_weight": w}
    for rows in (dual_labels(labels, teacher, **given_), dual_outputs(student, **given_)):
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=0, atol=6 * EPS)
    gradient = logit_gradient(labels, student, teacher, **given_)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=12 * EPS)


def test_dual_rows_at_the_ends_of_the_soft_weight():
    labels, teacher, student = problem()
    one_hot = np.eye(5)[labels]
    for w, y, p in (
        (0.0, one_hot, softmax(student, 1.0)),
        (1.0, softmax(teacher, 3.0), softmax(student, 3.0)),
    ):
        np.testing.assert_array_equal(
            dual_labels(labels, teacher, temperature=3.0, soft_weight=w), y
        )
        np.testing.assert_array_equal(dual_outputs(student, temperature=3.0, soft_weight=w), p)


def test_a_student_that_equals_its_teacher_has_no_soft_loss():
    labels, teacher, _ = problem()
    assert loss(labels, teacher, teacher, temperature=3.0, soft_weight=1.0) == 0
    rest = logit_gradient(labels, teacher, teacher, temperature=3.0, soft_weight=1.0)
    assert (rest == 0).all()


def test_blocks_tensors_and_single_precision_change_nothing_but_rounding(monkeypatch):
    labels, teacher, student = problem(samples=50)
    given_ = {"temperature": 2.5, "soft_weight": 0.8}
    whole = loss(labels, student, teacher, **given_)
    gradient = logit_gradient(labels, student, teacher, **given_)
    monkeypatch.setattr(outputs, "BLOCK", 12)
    # 50 terms of order 1, added in another order.
    assert loss(labels, student, teacher, **given_) == pytest.approx(whole, rel=50 * EPS)
    np.testing.assert_array_equal(logit_gradient(labels, student, teacher, **given_), gradient)
    single = [torch.tensor(a, dtype=torch.float32, requires_grad=True) for a in (student, teacher)]
    found = logit_gradient(torch.tensor(labels), *single, **given_)
    assert found.dtype == np.float64
    # Logits up to 8, rounded to 24 bits.
    np.testing.assert_allclose(found, gradient, rtol=0, atol=8 * 2.0**-23)


def test_arguments_that_are_refused():
    labels, teacher, student = problem()
    good = {"temperature": 2.5, "soft_weight": 0.8}
    for name, bad in (("temperature", 0), ("temperature", [1.0, 2.0]), ("soft_weight", 1.5),
                      ("soft_weight", np.nan), ("soft_weight", None)):  # fmt: skip
        for call in (
            lambda **given: loss(labels, student, teacher, **given),
            lambda **given: dual_labels(labels, teacher, **given),
            lambda **given: dual_outputs(student, **given),
            lambda **given: logit_gradient(labels, student, teacher, **given),
        ):
            with pytest.raises(ValueError, match=f"{name}=.* is not allowed"):
                call(**(good | {name: bad}))
    with pytest.raises(ValueError, match=r"teacher of shape \(6, 5\) .* \(7, 5\)"):
        loss(labels, student, teacher[:-1], **good)
    with pytest.raises(ValueError, match="labels has 6 samples"):
        loss(labels[:-1], student, teacher, **good)
    with pytest.raises(ValueError, match="teacher holds probabilities"):
        dual_labels(labels, softmax(teacher, 1.0), **good)
    with pytest.raises(ValueError, match="student, teacher hold logits too large"):
        loss(labels, 1e307 * student, teacher, temperature=1e-3, soft_weight=0.5)
    # A teacher that large is one-hot: its loss is the limit of large teachers, a number.
    huge, large = (loss(labels, student, size * teacher, temperature=1e-3, soft_weight=0.5)
                   for size in (1e307, 1e9))  # fmt: skip
    assert huge == large < np.inf
