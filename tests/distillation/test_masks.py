"""Masked classes are as good as absent, whatever the number that masks them."""

from functools import cache

import numpy as np
import pytest
import torch
from scipy import optimize

from mvtheory.distillation import (
    Anchor,
    Balance,
    Coefficients,
    accuracy,
    advise,
    decomposition,
    diagnose,
    dual_accuracy,
    dual_labels,
    dual_outputs,
    gain_measured,
    generalized_wishart_of_outputs,
    h,
    h_hat,
    h_matrix,
    h_spectrum,
    linear,
    logit_gradient,
    loss,
)
from mvtheory.distillation import outputs as module
from mvtheory.distillation.outputs import masked, softmax

NUMBERS = (-np.inf, -1e9, -1e12, float(np.finfo(np.float32).min), -1.7e308)
"""Masks at every temperature: below -745.2e6, under which exp(-x/1e6) is 0."""
LOW = (-1e4, -65504.0, -1e6, -1e8)
"""Masks at T <= 8 alone: exp(-1e4/8) is 0, exp(-1e4/1e6) is .99."""
SAMPLES, CLASSES, PLACE = 240, 5, 2


def problem(seed=0, samples=SAMPLES):
    """Labels, student, teacher and the logits of a student of soft labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=samples)
    right, noise = np.eye(CLASSES)[labels], rng.standard_normal((3, samples, CLASSES))
    return labels, 2 * right + 1.5 * noise[0], 3 * right + noise[1], 2 * right + noise[2]


def widened(labels, *arrays, mask):
    """The same with a masked class at PLACE, which moves the labels above it."""
    wide = [np.insert(a, PLACE, mask, axis=1) for a in arrays]
    return np.asarray(labels) + (np.asarray(labels) >= PLACE), *wide


# Each takes labels, student, teacher and the soft student's logits, and gives numbers.
ANSWERS = {
    "accuracy": lambda y, s, t, a: accuracy(y, s),
    "h": lambda y, s, t, a: h(y, s),
    "h_hat": lambda y, s, t, a: h_hat(s, t, 4.0),
    "dual_accuracy": lambda y, s, t, a: dual_accuracy(y, s, t, temperature=4, soft_weight=0.7),
    "decomposition": lambda y, s, t, a: decomposition(
        y, s, t, temperature=4, soft_weight=0.7, prediction_temperature=2
    ).terms,
    "gain_measured": lambda y, s, t, a: gain_measured(y, s, t, 4.0),
    "loss": lambda y, s, t, a: loss(y, s, t, temperature=4, soft_weight=0.7),
    "h_matrix": lambda y, s, t, a: h_matrix(y, s, 1.5),
    "h_matrix of two": lambda y, s, t, a: h_matrix(t, s, 0, 4.0, centre="mean"),
    "wishart": lambda y, s, t, a: (
        lambda law: (law.aspect_ratio, law.correlation, law.scale)
    )(generalized_wishart_of_outputs(t, s, 1.0, 4.0)),
    "h_spectrum": lambda y, s, t, a: np.concatenate(
        [(f := h_spectrum(y, s, t, 4.0, 0.7, draws=1)).eigenvalues,
         *((c.distance, *c.sampled_distances) for c in f.comparisons)]
    ),
    "diagnose": lambda y, s, t, a: [
        (d.observed, d.expected, d.standard_error, d.holds) for d in diagnose(y, s, t, [1.0, 4.0])
    ],
    "balance": lambda y, s, t, a: (
        lambda c: (c.hard, *c.anchors, c.misfit)
    )(Balance(labels=y, student=s, teacher=t, anchors=[Anchor(logits=a, temperature=4)])
      .coefficients(1.5, 0.6)),
}  # fmt: skip


@cache
def unmasked(name):
    """The answer without the column."""
    return np.asarray(ANSWERS[name](*problem()), dtype=float)


@pytest.mark.parametrize("mask", [*NUMBERS, *LOW])
@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_those_without_the_column(name, mask):
    found = np.asarray(ANSWERS[name](*widened(*problem(), mask=mask)), dtype=float)
    # Sums over 5 or 6 classes in another order; steps of the balance end below 1e-6, with
    # quadratic convergence.
    np.testing.assert_allclose(found, unmasked(name), rtol=1e-9, atol=1e-12)


@cache
def advice(way, mask=None):
    """Advice with a masked column, or without the column."""
    given = problem()
    y, s, t, a = given if mask is None else widened(*given, mask=mask)
    return advise(
        y,
        s,
        t,
        anchors=[] if way == "copy" else [Anchor(logits=a, temperature=4, hard_weight=0.1)],
        split=np.arange(SAMPLES) < 90 if way == "balanced" else None,
    )


@pytest.mark.parametrize(
    "mask", [-np.inf, -1e9, -1e4, -65504.0, float(np.finfo(np.float32).min), np.finfo(float).min]
)
@pytest.mark.parametrize("way", ["balanced", "linear", "copy"])
def test_advice_is_that_without_the_column(way, mask):
    one, two = advice(way), advice(way, mask)
    for name in ("predicted", "low", "high"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name), rtol=0, atol=1e-9)
    assert [found.name for found in two.diagnostics] == [found.name for found in one.diagnostics]
    for found, expected in zip(two.diagnostics, one.diagnostics, strict=True):
        assert found.observed == pytest.approx(expected.observed, rel=1e-9, abs=1e-12)
        assert found.expected == pytest.approx(expected.expected, rel=1e-12)
    assert str(two) == str(one)


@pytest.mark.parametrize("mask", [-np.inf, -1e4, float(np.finfo(np.float16).min)])
def test_masks_in_half_precision_are_absent_too(mask):
    labels, *outputs = problem()
    half = [one.astype(np.float16) for one in outputs]
    wide = widened(labels, *half, mask=np.float16(mask))
    assert all(one.dtype == np.float16 for one in wide[1:])
    one, two = (
        advise(y, s, t, anchors=[Anchor(logits=a, temperature=4)], split=np.arange(SAMPLES) < 90)
        for y, s, t, a in ((labels, *half), wide)
    )
    np.testing.assert_allclose(two.predicted, one.predicted, rtol=0, atol=1e-9)
    assert str(two) == str(one)


@pytest.mark.parametrize("v", [*NUMBERS, *LOW])
def test_two_samples_of_two_classes_and_a_mask(v):
    """Solved by hand to digits: hard .860, anchor .033, as without the third column."""
    solved = Balance(
        labels=[0, 1],
        student=[[1, 0, v], [0, 0.5, v]],
        teacher=[[2, 0, v], [-1, 1, v]],
        anchors=[Anchor(logits=[[0.5, 0, v], [0, 1, v]], temperature=4)],
    )
    found = solved.coefficients(1, 0.5)
    assert (found.hard, *found.anchors) == pytest.approx((0.860, 0.033), abs=5e-4)
    for one in solved.diagnose():
        assert one.observed < 0
        assert abs(one.observed) < 1


def test_rows_that_mask_some_classes_have_the_balance_of_the_others():
    """Ragged rows, each of its own classes, solved without the product's code."""
    labels, student, teacher, soft = problem(3, samples=60)
    rng = np.random.default_rng(7)
    hidden = rng.random(student.shape) < 0.4
    hidden[np.arange(60), labels] = False
    t, w = 4.0, 0.9
    kept = [np.flatnonzero(~row) for row in hidden]

    def p(logits, temperature):
        e = np.exp((logits - logits.max()) / temperature)
        return e / e.sum()

    def residual(f, n, temperature, weight):
        q = p(teacher[n, kept[n]], temperature)
        y = (kept[n] == labels[n]).astype(float)
        return (1 - weight) * (p(f, 1) - y) + weight * (p(f, temperature) - q)

    def unbalanced(x):
        total = np.zeros(2)
        for n, c in enumerate(kept):
            f, g = soft[n, c], student[n, c]
            left = residual(x[0] * f + x[1] * g, n, t, w)
            left = left - x[0] * residual(f, n, 4.0, 1.0) - x[1] * residual(g, n, 1.0, 0.0)
            total += [left @ f, left @ g]
        return total

    expected = optimize.root(unbalanced, [0.5, 0.5], tol=1e-13).x
    assert (expected > [-0.05, -0.4]).all()  # inside the bounds
    assert (expected < 1.4).all()
    for mask in (*NUMBERS, -1e5):
        rows = [np.where(hidden, mask, a) for a in (student, teacher, soft)]
        solved = Balance(labels=labels, student=rows[0], teacher=rows[1],
                         anchors=[Anchor(logits=rows[2], temperature=4)])  # fmt: skip
        found = solved.coefficients(t, w)
        # Steps end below 1e-6, and Gauss-Newton's error is of the order of the last one's square.
        assert (*found.anchors, found.hard) == pytest.approx(tuple(expected), abs=1e-7)
        advice = advise(labels, rows[0], rows[1], anchors=solved.anchors, split=np.arange(30))
        assert np.isfinite(advice.predicted).all()


