"""The claims about networks that learn from one another."""

import math
from functools import cache

import numpy as np
import pytest
from lessons import gathered, studied

from validation.claims import CLAIMS
from validation.claims.ensemble_distillation import GAIN
from validation.claims.temperature import FALLING, RISING
from validation.experiments.pupils.setting import after, before
from validation.experiments.teaching.setting import (
    TEACHER,
    after_views,
    settings,
    student_of,
)
from validation.experiments.teaching.tables import check
from validation.testing import compared
from validation.trial.claim import Measured, Verdict

pytestmark = pytest.mark.usefixtures("one_thread", "law_once")
OF_GENERATIONS = (
    "ensemble-distillation", "self-distillation", "repeated-self-distillation",
    "ensemble-of-students", "generations-together",
)  # fmt: skip
OWN = {
    name: CLAIMS[name]
    for name in (
        *OF_GENERATIONS, "trained-sum", "temperature", "view-curriculum",
        "curriculum-against-distillation",
    )
}  # fmt: skip


@cache
def smoke_networks(name: str) -> Measured:
    (setting,) = OWN[name].settings("smoke")
    if name in OF_GENERATIONS:
        return studied("generations")
    return gathered(setting.shortened(12))


@pytest.mark.parametrize("name", OWN)
def test_remarks_start_with_the_setting(name):
    claim, measured = OWN[name], smoke_networks(name)
    assert measured.setting.label == claim.settings("smoke")[0].label
    lines = claim.remarks(compared(claim, [measured]), [measured])
    assert lines
    assert all(line.startswith(measured.setting.label) for line in lines)


@pytest.mark.parametrize("name", OF_GENERATIONS)
def test_students_who_know_what_they_should_meet_the_predictions_exactly(name):
    """Coverages put to what the wins behind each network foretell: no lottery is left.

    Nor what the networks share: the mean is that of views shown equally strongly.
    """
    measured = studied("generations")
    views = measured.setting.data.views
    ideal = {}
    for key, table in measured.tables.items():
        behind = np.log1p(-table["in_the_mean"]) / np.log1p(-1 / views)
        ideal[key] = table.assign(
            coverage=table["by_starts"],
            single_view_error=1 - table["by_starts"],
            # So many networks; their samples' own odds change that by less than a third of one.
            in_the_mean=1 - (1 - 1 / views) ** np.round(behind),
        )
    claim, perfect = OWN[name], Measured(measured.setting, 2, ideal)
    for e, sample in zip(claim.expect(measured.setting), claim.observe(perfect), strict=True):
        if e.panel == GAIN:  # as measured: what their own wins add in these very races
            students = ideal["networks"].query("role == 'student of 10'")["coverage"].mean()
            teachers = ideal["ensembles"].query("role == 'teacher' and size == 10")["coverage"]
            assert sample.mean == pytest.approx(students - teachers.mean(), abs=1e-12)
        else:
            np.testing.assert_allclose(sample.values, e.predicted, atol=1e-12)


@pytest.mark.parametrize("rounds", range(1, 6))
def test_chains_that_share_networks_count_as_so_many(rounds):
    """The variance of a mean of sums of what their networks add, against chains of their own."""
    (setting,) = settings("quick")
    chains, draws = setting.chains_of(rounds), 20_000
    rng = np.random.default_rng(0)
    teachers = rng.standard_normal((draws, chains))
    cohort = rng.standard_normal((draws, setting.cohort))
    sums = teachers + sum(cohort[:, setting.starts(r)[:chains]] for r in range(1, rounds + 1))
    alone = (rounds + 1) / setting.independent_chains(rounds)
    # Of a variance from so many draws, five standard errors.
    assert sums.mean(axis=1).var() == pytest.approx(alone, rel=5 * math.sqrt(2 / draws))
    assert setting.independent_chains(rounds) <= chains


def with_coverage(name: str, by_role: dict[str, float]) -> Measured:
    """The smoke networks with coverages made up by role, and half as much again in the second."""
    measured = smoke_networks(name)
    table = measured.tables["networks"]
    made = table["role"].map(by_role) * (1 + table["replicate"] / 2)
    assert made.notna().all()
    return Measured(measured.setting, 2, {"networks": table.assign(coverage=made)})


def test_students_are_judged_less_what_their_starts_foretold():
    claim = OWN["temperature"]
    courses = {(1.0, 1.0): 0.22, (2.0, 2.0): 0.23, (4.0, 4.0): 0.27, (8.0, 8.0): 0.35}
    orders = {FALLING: 0.5, RISING: 0.4}
    roles = {TEACHER: 0.2, before("all"): 0.2}
    roles |= {after(course): value for course, value in (courses | orders).items()}
    measured = with_coverage("temperature", roles)
    table = measured.tables["networks"].assign(foretold=0.1)
    measured = Measured(measured.setting, 2, {"networks": table})
    *taught, order = claim.observe(measured)
    expected = claim.expect(measured.setting)[:-1]
    assert [e.x for e in expected] == [1.0, 2.0, 4.0, 8.0]
    for sample, e, value in zip(taught, expected, courses.values(), strict=True):
        lies = np.array([value, 1.5 * value]) - 0.1 + e.expected
        np.testing.assert_allclose(sample.values, lies, atol=1e-14)
    np.testing.assert_allclose(order.values, [0.1, 0.15], atol=1e-14)


def test_curricula_are_observed_phase_by_phase():
    phases = {after_views(1): 0.3, after_views(2): 0.4}
    samples = OWN["view-curriculum"].observe(with_coverage("view-curriculum", phases))
    for sample, value in zip(samples, phases.values(), strict=True):
        np.testing.assert_allclose(sample.values, [value, 1.5 * value], atol=1e-14)
    against = OWN["curriculum-against-distillation"]
    measured = with_coverage(against.name, phases | {student_of(10): 0.6})
    (sample,) = against.observe(measured)
    np.testing.assert_allclose(sample.values, [-0.2, -0.3], atol=1e-14)
    assert against.recorded is Verdict.FAILS


def test_preconditions_are_of_teachers_and_of_students():
    measured = studied("generations")
    table = measured.tables["networks"]
    made = table.assign(training_accuracy=np.where(table["role"] == TEACHER, 0.9, 0.7))
    teachers, students = check(Measured(measured.setting, 2, {"networks": made}))
    np.testing.assert_allclose(teachers.values, 0.9)
    np.testing.assert_allclose(students.values, 0.7)
