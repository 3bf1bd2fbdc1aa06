"""The experiment on weak teachers, and the claim about their students."""

from dataclasses import replace

import numpy as np
import pytest

from mvtheory.features import relu_spectrum
from tests.validation.refusing import check_wrong_formulas_are_refused
from validation.claims.weak_to_strong import WEAK_TO_STRONG
from validation.experiments import measure
from validation.experiments.weak_teachers import setting as weak
from validation.experiments.weak_teachers.training import (
    directions,
    filtered,
    kernel,
    learned,
    on_target,
    taught,
)
from validation.testing import train

(SMALL,) = weak.settings("smoke")


def test_the_claim_keeps_its_contract_and_refuses_wrong_formulas_on_what_is_trained():
    studies = [train(setting, 9) for setting in WEAK_TO_STRONG.settings("quick")]
    assert len(check_wrong_formulas_are_refused(WEAK_TO_STRONG, studies)) == 3


@pytest.fixture
def features():
    return directions(40, SMALL.dimension, np.random.default_rng(1))


def test_moments_are_those_of_inputs_on_the_sphere(features):
    """Of drawn inputs, to four standard errors."""
    x = directions(200_000, SMALL.dimension, np.random.default_rng(2))
    responses = np.maximum(x @ features[:3].T, 0)
    for found, products in (
        (kernel(features[:3], features[:3]), responses[:, :, None] * responses[:, None]),
        (on_target(features[:3]), responses * (x[:, :1] * SMALL.dimension**0.5)),
    ):
        error = 4 * products.std(0) / len(x) ** 0.5
        assert (np.abs(products.mean(0) - found) < error).all()


def test_students_who_take_everything_over_are_their_teachers(features):
    """But for harmonics above the last, of which features have but themselves in common: the square
    of their cosine at most, a tenth of what these are."""
    teacher, error = taught(features)
    values, counts = relu_spectrum(SMALL.dimension, weak.DEGREE)
    above = (1 / (2 * SMALL.dimension) - values @ counts) * float(teacher @ teacher)
    assert above < 0.1 * error
    for student, number in ((weak.STOPPED, 1e30), (weak.RIDGE, 1e-30)):
        found = filtered(features, teacher, student, number)
        assert found + above == pytest.approx(error, abs=0.1 * above)
    assert learned(features, features, teacher, 1e-14) == pytest.approx(error, rel=1e-6)


def test_a_filter_is_what_very_wide_students_come_to(features):
    """The kernel with a ridge, against students of 6000 features: 1/6000 of the largest eigenvalue
    over the ridge, about a tenth, and less in the mean over three."""
    teacher, _ = taught(features)
    ridge = 1e-3
    wide = [
        learned(directions(2000, SMALL.dimension, rng), features, teacher, ridge)
        for rng in np.random.default_rng(3).spawn(3)
    ]
    found = filtered(features, teacher, weak.RIDGE, ridge)
    assert np.mean(wide) == pytest.approx(found, rel=0.1)
    # No filter is closer than the square.
    _, error = taught(features)
    for number in np.geomspace(1, 1e4, 9):
        assert filtered(features, teacher, weak.STOPPED, number) >= error**2


def test_teachers_do_not_depend_on_the_others():
    """Bit for bit: features are drawn by the width."""
    rows = measure(SMALL, 5, 1)["teachers"]
    fewer = measure(replace(SMALL, widths=SMALL.widths[1:]), 5, 1)["teachers"]
    assert fewer == rows[1:]
    assert measure(replace(SMALL, draws=2), 5, 1)["teachers"][::2] == rows


def test_what_is_tuned_is_tuned_by_the_theory():
    """At the best time or ridge the theory's own error is least, and depends on no draw."""
    width = SMALL.widths[0]
    for student in weak.STUDENTS:
        best = SMALL.student(width, student)
        assert 0 < best < SMALL.teacher(width)
        assert SMALL.tuned(width, student) == replace(SMALL, draws=3).tuned(width, student)