@pytest.mark.parametrize("name", ANSWERS)
def test_masks_of_single_rows_are_one_whatever_the_number(name):
    labels, *arrays = problem(4)
    hidden = np.random.default_rng(1).random(arrays[0].shape) < 0.3
    hidden[np.arange(SAMPLES), labels] = False
    expected = None
    for mask in (-np.inf, -1e5, -1e9, -1e30, -1.7e308):
        found = ANSWERS[name](labels, *(np.where(hidden, mask, a) for a in arrays))
        found = np.asarray(found, dtype=float)
        expected = found if expected is None else expected
        # Steps of the balance end below 1e-6, with quadratic convergence.
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        assert np.isfinite(found).all()


def test_students_that_mask_what_the_teacher_answers():
    """Masks of one task, and a teacher of all: of the number that masks there is nothing left."""
    labels, student, teacher, soft = problem(5)
    hidden = np.random.default_rng(1).random(student.shape) < 0.3
    hidden[np.arange(SAMPLES), labels] = False
    found = [
        ANSWERS["balance"](labels, np.where(hidden, v, student), teacher, np.where(hidden, v, soft))
        for v in (-np.inf, -1e4, -1e5, -1e7, -1e9, -1e30)
    ]
    np.testing.assert_allclose(found, [found[0]] * len(found), rtol=0, atol=1e-9)


