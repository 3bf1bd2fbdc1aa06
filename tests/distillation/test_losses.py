"""Every loss against 400 digits, every gradient against automatic differentiation."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from hypothesis import strategies as st
from test_loss import TEMPERATURES, log_softmax, pairs

from mvtheory.distillation import Loss, dual_labels, dual_outputs, logit_gradient, loss, outputs
from mvtheory.distillation import soft_weight as soft_weight_of
from mvtheory.multiprecision import context

EPS = np.finfo(float).eps
RELATIVE = 1e-12  # what the docstring says
KINDS = [
    ("forward", None),
    ("reverse", None),
    ("jsd", 1e-9),
    ("jsd", 0.5),
    ("jsd", 1 - 1e-9),
    ("mse", None),
]


def problem(samples=7, classes=5, seed=0):
    rng = np.random.default_rng(seed)
    student, teacher = 2 * rng.standard_normal((2, samples, classes))
    return rng.integers(classes, size=samples), student, teacher


def divergence_of(mp, student, teacher, t, kind, beta):
    """The definition, in mpmath numbers; a class of probability 0 adds nothing."""
    if kind == "mse":
        shown = [pair for pair in zip(student, teacher, strict=True) if np.isfinite(pair[0])]
        return mp.fsum(((mp.mpf(float(a)) - mp.mpf(float(b))) / t) ** 2 for a, b in shown)
    p, q = ([mp.exp(x) for x in log_softmax(mp, row, t)] for row in (student, teacher))

    def kl(one, two):
        return mp.fsum(a * mp.log(a / b) for a, b in zip(one, two, strict=True) if a)

    if kind == "jsd":
        m = [beta * b + (1 - beta) * a for a, b in zip(p, q, strict=True)]
        return beta * kl(q, m) + (1 - beta) * kl(p, m)
    return kl(q, p) if kind == "forward" else kl(p, q)


@pytest.mark.parametrize(("kind", "beta"), KINDS)
@pytest.mark.parametrize("size", [1e-5, 1.0, 1e5])
@pytest.mark.parametrize("t", TEMPERATURES)
def test_values_have_twelve_digits(t, size, kind, beta):
    rng = np.random.default_rng(0)
    setting = Loss(temperature=t, divergence=kind, beta=beta, squared=False, reduction="sum")
    with context(digits=700) as mp:
        for name, teacher, student in pairs(size, t, rng):
            for i in range(2):
                expected = divergence_of(mp, student[i], teacher[i], mp.mpf(t), kind,
                                         None if beta is None else mp.mpf(beta))  # fmt: skip
                found = setting.value(None, student[i : i + 1], teacher[i : i + 1])
                if expected > mp.mpf(10) ** -290:
                    assert abs(found / expected - 1) < RELATIVE, name


@pytest.mark.parametrize("beta", [1e-6, 0.3, 0.5])
def test_jsd_is_finite_where_one_side_masks(beta):
    _, student, teacher = problem(samples=2)
    setting = Loss(temperature=3, divergence="jsd", beta=beta, squared=False, reduction="sum")
    hidden = np.where([0, 0, 1, 0, 0], -np.inf, 0.0)
    alone = np.where([0, 0, 1, 0, 0], 0.0, -np.inf)
    with context(digits=100) as mp:
        for own, other in ((student + hidden, teacher), (student, teacher + hidden),
                           (student + hidden, teacher + alone)):  # fmt: skip
            expected = mp.fsum(divergence_of(mp, a, b, mp.mpf(3), "jsd", mp.mpf(beta))
                               for a, b in zip(own, other, strict=True))  # fmt: skip
            assert abs(setting.value(None, own, other) / expected - 1) < RELATIVE
            # A class that the student masks has no gradient: it stays masked.
            gradient = setting.gradient(None, own, other)
            assert np.isfinite(gradient).all()
            assert (gradient[np.isneginf(own)] == 0).all()


def torch_loss(setting, labels, student, teacher):
    """The same in torch, from the definitions."""
    t, taught = setting.temperature, setting.teacher_temperature
    a, b = student / t, teacher / taught
    p, q = F.softmax(a, 1), F.softmax(b, 1)
    log_p, log_q = F.log_softmax(a, 1), F.log_softmax(b, 1)
    if setting.divergence == "forward":
        terms = q * (log_q - log_p)
    elif setting.divergence == "reverse":
        terms = p * (log_p - log_q)
    elif setting.divergence == "jsd":
        beta = setting.beta
        m = (beta * q + (1 - beta) * p).log()
        terms = beta * q * (log_q - m) + (1 - beta) * p * (log_p - m)
    else:
        terms = (a - b) ** 2
    c = t**2 if setting.squared else 1.0
    per_sample = terms.mean(1) if setting.reduction == "mean" else terms.sum(1)
    soft = c * (per_sample.sum() if setting.reduction == "sum" else per_sample.mean())
    reduction = "sum" if setting.reduction == "sum" else "mean"
    hard = F.cross_entropy(student, torch.tensor(labels), reduction=reduction)
    return setting.scale * (setting.hard_weight * hard + (1 - setting.hard_weight) * soft)


SETTINGS = st.builds(
    lambda kind, beta, **rest: Loss(divergence=kind, beta=beta if kind == "jsd" else None, **rest),
    kind=st.sampled_from(["forward", "reverse", "jsd", "mse"]),
    beta=st.floats(0.01, 0.99),
    temperature=st.floats(0.5, 20),
    teacher_temperature=st.one_of(st.none(), st.floats(0.5, 20)),
    hard_weight=st.floats(0, 1),
    squared=st.booleans(),
    reduction=st.sampled_from(["batchmean", "mean", "sum"]),
    scale=st.floats(0.1, 10),
)


@given(SETTINGS, st.integers(0, 10**6))
def test_values_and_gradients_are_those_of_automatic_differentiation(setting, seed):
    labels, student, teacher = problem(samples=5, classes=6, seed=seed)
    z = torch.tensor(student, requires_grad=True)
    value = torch_loss(setting, labels, z, torch.tensor(teacher))
    (expected,) = torch.autograd.grad(value, z)
    samples = 1 if setting.reduction == "sum" else 5
    # Sums of 30 terms of the size of logits over T, squared for mse, some of which cancel.
    size = setting.hard_factor + setting.soft_factor * max(1, (10 / setting.temperature) ** 2)
    size *= 200 if setting.reduction == "sum" else 40
    found = setting.value(labels, student, teacher)
    assert found == pytest.approx(value.item(), rel=0, abs=40 * EPS * size)
    np.testing.assert_allclose(
        setting.gradient(labels, student, teacher), samples * expected, rtol=0, atol=40 * EPS * size
    )


@given(SETTINGS, st.integers(0, 10**6))
def test_the_dual_model(setting, seed):
    labels, student, teacher = problem(seed=seed)
    dual = setting.dual(labels, student, teacher)
    if setting.divergence != "mse":
        # Softmaxes, and what a softmax is asked to be: jsd's labels are quotients by beta.
        np.testing.assert_allclose(dual.outputs.sum(axis=1), 1, rtol=0, atol=10 * EPS)
        np.testing.assert_allclose(dual.labels.sum(axis=1), 1, rtol=0, atol=1e4 * EPS)
        expected = dual_outputs(
            student, temperature=setting.temperature, soft_weight=dual.soft_weight
        )
        np.testing.assert_allclose(dual.outputs, expected, rtol=0, atol=4 * EPS)
    if setting.divergence in ("forward", "mse"):
        assert dual.fixed
        moved = setting.dual(labels, student[::-1] + 1, teacher)
        np.testing.assert_array_equal(moved.labels, dual.labels)
    else:
        assert dual.fixed == (setting.hard_weight == 1)
    if setting.divergence == "forward":
        q = dual_labels(
            labels,
            teacher,
            temperature=setting.teacher_temperature,
            soft_weight=dual.soft_weight,
        )
        np.testing.assert_allclose(dual.labels, q, rtol=0, atol=100 * EPS)


def test_near_the_teacher_all_dual_labels_are_the_teachers():
    _, student, teacher = problem()
    q = outputs.softmax(teacher, 2.0)
    for step in (1e-2, 1e-3):
        near = teacher + step * student
        for kind, beta in (("reverse", None), ("jsd", 0.3)):
            dual = Loss(temperature=2, divergence=kind, beta=beta).dual(None, near, teacher)
            # x = (s - t)/T is up to 3 step, and what is left is of order x^2/beta.
            assert np.abs(dual.labels - q).max() < 40 * step**2
            assert np.abs(dual.labels - q).max() > 1e-3 * step**2
            assert not dual.fixed
            assert dual.weight == pytest.approx(2 * (1 if beta is None else beta * (1 - beta)))


def test_reverse_is_a_regression_on_logits_in_fishers_metric():
    _, student, teacher = problem(samples=1)
    p = outputs.softmax(student, 3.0)[0]
    fisher = np.diag(p) - np.outer(p, p)
    setting = Loss(temperature=3, divergence="reverse", squared=False)
    expected = fisher @ (student - teacher)[0] / 3 / 3
    found = setting.gradient(None, student, teacher)[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=20 * EPS)


@pytest.mark.parametrize("beta", [1e-3, 1e-5, 1e-7])
def test_jsd_over_its_curvature_ends_at_the_two_divergences(beta):
    _, student, teacher = problem()
    ends = [Loss(temperature=2, divergence=kind).value(None, student, teacher)
            for kind in ("forward", "reverse")]  # fmt: skip
    for share, end in zip((beta, 1 - beta), ends, strict=True):
        setting = Loss(temperature=2, divergence="jsd", beta=share, scale=1 / share / (1 - share))
        # What is left is beta times a chi^2-like second moment, of order e^8 here.
        assert setting.value(None, student, teacher) == pytest.approx(end, rel=100 * beta)
        plain = Loss(temperature=2, divergence="jsd", beta=share)
        assert plain.value(None, student, teacher) < 2 * beta * max(ends)


@given(st.integers(0, 10**6), st.floats(0.01, 0.99))
def test_jsd_with_the_sides_exchanged_is_that_of_the_other_share(seed, beta):
    _, student, teacher = problem(seed=seed)
    one = Loss(temperature=2, divergence="jsd", beta=beta).value(None, student, teacher)
    two = Loss(temperature=2, divergence="jsd", beta=1 - beta).value(None, teacher, student)
    assert one == pytest.approx(two, rel=1e-12)
    kl = [Loss(temperature=2, divergence=kind).value(None, student, teacher)
          for kind in ("forward", "reverse")]  # fmt: skip
    # The divergence from a mixture is at most that from its part, by its share.
    assert 0 <= one <= beta * (1 - beta) * sum(kl)


@pytest.mark.parametrize(("t", "hard"), [(1.0, 0.3), (4.0, 0.1), (4.0, 0.0), (20.0, 1.0)])
def test_hintons_loss_is_the_sources_times_its_weight(t, hard):
    labels, student, teacher = problem()
    w = soft_weight_of(hard_weight=hard, temperature=t)
    setting = Loss(temperature=t, hard_weight=hard)
    old = loss(labels, student, teacher, temperature=t, soft_weight=w)
    weight = hard + (1 - hard) * t
    assert setting.value(labels, student, teacher) == pytest.approx(weight * old, rel=1e-14)
    np.testing.assert_allclose(
        setting.gradient(labels, student, teacher),
        weight * logit_gradient(labels, student, teacher, temperature=t, soft_weight=w),
        rtol=0,
        atol=10 * EPS * weight,
    )
    assert setting.setting == pytest.approx({"temperature": t, "hard_weight": hard, "beta": 0})


def test_blocks_tensors_and_single_precision_change_nothing_but_rounding(monkeypatch):
    labels, student, teacher = problem(samples=50)
    for kind, beta in KINDS:
        setting = Loss(temperature=2.5, hard_weight=0.2, divergence=kind, beta=beta)
        whole = setting.value(labels, student, teacher)
        gradient = setting.gradient(labels, student, teacher)
        with monkeypatch.context() as patch:
            patch.setattr(outputs, "BLOCK", 12)
            # 50 terms of order 1, added in another order.
            assert setting.value(labels, student, teacher) == pytest.approx(whole, rel=50 * EPS)
            np.testing.assert_array_equal(setting.gradient(labels, student, teacher), gradient)
        tensors = [torch.tensor(rows, dtype=torch.float32) for rows in (student, teacher)]
        rounded = [rows.double().numpy() for rows in tensors]
        assert setting.value(labels, *tensors) == setting.value(labels, *rounded)


def test_masked_classes_are_as_if_they_were_not_there():
    labels, student, teacher = problem()
    wide = [np.insert(rows, 2, -np.inf, axis=1) for rows in (student, teacher)]
    for kind, beta in KINDS:
        setting = Loss(temperature=2.5, hard_weight=0.2, divergence=kind, beta=beta)
        moved = labels + (labels >= 2)
        assert setting.value(moved, *wide) == setting.value(labels, student, teacher)
        gradient = setting.gradient(moved, *wide)
        assert (gradient[:, 2] == 0).all()
        np.testing.assert_array_equal(
            np.delete(gradient, 2, axis=1), setting.gradient(labels, student, teacher)
        )


@pytest.mark.parametrize("kind", ["forward", "reverse", "jsd", "mse"])
def test_a_student_that_equals_its_teacher_loses_nothing(kind):
    _, _, teacher = problem()
    setting = Loss(temperature=3, divergence=kind, beta=0.4 if kind == "jsd" else None)
    assert setting.value(None, teacher, teacher) == 0
    assert (setting.gradient(None, teacher, teacher) == 0).all()


def test_arguments_that_are_refused():
    labels, student, teacher = problem()
    for bad in (
        {"temperature": 0},
        {"hard_weight": 1.1},
        {"scale": 0},
        {"teacher_temperature": -1},
        {"divergence": "kl"},
        {"reduction": "none"},
        {"beta": 0.5},
        {"divergence": "jsd"},
        {"divergence": "jsd", "beta": 1},
    ):
        name = list(bad)[-1] if bad != {"divergence": "jsd"} else "beta"
        with pytest.raises(ValueError, match=f"{name}=.* is not allowed"):
            Loss(**({"temperature": 2.0} | bad))
    setting = Loss(temperature=2, hard_weight=0.5)
    with pytest.raises(ValueError, match="labels=None"):
        setting.value(None, student, teacher)
    with pytest.raises(ValueError, match=r"teacher of shape \(6, 5\)"):
        setting.value(labels, student, teacher[:-1])
    for kind, side, other in (("forward", 0, "teacher"), ("reverse", 1, "student")):
        rows = [student.copy(), teacher.copy()]
        rows[side][3, 1] = -np.inf
        name = ("student", "teacher")[side]
        for call in (Loss.value, Loss.gradient):
            with pytest.raises(ValueError, match=rf"{name}\[3\] masks .* to which the {other}"):
                call(Loss(temperature=2, divergence=kind), None, *rows)


def of_advisor(temperature, hard_weight, beta):
    """The loss of an anchor."""
    if beta in (0, 1):
        kind = "reverse" if beta else "forward"
        return Loss(temperature=temperature, hard_weight=hard_weight, divergence=kind)
    factor = 1 / (beta * (1 - beta))
    # Of the divergence alone: its weight counts that much more.
    return Loss.weighing(
        hard_weight, (1 - hard_weight) * factor, temperature=temperature, divergence="jsd",
        beta=beta,
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "beta"), [k for k in KINDS if k[0] != "mse"])
def test_what_the_students_of_the_advisor_are(kind, beta):
    labels, student, teacher = problem()
    for squared, scale in itertools.product((True, False), (0.5, 3.0)):
        setting = Loss(temperature=4, hard_weight=0.1, divergence=kind, beta=beta, squared=squared,
                       scale=scale)  # fmt: skip
        ours = of_advisor(**setting.setting)
        ratio = setting.value(labels, student, teacher) / ours.value(labels, student, teacher)
        grad = setting.gradient(labels, student, teacher)
        np.testing.assert_allclose(
            grad, ratio * ours.gradient(labels, student, teacher), rtol=1e-12, atol=1e-14
        )
    for bad in ({"divergence": "mse"}, {"reduction": "mean"}, {"teacher_temperature": 2}):
        with pytest.raises(ValueError, match="is no loss of the advisor's"):
            _ = Loss(**({"temperature": 4.0} | bad)).setting
