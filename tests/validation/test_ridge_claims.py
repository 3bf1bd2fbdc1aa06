"""The experiments on sketches and on mixing in one shot, and the claims about them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.validation.refusing import check_wrong_formulas_are_refused
from validation.claims.free_sketches import FREE_SKETCHES
from validation.claims.one_shot_mixing import ONE_SHOT_MIXING
from validation.experiments import measure
from validation.experiments.one_shot import setting as one_shot
from validation.experiments.one_shot.training import drawn
from validation.experiments.sketches import setting as sketches
from validation.experiments.sketches.training import sketch
from validation.experiments.streams import Streams
from validation.testing import train

(SKETCHES,) = sketches.settings("smoke")


@pytest.mark.parametrize("claim", [FREE_SKETCHES, ONE_SHOT_MIXING], ids=lambda c: c.name)
def test_claims_keep_their_contract_and_refuse_wrong_formulas_on_what_is_trained(claim):
    studies = [train(replace(setting, draws=2), 4) for setting in claim.settings("quick")]
    assert len(check_wrong_formulas_are_refused(claim, studies)) >= 3


@pytest.mark.parametrize("kind", sketches.KINDS)
def test_sketches_have_the_law_that_is_said(kind):
    """First three moments of T T', to four deviations and 3 / q beyond the limit."""
    law, draws = sketches._law(kind, SKETCHES.size, SKETCHES.columns), 60
    moments = []
    for rng in np.random.default_rng(0).spawn(draws):
        t = sketch(kind, SKETCHES, rng)
        values = np.linalg.eigvalsh(t.T @ t)
        moments.append([np.sum(values**n) / SKETCHES.size for n in (1, 2, 3)])
    for n, found in enumerate(np.transpose(moments), 1):
        error = 4 * found.std() / np.sqrt(draws) + 3 * n / SKETCHES.columns * law.moment(n)
        assert found.mean() == pytest.approx(law.moment(n), abs=error)


def test_risks_of_sketches_are_those_of_regressions_on_drawn_targets():
    """What is taken as a mean over targets and noise, by drawing them: four standard errors."""
    setting = replace(SKETCHES, draws=1, ridges=(0.03,))
    rows = {row["kind"]: row for row in measure(setting, 5, 0)["sketches"]}
    key = (setting.size, setting.samples, setting.columns, 0)
    rng = Streams(5, key).rng(0)
    axes = np.linalg.qr(rng.standard_normal((setting.size, setting.size)))[0]
    root = np.sqrt(setting.spectrum())
    x = rng.standard_normal((setting.samples, setting.size)) * root
    for kind in sketches.KINDS:
        drawn_ones = [axes.T @ sketch(kind, setting, rng) for _ in range(setting.models)]
        own = np.random.default_rng(1)
        b = own.standard_normal((setting.size, 4000))
        y = x @ b + setting.deviation * own.standard_normal((setting.samples, 4000))
        fits = []
        for t in drawn_ones:
            z = x @ t
            normal = z.T @ z / setting.samples + 0.03 * np.eye(setting.columns)
            fits.append(t @ np.linalg.solve(normal, z.T @ y / setting.samples))
        risks = [np.sum((root[:, None] * (fit - b)) ** 2, axis=0) for fit in fits]
        average = np.sum((root[:, None] * (np.mean(fits, axis=0) - b)) ** 2, axis=0)
        for name, found in (("one", np.mean(risks, axis=0)), ("average", average)):
            error = 4 * found.std() / np.sqrt(found.size)
            assert rows[kind][name] == pytest.approx(found.mean(), abs=error)


@pytest.mark.parametrize("setting", one_shot.settings("smoke"), ids=lambda s: s.label)
def test_a_student_is_trained_on_mixed_labels(setting):
    """The chosen student's risk, by normal equations and one step after the other."""
    setting = replace(setting, draws=1, ridges=setting.ridges[-1:])
    (row,) = measure(setting, 3, 1)["one_shot"]
    key = (ord(setting.population[0]), setting.size, round(100 * setting.flipped), 1)
    x, y, missed = drawn(setting, Streams(3, key).rng(0))
    normal = x.T @ x + setting.samples * setting.ridges[0] * np.eye(x.shape[1])
    teacher = np.linalg.solve(normal, x.T @ y)
    mixed = (1 - row["mixing"]) * y + row["mixing"] * (x @ teacher)
    student = np.linalg.solve(normal, x.T @ mixed)
    risks = [float(np.sum(missed(b) ** 2)) for b in (teacher, student)]
    assert row["teacher"] == pytest.approx(risks[0], rel=1e-8)
    assert row["kept"] == pytest.approx(risks[0] - risks[1], abs=1e-8 * risks[0])
    assert row["gain"] >= row["kept"] - 1e-9 * risks[0]


def test_a_population_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="population='cubes' is not known"):
        one_shot.population("cubes", 3, 1.0, 0.0)