def test_one_class_is_no_choice():
    rows = np.where(np.arange(CLASSES) == PLACE, 1.0, -np.inf) + np.zeros((9, 1))
    labels = np.full(9, PLACE)
    for call in (
        lambda: advise(labels, rows, rows),
        lambda: diagnose(labels, rows, rows),
        lambda: h_spectrum(labels, rows),
        lambda: h(labels, rows),
        lambda: Balance(
            labels=labels,
            student=rows,
            teacher=rows,
            anchors=[Anchor(logits=rows, temperature=4)],
        ),
    ):
        with pytest.raises(ValueError, match="mask all classes but 2 in every row"):
            call()
    # Logits that are only large leave all classes in.
    assert h([0, 0], [[1000.0, 0.0, 0.0], [2000.0, 0.0, 0.0]]) == pytest.approx(1 - 1 / 3)


@pytest.mark.parametrize("u", [-0.4, 0.0, 1.3])
@pytest.mark.parametrize("v", [-0.3, 0.0, 0.7])
def test_a_mixture_is_masked_where_a_part_with_a_weight_is(u, v):
    hard, soft = np.array([[1.0, -np.inf, 0.5, 2.0]]), np.array([[0.5, -np.inf, -np.inf, 1.0]])
    found = Coefficients(hard=v, anchors=(u,)).of(hard, [soft])
    none = (bool(v) | bool(u), bool(u))
    np.testing.assert_array_equal(np.isneginf(found[0]), [False, *none, False])
    assert not np.isnan(found).any()
    assert not np.isposinf(found).any()
    np.testing.assert_allclose(found[0, [0, 3]], v * hard[0, [0, 3]] + u * soft[0, [0, 3]])


def test_no_mixture_answers_a_masked_class():
    """Also with weights below 0, as beyond an anchor: u = w/w_a > 1."""
    labels, student, teacher, soft = problem()
    anchor = Anchor(logits=soft, temperature=4, hard_weight=0.9)
    assert linear([anchor], 4.0, 1.0).hard < 0
    grid = {"temperatures": [4], "hard_weights": [0, 0.5]}
    expected = advise(labels, student, teacher, anchors=[anchor], **grid)
    for mask in NUMBERS:
        y, s, t, a = widened(labels, student, teacher, soft, mask=mask)
        wide = Anchor(logits=a, temperature=4, hard_weight=0.9)
        advice = advise(y, s, t, anchors=[wide], **grid)
        np.testing.assert_array_equal(advice.predicted, expected.predicted)


