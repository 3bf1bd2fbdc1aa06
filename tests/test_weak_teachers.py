"""Students of imperfect labels: surrogates, the capacity gap, exponents and hard labels."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from mvtheory.distillation import distilled_loss
from mvtheory.features import (
    LinearModel,
    best_surrogate,
    capacity_gap,
    fit_ridge,
    flipped_classes,
    hard_labels,
    two_class_accuracy,
)
from mvtheory.laws import MarchenkoPastur

S = 1 / np.arange(1, 31) ** 1.3
TARGET = LinearModel.of(S, np.random.default_rng(2).standard_normal(30))


@pytest.mark.parametrize("ridge", [1e-3, 0.1])
def test_no_other_labels_teach_better(ridge):
    best = best_surrogate(TARGET, 20, ridge)

    def risk(mean):
        return fit_ridge(LinearModel.of(S, mean), 20, ridge).risk(TARGET)

    found = optimize.minimize(risk, TARGET.mean, tol=1e-12)
    # The gradient is by differences of 1e-8; the risk is flat to their square.
    assert risk(best.mean) == pytest.approx(found.fun, rel=1e-8)
    assert risk(best.mean) <= found.fun * (1 + 1e-12)
    grown = best.mean / TARGET.mean > 1
    assert grown[0]
    assert (np.diff(grown.astype(int)) <= 0).all()  # the leading ones are amplified


@pytest.mark.parametrize(("ridge", "gap"), [(0.1, False), (1e-4, True)])
def test_the_gap_is_the_slope_of_the_students_risk(ridge, gap):
    step = 1e-6

    def risk(t):
        return fit_ridge(LinearModel.of(S, S / (S + t) * TARGET.mean), 20, ridge).risk(TARGET)

    slope = capacity_gap(TARGET, 20, ridge)
    assert slope == pytest.approx((risk(step) - risk(-step)) / (2 * step), rel=1e-5)
    assert (slope < 0) == gap
    best = optimize.minimize_scalar(risk, bounds=(0, 1), method="bounded").x
    assert (best > 1e-3) == gap


def test_a_strong_student_squares_its_teachers_error_and_no_more():
    """Few features, all of the inputs, a target in one direction above a flat rest: the teacher
    errs by what the rest adds, P of it as 1/P; the student's filter leaves the square (Medvedev et
    al.: the error of students of linear features is of the order of the square, never less)."""
    rest = 10_000
    s = np.concatenate([[1.0], np.full(rest, 1 / rest)])
    target = LinearModel.of(s, np.concatenate([[1.0], np.zeros(rest)]))
    errors = []
    for features in (30, 100, 300):
        law = MarchenkoPastur(aspect_ratio=s.size / features)
        teacher = fit_ridge(target, 10**9, 1e-9, 0.0, law)
        students = []
        for ridge in np.geomspace(1e-3, 10, 60):
            kept = s / (s + ridge)
            # A student with all inputs and features filters its teacher, and may undo its own
            # shrinkage of the leading direction.
            kept = kept / kept[0]
            pupil = LinearModel.of(s, kept * teacher.mean, kept**2 * teacher.variance)
            students.append(pupil.risk(target))
        errors.append((teacher.risk(target), min(students)))
    weak, strong = np.log(errors).T
    slopes = np.diff(strong) / np.diff(weak)
    # 2 in the limit of many features; before it, to the order of 1/P relative to log P.
    assert (slopes > 1.8).all()
    assert (slopes < 2.2).all()
    assert (strong < weak).all()


def test_hard_and_soft_labels_classify_as_the_law_says():
    """Means of 200 draws, four standard errors; and 1/n beyond the equivalent, of a teacher and of
    a student."""
    m, size, flipped, n, more, ridge = 1.5, 60, 0.2, 120, 240, 0.3
    target, deviation = flipped_classes(m, size, flipped)
    teacher = fit_ridge(target, n, ridge, deviation)
    taught, beside = hard_labels(teacher, m)
    laws = [teacher, fit_ridge(taught, more, ridge, beside), fit_ridge(teacher, more, ridge)]

    def classes(rng, count):
        y = rng.choice([-1.0, 1.0], count)
        x = rng.standard_normal((count, size))
        x[:, 0] += m * y
        return x, y

    def regression(x, labels):
        normal = x.T @ x / len(x) + ridge * np.eye(size)
        return np.linalg.solve(normal, x.T @ labels / len(x))

    found = []
    for rng in np.random.default_rng(6).spawn(200):
        x, y = classes(rng, n)
        own = regression(x, np.where(rng.random(n) < flipped, -y, y))
        new, _ = classes(rng, more)
        pupils = [regression(new, np.sign(new @ own)), regression(new, new @ own)]
        found.append([stats.norm.cdf(m * w[0] / np.linalg.norm(w)) for w in (own, *pupils)])
    for values, law in zip(np.transpose(found), laws, strict=True):
        error = 4 * values.std() / math.sqrt(200) + 1 / n
        assert values.mean() == pytest.approx(two_class_accuracy(law, m), abs=error)


def test_hard_labels_take_noise_off_where_the_teacher_is_good():
    """With endless inputs soft labels hand the teacher on, and hard ones its direction alone."""
    for m, better in ((0.3, False), (3.0, True)):
        target, deviation = flipped_classes(m, 200, 0.2)
        teacher = fit_ridge(target, 300, 0.5, deviation)
        taught, beside = hard_labels(teacher, m)
        hard, soft = fit_ridge(taught, 10**8, 1e-6, beside), fit_ridge(teacher, 10**8, 1e-6)
        own = two_class_accuracy(teacher, m)
        assert two_class_accuracy(soft, m) == pytest.approx(own, abs=1e-6)
        assert (two_class_accuracy(hard, m) > own + 0.01) == better


def test_the_scaling_law_has_a_gap_and_no_student_above_its_teacher():
    fitted = dict(teacher_exponent=2.0, gap_exponent=6.0, gap_place=1.3, gap_width=0.1)
    losses = np.linspace(0.5, 6, 200)
    student = distilled_loss(teacher_loss=losses, student_loss=2.5, reducible=1.0, **fitted)
    assert (student > losses).all()
    best = int(student.argmin())
    assert 0 < best < 199  # better teachers than this one are worse
    by_hand = 2.5 + 0.5 * 2.5**-2 * (1 + (2.5 / (3 * 1.3)) ** 10) ** -0.6
    found = distilled_loss(teacher_loss=2.5, student_loss=3.0, reducible=0.5, **fitted)
    assert found == pytest.approx(by_hand, rel=1e-13)
