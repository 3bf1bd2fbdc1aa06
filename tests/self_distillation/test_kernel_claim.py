"""The kernel and mixing experiments, and the claim about them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mvtheory.self_distillation import mixed_risk
from validation.claims.hilbert_bounds import (
    BEST,
    HILBERT_BOUNDS,
    MOST,
    NORM,
    RESOLUTION,
    RISK,
    ROUNDS,
    SOURCE_NORM,
)
from validation.experiments import measure
from validation.experiments.kernels import data as kernel_data
from validation.experiments.kernels import setting as kernels
from validation.experiments.kernels import training as kernel_regressions
from validation.experiments.mixing import setting as mixing
from validation.trial.claim import Measured, Verdict
from validation.trial.design import _replicates
from validation.trial.verdict import ALPHA, Case, judge, level

SMOKE = HILBERT_BOUNDS.settings("smoke")
QUICK = HILBERT_BOUNDS.settings("quick")


def measured(setting, replicates) -> Measured:
    tables: dict[str, list] = {}
    for replicate in range(replicates):
        for name, rows in measure(setting, seed=3, replicate=replicate).items():
            tables.setdefault(name, []).extend(row | {"replicate": replicate} for row in rows)
    return Measured(setting, replicates, {n: pd.DataFrame(rows) for n, rows in tables.items()})


@pytest.fixture(scope="module")
def studies() -> list[Measured]:
    """As many replicates as the quick preset plans, of samples that are fewer."""
    small = [
        replace(s, samples=120, draws=100) if isinstance(s, mixing.MixingSetting)
        # The arc-cosine kernel of fewer digits is too well conditioned for its nugget.
        else replace(s, samples=120) if s.kernel == "arc-cosine" else replace(s, samples=60)
        for s in QUICK
    ]  # fmt: skip
    return [measured(setting, 7) for setting in small]


def case(studies, expect) -> Case:
    return Case(
        [e for study in studies for e in expect(study.setting)],
        [s for study in studies for s in HILBERT_BOUNDS.observe(study)],
        [e for study in studies for e in HILBERT_BOUNDS.require(study.setting)],
        [s for study in studies for s in HILBERT_BOUNDS.check(study)],
    )


def test_wrong_formulas_are_refused_by_trained_regressions(studies):
    for wrong in HILBERT_BOUNDS.wrong:
        (decision,) = judge([case(studies, wrong.expect)], look=1, alpha=ALPHA / 23)
        assert decision.verdict is Verdict.FAILS, wrong.words


def test_bounds_hold_in_every_single_replicate(studies):
    """They are theorems: a mean within its range would hide a violation."""
    whole = case(studies, HILBERT_BOUNDS.expect)
    for e, sample in zip(whole.expectations, whole.samples, strict=True):
        # The bound itself, without the margin beside it.
        if e.panel in (ROUNDS, NORM, SOURCE_NORM):
            assert sample.values.min() >= e.predicted - 1e-9
        if e.panel == MOST:
            assert sample.values.max() <= e.predicted + 1e-9
        if e.panel == NORM:
            assert sample.values.max() <= e.high - RESOLUTION + 1e-9


def test_trained_regressions_are_the_recursion(studies):
    for study in studies:
        if isinstance(study.setting, kernels.KernelSetting):
            table = study.tables["kernels"]
            assert table["fitted_difference"].max() < 1e-10
            assert table["test_difference"].max() < 1e-10
            assert table["residual_deviation"].max() < 1e-10
            # The nugget makes the condition number that the bounds are of.
            np.testing.assert_allclose(table["condition"], study.setting.condition, rtol=1e-9)
            rounds = study.tables["kernel_rounds"]
            assert (rounds.groupby("replicate")["penalty"].diff().dropna() > 0).all()
            assert (rounds.groupby("replicate")["functions"].diff().dropna() < 0).all()


def test_remarks_and_order_of_observations(studies):
    assert len(HILBERT_BOUNDS.remarks([], studies)) == 8
    for study in studies:
        expectations = HILBERT_BOUNDS.expect(study.setting)
        named = {(e.panel, e.series, e.x) for e in expectations}
        assert len(named) == len(expectations) == len(HILBERT_BOUNDS.observe(study))


def test_the_quick_preset_decides_with_few_replicates():
    expectations = [
        e for s in QUICK for e in (*HILBERT_BOUNDS.expect(s), *HILBERT_BOUNDS.require(s))
    ]
    assert _replicates(expectations, 0.9, level(1) / 23) <= 12


def test_the_residual_s_bounds_need_no_condition_number():
    setting = QUICK[0]
    by_kappa, by_residual = HILBERT_BOUNDS.expect(setting)[:2]
    assert by_kappa.low == pytest.approx(9 / 1.5)
    assert by_residual.predicted == 9
    (best,) = [e for e in HILBERT_BOUNDS.expect(QUICK[-1]) if e.panel == BEST]
    assert best.predicted < 0


@pytest.mark.parametrize("setting", SMOKE, ids=lambda s: s.label)
def test_seeds_tell_replicates_apart(setting):
    first, again, other = (measure(setting, 1, r) for r in (0, 0, 1))
    assert first == again
    assert first != other
    assert measure(setting, 1, 0, keep=("curves",))["curves"] == []
    short = setting.shortened(2)
    assert short.steps == 2
    assert measure(short, 1, 0).keys() == first.keys()


def test_a_fit_has_the_least_norm_among_those_with_its_residual():
    """Optimality: dual coefficients are proportional to the residuals, which have the norm."""
    problem = SMOKE[1].draw(np.random.SeedSequence(2))
    reduced = kernel_regressions.Gram.of(problem.gram)
    penalty, dual = kernel_regressions.fit(reduced, problem.labels, 0.01, guess=1e3)
    left = problem.labels - problem.gram @ dual
    assert np.mean(left**2) == pytest.approx(0.01, rel=1e-10)
    np.testing.assert_allclose(left, penalty * dual, atol=1e-10)


@pytest.mark.parametrize("penalty", [1e-3, 2.0])
def test_a_tridiagonal_system_is_that_of_the_gram_matrix(penalty):
    """Against Gaussian elimination; both err by the condition number, 1e4 at most, times 1e-16."""
    problem = SMOKE[1].draw(np.random.SeedSequence(3))
    reduced, count = kernel_regressions.Gram.of(problem.gram), len(problem.gram)
    right = np.random.default_rng(4).standard_normal((count, 2))
    found = reduced.basis @ reduced.solve(penalty, reduced.basis.T @ right)
    stated = np.linalg.solve(problem.gram + penalty * np.eye(count), right)
    np.testing.assert_allclose(found, stated, atol=1e-11 * np.abs(stated).max())


@pytest.mark.parametrize("kernel", kernel_data.KERNELS)
def test_draws_have_the_condition_and_the_size_that_the_bounds_assume(kernel):
    for problem, scale in zip(kernel_data.PROBLEMS, (30.0, 0.5), strict=True):
        drawn = kernel_data.draw(
            problem, kernel, scale, 20.0, 0.3, (40, 7), np.random.default_rng(0)
        )  # fmt: skip
        assert np.mean(drawn.labels**2) == pytest.approx(1, rel=1e-12)
        assert np.linalg.cond(drawn.gram) == pytest.approx(20, rel=1e-9)
        np.testing.assert_allclose(np.linalg.eigvalsh(drawn.gram), drawn.eigenvalues, rtol=1e-9)
        assert drawn.cross.shape == (7, 40)
        assert drawn.clean.shape == (7,)
    with pytest.raises(ValueError, match=r"condition=1e\+30 is above this kernel's own"):
        kernel_data.draw("digits", kernel, 1.0, 1e30, 0.3, (40, 7), np.random.default_rng(0))


def test_the_arc_cosine_kernel_is_that_of_a_wide_layer_of_relu_neurons():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4))
    layer = np.maximum(x @ rng.standard_normal((4, 400_000)), 0)
    # 2 E[relu(w x) relu(w y)], and four standard errors of the mean over neurons.
    products = 2 * layer[:, None] * layer
    error = 4 * products.std(axis=2) / 400_000**0.5
    stated = kernel_data.KERNELS["arc-cosine"](x, x, 1.0)
    assert np.all(np.abs(products.mean(axis=2) - stated) < error)


def test_spreads_of_the_mixing_experiment_are_those_of_its_replicates():
    setting = SMOKE[-1]
    rows = [measure(setting, 5, r)["mixing"][0] for r in range(300)]
    for panel, name in ((RISK, "one_step"), (RISK, "teacher"), (BEST, "best")):
        values = np.array([row[name] for row in rows])
        (e,) = [
            e for e in HILBERT_BOUNDS.expect(setting)
            if e.panel == panel and e.series.replace(" ", "_") in (name, "xi")
        ]  # fmt: skip
        # The deviation of 300 replicates is known to 4 %; four of these, and the first order.
        assert values.std(ddof=1) == pytest.approx(e.spread, rel=0.2)
        bias = 0.0 if name != "best" else 0.1 * e.spread
        assert values.mean() == pytest.approx(e.predicted, abs=4 * e.spread / 300**0.5 + bias)


def test_the_risk_of_a_mixing_setting_is_the_theory_s():
    setting = SMOKE[-1]
    eigenvalues, signal = setting.spectrum()
    inputs, clean = mixing.design(setting.samples)
    assert np.sum(signal**2) == pytest.approx(np.sum(clean**2))
    assert eigenvalues.sum() == pytest.approx(np.sum(inputs**2))
    risk, _ = setting.risk(np.array([0.3]))
    assert risk == mixed_risk(eigenvalues, signal, setting.penalty, setting.deviation, 0.3)
