"""Views that are taught: laws against sampled losses, brute quadrature and many digits."""

import itertools
import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from mvtheory.race import (
    Lesson,
    course_growth,
    dark_drive,
)
from mvtheory.race.pull import Pull

LESSON = Lesson(
    classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2, distraction=0.9, level=7.0
)


def loss(outputs, told, labels, temperature, weight):
    """Of each sample: cross-entropy plus w T^2 KL(teacher, student)."""
    logs = special.log_softmax(outputs, axis=1)
    soft = special.log_softmax(outputs / temperature, axis=1)
    taught = special.log_softmax(told / temperature, axis=1)
    divergence = (np.exp(taught) * (taught - soft)).sum(axis=1)
    return weight * temperature**2 * divergence - logs[np.arange(len(labels)), labels]


def response(x, power):
    return np.where(x < 1, np.maximum(x, 0) ** power / power, x - 1 + 1 / power)


def sampled_forces(lesson, temperature, strength, samples, seed=4, learned=1):
    """Of each sample: minus the slopes of the loss by the strengths of known and unknown views.

    So many views of each class are known; the first force is that on one of them.
    """
    rng = np.random.default_rng(seed)
    views, power, gamma = lesson.views, lesson.power, lesson.distraction
    labels = rng.integers(lesson.classes, size=samples)
    z = rng.uniform(*lesson.strength, size=(samples, views))
    known = rng.integers(views, size=samples)  # of the label's views
    others = rng.permuted(np.tile(np.arange(1, lesson.classes), (samples, 1)), axis=1)
    others = (labels[:, None] + others[:, : lesson.distractors]) % lesson.classes
    recognised = rng.integers(views, size=others.shape) < learned
    one = recognised & (rng.integers(learned, size=others.shape) == 0)
    rows = np.arange(samples)
    beside = (known[:, None] + np.arange(1, learned)) % views

    told = np.zeros((samples, lesson.classes))
    told[rows, labels] = response(lesson.level * z, power).mean(axis=1)
    np.put_along_axis(told, others, response(lesson.level * gamma, power) / views, axis=1)

    def outputs(s, more=0.0):
        """With one known view at strength s, and so much of the unknown ones' direction."""
        out = np.zeros_like(told)
        rest = np.take_along_axis(z, beside, axis=1)
        unknown = (z**power).sum(axis=1) - z[rows, known] ** power - (rest**power).sum(axis=1)
        out[rows, labels] = response(s * z[rows, known], power) + more * unknown
        out[rows, labels] += response(strength * rest, power).sum(axis=1)
        moved = np.where(one, s, strength)
        seen = np.where(recognised, response(moved * gamma, power), more * gamma**power)
        np.put_along_axis(out, others, seen, axis=1)
        return out

    def slope(changed):
        h = 1e-5
        up, down = (loss(changed(d), told, labels, temperature, lesson.weight) for d in (h, -h))
        return -(up - down) / (2 * h)

    on_known = slope(lambda d: outputs(strength + d))
    on_unknown = slope(lambda d: outputs(strength, d)) / max(views - learned, 1)
    return on_known, on_unknown


@pytest.mark.parametrize(
    ("changes", "temperature", "strength"),
    [
        ({}, 1.0, 6.0),
        ({}, 4.0, 6.8),
        ({"weight": 0.3, "distractors": 4}, 2.0, 5.0),
        ({"distraction": 0.2, "power": 3}, 8.0, 3.0),  # distractors under the threshold
        ({"distractors": 0}, 3.0, 6.0),
        ({}, 2.0, 0.45),  # and all views
        # Few classes, and hardly a spread of coefficients: who else is known then matters.
        (
            {"classes": 3, "distractors": 1, "distraction": 1.4, "level": 3.0}
            | {"strength": (1.74, 1.76)},
            1.0,
            1.2,
        ),
        # A third view enters the teacher's output by its mean: with little to average it is exact.
        ({"views": 3, "distractors": 3, "strength": (1.74, 1.76)}, 4.0, 6.0),
    ],
)
def test_forces_are_the_slopes_of_the_sampled_loss(changes, temperature, strength):
    lesson = replace(LESSON, **changes)
    pull, samples, seen = Pull(lesson, temperature), 60_000, 0
    for force, sampled in zip(
        (pull.known(strength), pull.unknown(strength)),
        sampled_forces(lesson, temperature, strength, samples),
        strict=True,
    ):
        error = sampled.std() / math.sqrt(samples)
        assert sampled.mean() == pytest.approx(force, abs=5 * error + 1e-7)
        seen += abs(force) > 20 * error
    assert seen


def test_forces_on_a_student_of_two_views_are_the_slopes_of_the_sampled_loss():
    # Little spread: other views enter outputs by their mean.
    lesson = replace(LESSON, views=3, distractors=3, strength=(1.74, 1.76))
    pull, samples = Pull(lesson, 4.0, 2), 60_000
    for strength in (3.0, 4.2):
        for force, sampled in zip(
            (pull.known(strength), pull.unknown(strength)),
            sampled_forces(lesson, 4.0, strength, samples, learned=2),
            strict=True,
        ):
            error = sampled.std() / math.sqrt(samples)
            assert abs(force) > 20 * error
            assert sampled.mean() == pytest.approx(force, abs=5 * error)