@pytest.mark.parametrize(
    ("dtype", "masks"),
    [
        (np.float16, (-np.inf, -65504.0)),
        (np.float32, (-np.inf, -1e9, -3.4028235e38)),
        (torch.bfloat16, (-np.inf, -1e9, -3.38e38)),
        (torch.float32, (-np.inf, -1e9)),
    ],
)
def test_masks_of_every_type(dtype, masks):
    def cast(rows):
        rows = np.asarray(rows)
        return (
            torch.tensor(rows).to(dtype) if isinstance(dtype, torch.dtype) else rows.astype(dtype)
        )

    labels, *arrays = problem()
    expected = ANSWERS["balance"](labels, *map(cast, arrays))
    for mask in masks:
        y, *wide = widened(labels, *arrays, mask=mask)
        found = ANSWERS["balance"](y, *map(cast, wide))
        assert found == pytest.approx(expected, abs=1e-9)
        assert h(y, cast(wide[0])) == h(labels, cast(arrays[0]))
    whole = [np.rint(3 * a).astype(np.int64) for a in arrays]
    y, *wide = widened(labels, *whole, mask=-(10**12))
    found, expected = (
        np.asarray(ANSWERS["diagnose"](*given), dtype=float)
        for given in ((y, *wide), (labels, *whole))
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_dual_rows_keep_their_columns():
    labels, student, teacher, _ = problem()
    for mask in NUMBERS:
        y, s, t = widened(labels, student, teacher, mask=mask)
        given = {"temperature": 4.0, "soft_weight": 0.7}
        for found, expected in (
            (dual_labels(y, t, **given), dual_labels(labels, teacher, **given)),
            (dual_outputs(s, **given), dual_outputs(student, **given)),
            (logit_gradient(y, s, t, **given), logit_gradient(labels, student, teacher, **given)),
        ):
            assert (found[:, PLACE] == 0).all()
            np.testing.assert_allclose(np.delete(found, PLACE, axis=1), expected, atol=1e-15)


@pytest.mark.parametrize("mask", NUMBERS)
def test_a_mask_is_one_at_every_temperature(mask):
    rows = np.array([[1.0, mask, 0.5]])
    for t in (1e-3, 1.0, 1e6, 1e12):  # the last is gamma T, both at the ends of their ranges
        found = softmax(rows, t)
        assert found[0, 1] == 0
        np.testing.assert_allclose(found[0, [0, 2]], softmax(rows[:, [0, 2]], t)[0], rtol=1e-15)
    labels, student, teacher, _ = problem()
    given = {"temperature": 1e6, "soft_weight": 0.7, "prediction_temperature": 1e6}
    y, s, t = widened(labels, student, teacher, mask=mask)
    found = decomposition(y, s, t, **given)
    expected = decomposition(labels, student, teacher, **given)
    assert found.terms == pytest.approx(expected.terms, abs=1e-15)


def test_the_gap_of_a_mask_is_where_doubles_end():
    t = module.TEMPERATURE.high
    for gap, hidden in ((module.UNDERFLOW * t * 1.001, True), (module.UNDERFLOW * t * 0.99, False)):
        rows = np.array([[3.0, 3.0 - gap]])
        assert masked(rows)[0, 1] == hidden
        assert (softmax(rows, t)[0, 1] == 0) == hidden
    assert np.exp(-module.UNDERFLOW) == 0 < np.exp(-module.UNDERFLOW + 0.2)


def test_a_class_that_one_output_may_answer_is_there():
    labels, student, teacher, _ = problem()
    y, s, t = widened(labels, student, teacher, mask=-np.inf)
    s[3, PLACE] = -2.0
    # One sample in which the student is not sure that it is absent: K = 6.
    assert h(y, s) == pytest.approx(accuracy(y, s) - 1 / 6)
    assert h_matrix(y, s, 1.0).shape == (6, 6)
    found = {one.name: one for one in diagnose(y, s, t)}
    assert found["classes present"].observed == 1


def test_labels_on_masked_classes_are_refused():
    labels, student, teacher, soft = problem()
    for mask in (-np.inf, -1e9):
        y, s, t, a = widened(labels, student, teacher, soft, mask=mask)
        y[7] = PLACE
        with pytest.raises(ValueError, match=r"labels\[7\]=2 .*mask in every row.*keep = labels"):
            advise(y, s, t)
        # In one row alone: the students agree that it is no answer.
        y, s, t, a = labels, student.copy(), teacher.copy(), soft.copy()
        for rows in (s, t, a):
            rows[7, y[7]] = mask
        for call in (
            lambda y=y, s=s, t=t, a=a: advise(y, s, t, anchors=[Anchor(logits=a, temperature=4)]),
            lambda y=y, s=s, t=t: advise(y, s, t),
            lambda y=y, s=s, t=t, a=a: Balance(
                labels=y, student=s, teacher=t, anchors=[Anchor(logits=a, temperature=4)]
            ),
        ):
            with pytest.raises(ValueError, match=r"at \[7\] masks class \d, the label"):
                call()
    # A teacher may be sure of another class.
    t = teacher.copy()
    t[7, labels[7]] = -np.inf
    assert np.isfinite(advise(labels, student, t).predicted).all()
    assert np.isfinite(loss(labels, student, t, temperature=4, soft_weight=0.5))
    with pytest.raises(ValueError, match=r"student\[7\] masks a class by -inf to which the teach"):
        loss(labels, t, teacher, temperature=4, soft_weight=1.0)
    with pytest.raises(ValueError, match=r"student at \[7\] masks class"):
        loss(labels, t, t, temperature=4, soft_weight=0.5)
    assert loss(labels, t, t, temperature=4, soft_weight=1.0) == 0


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ([np.inf, 0, 1], r"student\[1\] is not finite"),
        ([np.nan, 0, 1], r"student\[1\] is not finite"),
        ([-np.inf, np.nan, 1], r"student\[1\] is not finite"),
        ([-np.inf] * 3, r"student\[1\] masks every class"),
    ],
)
def test_what_is_no_mask(row, part):
    rows = np.array([[0.0, 1.0, -1.0], row])
    with pytest.raises(ValueError, match=part):
        diagnose([0, 1], rows, rows[[0, 0]])
    with pytest.raises(ValueError, match=part.replace("student", "logits")):
        accuracy([0, 1], rows)
