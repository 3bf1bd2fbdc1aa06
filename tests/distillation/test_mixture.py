"""Mixtures of students: exact where the theory says so, and the same however outputs are given."""

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from mvtheory.distillation import (
    Anchor,
    Balance,
    dual_labels,
    linear,
    logit_gradient,
    loss,
    soft_weight,
)
from mvtheory.distillation import balance as module
from mvtheory.distillation.balance import loss_scale, rows_used
from mvtheory.distillation.mixture import LARGEST, line

EPS = np.finfo(float).eps
TRAINING = 80
GRID = [(1.0, 0.5), (2.0, 0.0), (2.0, 0.25), (4.0, 0.0), (4.0, 0.1), (4.0, 0.5), (8.0, 0.1)]


def weight(temperature, hard_weight):
    return float(soft_weight(hard_weight=hard_weight, temperature=temperature))


@cache
def problem(classes=4, samples=240, features=6, seed=0):
    """Noisy labels of a linear teacher; features of training samples, then of others."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((samples, features))
    teacher = 2 * x @ rng.standard_normal((features, classes))
    labels = (teacher + 3 * rng.standard_normal(teacher.shape)).argmax(axis=1)
    return x, labels, teacher


def kernel(x, rank):
    """Features of a kernel: the first `rank` inputs, or all of a radial one."""
    if rank:
        return x[:, :rank]
    square = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    return np.linalg.cholesky(np.exp(-square / 20) + 1e-10 * np.eye(len(x)))


@cache
def trained(temperature, hard_weight, rank=0, classes=4, ridge=2.0):
    """Kernel logistic regression on dual labels: its logits on all samples, f = -K G/ridge."""
    x, labels, teacher = problem(classes)
    features = kernel(x, rank)
    seen, w = features[:TRAINING], weight(temperature, hard_weight)
    given_ = {"temperature": temperature, "soft_weight": w}
    y, z = labels[:TRAINING], teacher[:TRAINING]

    def objective(flat):
        b = flat.reshape(-1, classes)
        f = seen @ b
        value = TRAINING * loss(y, f, z, **given_) + ridge / 2 * (b**2).sum()
        return value, (seen.T @ logit_gradient(y, f, z, **given_) + ridge * b).ravel()

    start = np.zeros(features.shape[1] * classes)
    found = optimize.minimize(objective, start, jac=True, method="BFGS" if rank else "L-BFGS-B",
                              options={"gtol": 1e-9, "maxiter": 5000}
                              | ({} if rank else {"ftol": 0, "maxfun": 5000}))  # fmt: skip
    b = found.x.reshape(-1, classes)
    residual = logit_gradient(y, seen @ b, z, **given_)
    # Without convergence the planted model would be no representer model.
    assert np.abs(seen.T @ residual + ridge * b).max() < 1e-6
    return features @ b


def balance(anchors, rank=0, classes=4, scaled=False):
    _, labels, teacher = problem(classes)
    kept = slice(TRAINING)
    return Balance(
        labels=labels[kept],
        teacher=teacher[kept],
        student=trained(1.0, 1.0, rank, classes)[kept],
        anchors=[
            Anchor(logits=trained(t, a, rank, classes)[kept], temperature=t, hard_weight=a)
            for t, a in anchors
        ],
        scaled=scaled,
    )


def mixed(coefficients, anchors, rank=0, classes=4):
    parts = [trained(t, a, rank, classes) for t, a in anchors]
    return coefficients.of(trained(1.0, 1.0, rank, classes), parts)


def off(found, expected):
    """Root mean square error on samples not trained on, over the size of the logits."""
    one, two = found[TRAINING:], expected[TRAINING:]
    return float(np.sqrt(np.mean((one - two) ** 2) / np.mean(two**2)))


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("anchors", [((4.0, 0.0),), ((1.0, 0.0), (4.0, 0.1), (4.0, 0.5))])
def test_the_balanced_mixture_is_every_anchor_at_its_own_setting(anchors, scaled):
    solved = balance(anchors, scaled=scaled)
    for place, (t, a) in enumerate(anchors):
        found = solved.coefficients(t, weight(t, a))
        # Steps end below 1e-6, and Gauss-Newton's error is of the order of the last one's square.
        np.testing.assert_allclose(found.anchors, np.eye(len(anchors))[place], atol=1e-6)
        assert found.hard == pytest.approx(0, abs=1e-6)
        assert found.misfit < 1e-6


@pytest.mark.parametrize("t", [8.0, 100.0])
def test_an_anchor_is_met_where_the_equations_are_flat(t):
    """Of 300 classes at a high temperature: slopes are so small that gtol would end it early."""
    rng = np.random.default_rng(0)
    labels = rng.integers(300, size=200)
    right = 3 * np.eye(300)[labels]
    student, soft, teacher = right + rng.standard_normal((3, 200, 300))
    anchor = Anchor(logits=soft / 4, temperature=t)
    solved = Balance(labels=labels, teacher=2 * teacher, student=student, anchors=[anchor])
    found = solved.coefficients(t, 1.0)
    assert found.anchors[0] == pytest.approx(1, abs=1e-6)
    assert found.hard == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 3.0, 20.0])
def test_without_soft_labels_every_mixture_is_the_student(temperature):
    anchors = [(1.0, 0.0), (4.0, 0.1)]
    found = balance(anchors).coefficients(temperature, 0.0)
    assert (found.hard, found.anchors, found.misfit) == (1, (0, 0), 0)
    given_ = [Anchor(logits=None, temperature=t, hard_weight=a) for t, a in anchors]
    plain = linear(given_, temperature, 0.0)
    assert (plain.hard, plain.anchors, plain.misfit) == (1, (0, 0), 0)


def test_the_square_loss_makes_the_linear_mixture_exact():
    """Kernel ridge regression of the dual labels, as training by the square loss would."""
    x, labels, teacher = problem()
    rows = kernel(x, 0)
    gram = rows @ rows[:TRAINING].T
    smoother = gram @ np.linalg.inv(gram[:TRAINING] + 0.5 * np.eye(TRAINING))

    def student(t, w):
        kept = slice(TRAINING)
        given_ = {"temperature": t, "soft_weight": w}
        return smoother @ (dual_labels(labels[kept], teacher[kept], **given_) - 0.25)

    for t, a in GRID:
        anchor = Anchor(logits=student(t, weight(t, a)), temperature=t, hard_weight=a)
        for w in (0.0, 0.1, 0.6, 1.0):
            found = linear([anchor], t, w).of(student(1.0, 0.0), [anchor.logits])
            # Logits below 1, with weights u = w/w_a up to 2 and 80 terms of a sum before them.
            np.testing.assert_allclose(found, student(t, w), rtol=0, atol=200 * EPS)


@pytest.mark.parametrize(("t", "a"), GRID)
def test_two_directions_are_enough_for_two_classes_and_a_kernel_of_rank_two(t, a):
    """Logits then have two degrees of freedom, and the two projections fix them: exact at all T."""
    anchors = [(4.0, 0.0)]
    found = balance(anchors, rank=2, classes=2).coefficients(t, weight(t, a))
    expected = trained(t, a, rank=2, classes=2)
    # Steps end below 1e-6; logits themselves are known to 1e-6 of their size.
    assert off(mixed(found, anchors, rank=2, classes=2), expected) < 1e-5
    if (t, a) != (4.0, 0.0):
        given_ = [Anchor(logits=None, temperature=t, hard_weight=a) for t, a in anchors]
        assert off(mixed(linear(given_, t, weight(t, a)), anchors, 2, 2), expected) > 1e-3


@pytest.mark.parametrize("anchors", [((4.0, 0.0),), ((1.0, 0.0), (4.0, 0.0))])
def test_representers_are_mixed_better_by_balance_than_by_lines(anchors):
    """Kernel logistic regression: many degrees of freedom, so no mixture is exact."""
    solved, errors = balance(anchors), []
    given_ = [Anchor(logits=None, temperature=t, hard_weight=a) for t, a in anchors]
    for t, a in GRID:
        if (t, a) in anchors:
            continue
        w, expected = weight(t, a), trained(t, a)
        found = solved.coefficients(t, w)
        errors.append([off(mixed(c, anchors), expected) for c in (found, linear(given_, t, w))])
        assert errors[-1][0] < errors[-1][1]
        # Of the size of the logits, at an anchor's temperature and away from it.
        # Where there are several, the linear mixture decides what the equations leave open.
        near = 0.06 if len(anchors) == 1 else 0.1
        assert errors[-1][0] < (near if any(t == node for node, _ in anchors) else 0.2)
        assert found.misfit > 1e-4
    balanced, lines = np.sqrt(np.mean(np.square(errors), axis=0))
    assert balanced < 0.55 * lines


def test_students_are_told_from_those_that_were_not_trained_on_the_samples():
    """The loss of ridge regression falls with larger logits: <f, G> = -ridge |b|^2/N."""
    solved = balance([(4.0, 0.0), (1.0, 0.1)])
    found = solved.diagnose()
    assert [one.name for one in found] == [
        f"{name} trained on split" for name in ("student", "anchors[0]", "anchors[1]")
    ]
    assert all(one.holds and one.observed < 0 for one in found)
    _, labels, teacher = problem()
    _, w = np.log(2), weight(4.0, 0.0)
    step = 1e-5
    values = [
        loss(labels[:TRAINING], (1 + d) * solved.anchors[0].logits, teacher[:TRAINING],
             temperature=4.0, soft_weight=w)
        for d in (step, -step)
    ]  # fmt: skip
    # Central differences: the rounding of the loss over the step, and its square.
    assert found[1].observed == pytest.approx((values[0] - values[1]) / 2 / step, abs=1e-9)
    other = np.roll(labels[:TRAINING], 1)
    sure = Balance(labels=other, teacher=solved.teacher, student=10 * solved.student,
                   anchors=solved.anchors)  # fmt: skip
    assert not sure.diagnose()[0].holds


ANCHORS = st.lists(
    st.builds(lambda t, a: Anchor(logits=None, temperature=t, hard_weight=a),
              st.floats(1e-3, 1e6), st.sampled_from([0.0, 0.1, 0.5, 0.9])),
    min_size=1, max_size=5,
)  # fmt: skip


@given(ANCHORS, st.floats(1e-3, 1e6), st.floats(0, 1))
def test_linear_mixtures_have_the_soft_weight_that_is_asked_for(anchors, t, w):
    """As the weights of the labels: linear in w, and linear in log T between two temperatures."""
    found = line(anchors, t, w)
    size = max(1.0, float(np.abs(found).sum()))
    assert found @ [a.soft_weight for a in anchors] == pytest.approx(w, abs=100 * EPS * size)
    used = sorted({anchors[j].temperature for j in np.flatnonzero(found)})
    nodes = np.array(sorted({anchor.temperature for anchor in anchors}))
    assert len(used) <= 2
    if w == 0 or not used:
        return
    if nodes[0] < t < nodes[-1] and t not in nodes:
        assert used[0] <= t <= used[-1]
        assert not ((nodes > used[0]) & (nodes < used[-1])).any()
    else:
        assert used == [nodes[np.argmin(np.abs(np.log(nodes) - np.log(t)))]]


def test_of_one_temperature_the_next_soft_weights_are_mixed():
    anchors = [Anchor(logits=None, temperature=t, hard_weight=a)
               for t, a in ((4.0, 0.0), (4.0, 0.5), (1.0, 0.2), (4.0, 0.9))]  # fmt: skip
    half, little = anchors[1].soft_weight, anchors[3].soft_weight  # .8, .308
    for w, expected in (
        (1.0, (1, 0, 0, 0)),
        (half, (0, 1, 0, 0)),
        ((1 + half) / 2, (0.5, 0.5, 0, 0)),
        ((half + little) / 2, (0, 0.5, 0, 0.5)),
        (little / 2, (0, 0, 0, 0.5)),
    ):
        np.testing.assert_allclose(line(anchors, 4.0, w), expected, atol=4 * EPS)
    np.testing.assert_allclose(
        line(anchors, 2.0, half), (0, 0.5, 0.5 * half / 0.8, 0), atol=4 * EPS
    )


@given(st.floats(1e-3, 1e6), st.floats(0, 1))
def test_the_printed_loss_is_ours_times_its_scale(t, a):
    """a_H CE + (1 - a_H) T^2 KL against (1 - w) CE + w T KL."""
    w, scale = weight(t, a), loss_scale(t, weight(t, a))
    # 1 - w has the rounding of 1, and is as small as 1/scale.
    loose = 4 * EPS * (scale + 1)
    assert scale == pytest.approx(a + (1 - a) * t, rel=loose)
    assert scale * (1 - w) == pytest.approx(a, rel=loose, abs=loose)
    assert scale * w * t == pytest.approx((1 - a) * t**2, rel=loose)


@pytest.mark.parametrize(("samples", "classes", "count"),
                         [(7, 5, 7), (5000, 10, 1000), (5000, 800, 500), (10**5, 10**4, 250)]
                         )  # fmt: skip
def test_rows_are_few_and_even(samples, classes, count):
    rows = rows_used(samples, classes)
    assert rows.size == count
    assert (rows[0], rows[-1]) == (0, samples - 1)
    assert np.ptp(np.diff(rows)) <= 1


def coefficients_of(labels, teacher, student, anchor, t=2.0, w=0.7):
    found = Balance(
        labels=labels,
        teacher=teacher,
        student=student,
        anchors=[Anchor(logits=anchor, temperature=4)],
    ).coefficients(t, w)
    return np.array([found.hard, *found.anchors, found.misfit])


@pytest.fixture(scope="module")
def outputs():
    _, labels, teacher = problem()
    return [labels[:TRAINING], *(a[:TRAINING] for a in (teacher, trained(1, 1), trained(4, 0)))]


@given(st.integers(0, 10**6))
def test_constants_and_orders_change_nothing(outputs, seed):
    rng = np.random.default_rng(seed)
    labels, *logits = outputs
    expected = coefficients_of(labels, *logits)
    moved = [a + 10 * rng.standard_normal((len(a), 1)) for a in logits]
    classes = rng.permutation(4)
    permuted = [a[:, classes] for a in logits]
    samples = rng.permutation(TRAINING)
    for found in (
        coefficients_of(labels, *moved),
        coefficients_of(np.argsort(classes)[labels], *permuted),
        coefficients_of(labels[samples], *(a[samples] for a in logits)),
    ):
        # Rounding of logits up to 30, multiplied by the condition of two equations, far below 1e3.
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_kinds_of_arrays_change_nothing_but_rounding(outputs, tmp_path):
    labels, *logits = outputs
    expected = coefficients_of(labels, *logits)
    for index, array in enumerate(logits):
        np.save(tmp_path / f"{index}.npy", array)
    mapped = [np.load(tmp_path / f"{index}.npy", mmap_mode="r") for index in range(3)]
    np.testing.assert_array_equal(coefficients_of(labels, *mapped), expected)
    tensors = [torch.tensor(a, requires_grad=True) for a in logits]
    found = coefficients_of(torch.tensor(labels), *tensors)
    np.testing.assert_array_equal(found, expected)
    # Rounded logits of size 10 or less, and a condition far below 1e2.
    for kind, digits in ((np.float32, 24), (np.float16, 11)):
        found = coefficients_of(labels, *(a.astype(kind) for a in logits))
        np.testing.assert_allclose(found, expected, rtol=0, atol=100 * 2.0**-digits)
        assert (found != expected).any()


def test_mixtures_keep_the_precision_of_their_parts():
    found = linear([Anchor(logits=None, temperature=2)], 2, 0.25)
    for kind in (np.float16, np.float32, np.float64):
        logits = found.of(np.array([[1, 2]], dtype=kind), [np.array([[3, -2]], dtype=kind)])
        assert logits.dtype == kind
        np.testing.assert_array_equal(logits, [[1.5, 1]])


@pytest.mark.parametrize("size", [0.0, 1e-300, LARGEST])
def test_degenerate_students_have_mixtures_without_nan(outputs, size):
    labels, teacher, student, anchor = outputs
    for case in (
        (teacher, size * np.sign(student), anchor),
        (teacher, student, size * np.sign(anchor)),
        (size * np.sign(teacher), student, anchor),
        (teacher, student, student),
        *([(teacher, teacher, 0.1 * np.ones_like(teacher))] if size else []),
    ):
        found = coefficients_of(labels, *case)
        assert np.isfinite(found).all()
        assert module.ONE[0][0] <= found[1] <= module.ONE[0][1]


def test_anchors_take_every_kind_of_number():
    for t in (4, 4.0, np.float32(4), np.array(4.0)):
        assert Anchor(logits=None, temperature=t, hard_weight=np.float64(0.1)).temperature == 4
        assert linear([Anchor(logits=None, temperature=t)], 4, 0.5).hard == 0.5


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: Anchor(logits=None, temperature=0), r"temperature=0\.0 is not allowed"),
        (lambda: Anchor(logits=None, temperature=[4, 8]), "give one number"),
        (lambda: Anchor(logits=None, temperature=2e6), r"temperature <= 10\^6"),
        (lambda: Anchor(logits=None, temperature=4, hard_weight=-0.1), "hard_weight=-0.1 is not"),
        (
            lambda: Anchor(logits=None, temperature=4, hard_weight=1),
            r"hard_weight=1 is not allowed \(.*hard_weight < 1\); a student of hard labels alone",
        ),
        (lambda: linear([], 2, 0.5), "anchors of type list with no elements are not allowed"),
        (lambda: linear([None], 2, 0.5), "anchors of type list with NoneType elements"),
        (lambda: linear([Anchor(logits=0, temperature=2)], -2, 0.5), r"temperature=-2\.0"),
        (lambda: linear([Anchor(logits=0, temperature=2)], 2, 1.5), r"soft_weight=1\.5 is not"),
        (
            lambda: balance([(4.0, 0.0)]).coefficients(2, np.nan),
            "soft_weight=nan is not allowed",
        ),
    ],
)
def test_settings_that_are_refused(call, part):
    with pytest.raises(ValueError, match=part):
        call()


@pytest.mark.parametrize("place", range(3))
def test_arrays_that_are_refused_are_named(outputs, place):
    labels, *logits = outputs
    name = ("teacher", "student", r"anchors\[0\].logits")[place]
    for change, part in (
        (lambda a: a[:, :-1], r" of shape \(80, 3\) is not allowed"),
        (lambda a: np.where(np.arange(80)[:, None] == 7, np.nan, a), r"\[7\] is not finite"),
        (lambda a: np.abs(a) / np.abs(a).sum(axis=1, keepdims=True), " holds probabilities"),
        (lambda a: 1e300 * a, r" holds .*, not allowed \(logits from -1e\+15 to 1e\+15\)"),
    ):
        if name == "student" and "shape" in part:
            continue  # the others are held against its shape
        bad = [change(a) if index == place else a for index, a in enumerate(logits)]
        with pytest.raises(ValueError, match=name + part):
            coefficients_of(labels, *bad)