def test_further_views_are_driven_less():
    lesson = replace(LESSON, views=4)
    first, second, third, none = (dark_drive(lesson, 8.0, known) for known in (1, 2, 3, 4))
    assert first > second > third > 0
    assert none == 0
    assert course_growth(lesson, [8.0, 8.0], 0.5, known=2) == pytest.approx(
        dark_drive(replace(lesson, weight=1 / 64), 8.0, 2)
    )


def forces_of_all_classes(lesson, temperature, strength):
    """Both forces by hundreds of nodes between kinks, and softmaxes over every class."""
    (low, high), views, power = lesson.strength, lesson.views, lesson.power
    nodes, weights = np.polynomial.legendre.leggauss(240)

    def coefficients(*kinks):
        edges = [low, *sorted(k for k in kinks if low < k < high), high]
        pieces = [(a + (b - a) * (nodes + 1) / 2, (b - a) * weights / 2)
                  for a, b in itertools.pairwise(edges)]  # fmt: skip
        z, chances = (np.concatenate(side) for side in zip(*pieces, strict=True))
        return z, chances / (high - low)

    def probabilities(label, distractors, t):
        """Over label and every other class, on a last axis."""
        others = np.zeros(lesson.classes - 1)
        others[: len(distractors)] = distractors
        outputs = np.concatenate(
            [label[..., None], np.broadcast_to(others, (*label.shape, others.size))], axis=-1
        )
        return special.softmax(outputs / t, axis=-1)

    (z, chances), (other, chances_other) = (
        coefficients(1 / strength, 1 / lesson.level), coefficients(1 / lesson.level)
    )  # fmt: skip
    rest = (views - 2) * response(lesson.level * (low + high) / 2, power)
    told = response(lesson.level * z[:, None], power) + response(lesson.level * other, power)
    shown = [response(lesson.level * lesson.distraction, power) / views] * lesson.distractors
    taught = probabilities((told + rest) / views, shown, temperature)
    seen = response(strength * lesson.distraction, power)
    label = response(strength * z, power)

    def gate(x):
        return np.minimum(x, 1) ** (power - 1)

    def slope(known, of):
        """Fall of the loss with the output of class `of`, the first `known` distractors known."""
        soft, hard = (probabilities(label, [seen] * known, t)[:, of] for t in (temperature, 1.0))
        mismatch = taught[:, :, of] - soft[:, None]
        return lesson.weight * temperature * mismatch + (of == 0) - hard[:, None]

    def mean(slopes, factor=1.0, factor_other=1.0):
        return (chances * factor) @ slopes @ (chances_other * factor_other)

    def chance(known, slots):
        return math.comb(slots, known) * (1 / views) ** known * (1 - 1 / views) ** (slots - known)

    on_known = on_unknown = 0.0
    slots = lesson.distractors
    for known in range(slots + 1):
        label_slope = slope(known, 0) * chance(known, slots)
        on_known += mean(label_slope, z * gate(strength * z))
        on_unknown += mean(label_slope, 1.0, other**power)
    for known in range(slots):
        share = slots / views * chance(known, slots - 1)
        gamma = lesson.distraction
        # The distractor in question is the first one if it is known, else the last one.
        on_known += share * gamma * gate(strength * gamma) * mean(slope(known + 1, 1))
        on_unknown += share * gamma**power * mean(slope(known, slots))
    return on_known, on_unknown


WIDE = [
    ({"strength": (0.1, 5.0)}, 1.0), ({"strength": (0.1, 5.0)}, 4.0),
    ({"strength": (0.5, 20.0)}, 4.0), ({"strength": (0.05, 2.0), "level": 1.5, "power": 2.5}, 1.0),
    ({"strength": (0.1, 3.0), "views": 3, "distractors": 0}, 2.0),
    ({"strength": (0.2, 9.0), "weight": 0.3, "distractors": 4, "distraction": 3.0}, 30.0),
    ({"strength": (1e-3, 1.0), "level": 4.0, "power": 8}, 0.3), ({}, 2.0),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "temperature"), WIDE)
def test_wide_strengths_by_brute_quadrature(changes, temperature):
    lesson = replace(LESSON, **changes)
    pull = Pull(lesson, temperature)
    for strength in (0.15, 1.0, 6.0):
        known, unknown = forces_of_all_classes(lesson, temperature, strength)
        # Relative to labels alone, which ask for z gate(s z) and z^q.
        scale = 1 + lesson.weight * temperature
        assert pull.known(strength) == pytest.approx(known, abs=1e-10 * scale)
        most = scale * lesson.strength[1] ** lesson.power
        assert pull.unknown(strength) == pytest.approx(unknown, abs=1e-12 * most)
    rest = optimize.brentq(
        lambda s: forces_of_all_classes(lesson, temperature, s)[0], 0.01, 60, xtol=1e-10
    )
    expected = forces_of_all_classes(lesson, temperature, rest)[1]
    assert dark_drive(lesson, temperature) == pytest.approx(expected, rel=1e-8)


def test_forces_to_many_digits():
    """No distractors, three classes: both forces in 20 digits."""
    lesson = replace(LESSON, classes=3, strength=(0.1, 2.0), distractors=0, level=3.0)
    temperature, strength = 1.5, 1.25
    with mpmath.workdps(20):
        q, a, low, high = 4, mpmath.mpf(3), mpmath.mpf("0.1"), mpmath.mpf(2)

        def answer(x):
            return x**q / q if x < 1 else x - 1 + mpmath.mpf(1) / q

        def missing(output, t):
            return 2 / (2 + mpmath.exp(output / t))

        def label(z, other):
            told = missing((answer(a * z) + answer(a * other)) / 2, temperature)
            soft = missing(answer(strength * z), temperature)
            return temperature * (soft - told) + missing(answer(strength * z), 1)

        edges, area = [low, 1 / a, 1 / mpmath.mpf(strength), high], (high - low) ** 2
        known = mpmath.quad(
            lambda z, o: z * min(strength * z, 1) ** (q - 1) * label(z, o), edges,
            [low, 1 / a, high], method="gauss-legendre", maxdegree=3,
        )  # fmt: skip
        unknown = mpmath.quad(
            lambda z, o: o**q * label(z, o), edges, [low, 1 / a, high], method="gauss-legendre",
            maxdegree=3,
        )  # fmt: skip
    pull = Pull(lesson, temperature)
    assert pull.known(strength) == pytest.approx(float(known / area), rel=1e-12)
    assert pull.unknown(strength) == pytest.approx(float(unknown / area), rel=1e-12)


def test_the_drive_is_taken_where_known_views_rest():
    pull = Pull(LESSON, 4.0)
    rest = optimize.bisect(pull.known, 3, 20, xtol=1e-11)
    assert dark_drive(LESSON, 4.0) == pytest.approx(pull.unknown(rest), rel=1e-9)
    # And there the student has nothing left to learn in the sampled loss.
    samples = 60_000
    known, unknown = sampled_forces(LESSON, 4.0, rest, samples)
    assert abs(known.mean()) < 5 * known.std() / math.sqrt(samples)
    error = unknown.std() / math.sqrt(samples)
    assert unknown.mean() == pytest.approx(dark_drive(LESSON, 4.0), abs=5 * error)


@pytest.mark.parametrize("changes", [{}, {"views": 3, "distractors": 0}])
def test_dark_knowledge_needs_a_temperature(changes):
    lesson = replace(LESSON, **changes)
    drives = [dark_drive(lesson, t) for t in (0.01, 0.05, 0.3, 0.5, 0.7, 1, 2, 4)]
    # Down to what rounding leaves of T w (difference of probabilities).
    assert all(a <= b + 1e-15 for a, b in itertools.pairwise(drives))
    assert drives[0] < 1e-14
    assert drives[5] < 0.01 * dark_drive(lesson, 8)
    assert dark_drive(replace(lesson, level=3.0), 1) > 10 * drives[5]  # a less confident teacher
    far = [dark_drive(lesson, t) for t in (1e4, 1e5, 1e6)]
    # To a limit, with an error of the order of 1/T.
    assert (far[1] - far[2]) / (far[0] - far[1]) == pytest.approx(0.1, rel=0.01)
    assert far[2] > 0.1
    assert dark_drive(replace(lesson, views=1), 4) == 0


@given(
    classes=st.integers(2, 12), views=st.integers(1, 4), power=st.floats(2.05, 8),
    low=st.floats(0.1, 3), width=st.floats(0.01, 3), slots=st.integers(0, 4),
    distraction=st.floats(0, 4), level=st.floats(0.05, 100), weight=st.floats(0.01, 20),
    exponent=st.floats(-2, 6),
)  # fmt: skip
def test_drives_are_finite_and_not_negative(
    classes, views, power, low, width, slots, distraction, level, weight, exponent
):
    lesson = Lesson(
        classes=classes, views=views, power=power, strength=(low, low + width),
        distractors=min(slots, classes - 1), distraction=distraction, level=level, weight=weight,
    )  # fmt: skip
    assert 0 <= dark_drive(lesson, 10**exponent) < math.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dark_drive(LESSON, 0), "temperature=0"),
        (lambda: dark_drive(LESSON, math.nan), "temperature=nan"),
        (lambda: dark_drive(LESSON, 2.0, 0), "known=0"),
        (lambda: replace(LESSON, views=0), "views=0"),
        (lambda: replace(LESSON, classes=1), "classes=1"),
        (lambda: replace(LESSON, power=2), "power=2"),
        (lambda: replace(LESSON, strength=(2.0, 1.5)), "strength="),
        (lambda: replace(LESSON, distractors=5), "distractors=5"),
        (lambda: replace(LESSON, distractors=1.5), r"distractors=1\.5 .*integer"),
        (lambda: replace(LESSON, distraction=-1), "distraction=-1"),
        (lambda: replace(LESSON, level=0), "level=0"),
        (lambda: replace(LESSON, weight=math.inf), "weight=inf"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
