"""Inverses: every argument of every formula is solved for, or says beforehand why it cannot be."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize

import mvtheory
from mvtheory import coverage, race, self_distillation
from mvtheory.arguments import Argument
from mvtheory.formula import Formula
from mvtheory.threshold import Threshold

FORMULAS = [f for f in mvtheory.formulas().values() if isinstance(f, Formula)]
PAIRS = [(f, name) for f in FORMULAS for name in f.domain]
SOLVABLE = [(f, name) for f, name in PAIRS if name in f.solvable]
ULP = float(np.finfo(float).eps)


def label(value: object) -> str:
    return getattr(value, "name", str(value))


def inside(argument: Argument, rng: np.random.Generator) -> object:
    """An ordinary value inside the range."""
    if argument.vector:
        return tuple(rng.dirichlet(np.ones(3)))
    low, high = argument.low, min(argument.high, 300.0)
    if argument.is_flag:
        return int(rng.integers(2))
    if argument.integer:
        return int(rng.integers(low + 1, max(low + 2, math.exp(rng.uniform(1, math.log(high))))))
    if high <= 16:
        return float(rng.uniform(low + (high - low) / 50, high - (high - low) / 50))
    return float(low + math.exp(rng.uniform(-3, math.log(high - low))))


def continued(formula: Formula, name: str, x: float, others: dict) -> float:
    """The expression itself, at real numbers in place of whole ones."""
    exact = {n: formula.domain[n].exact(v) for n, v in others.items()} | {name: Fraction(x)}
    return float(formula.guarded({n: exact[n] for n in formula.domain}, 17))


@pytest.mark.parametrize(("formula", "name"), SOLVABLE, ids=label)
def test_what_is_solved_for_gives_the_value_back(formula, name):
    rng = np.random.default_rng(len(formula.name) + 7 * len(name))
    for _ in range(3):
        point = {a.name: inside(a, rng) for a in formula.arguments}
        if formula.name == "distinct_views_pmf":  # a count that is possible
            point["distinct"] = min(point["distinct"], point["views"], point["networks"])
        others = {n: v for n, v in point.items() if n != name}
        value = formula(**point)
        x = formula.solve(name, value=value, **others)
        assert formula.domain[name].low <= x <= formula.domain[name].high
        # A double of the value is right to 1e-14, and x to four units in its last place.
        ends = [continued(formula, name, x * (1 + k * ULP), others) for k in (-4, 0, 4)]
        slack = 2e-14 * abs(value) + max(ends) - min(ends)
        assert ends[1] == pytest.approx(value, rel=0, abs=slack), (point, x)


@pytest.mark.parametrize(
    ("formula", "name"), [p for p in PAIRS if p not in SOLVABLE], ids=label
)  # fmt: skip
def test_what_cannot_be_solved_for_says_so_beforehand(formula, name):
    rng = np.random.default_rng(1)
    others = {a.name: inside(a, rng) for a in formula.arguments if a.name != name}
    with pytest.raises(ValueError, match=r"cannot be solved for|has no inverse"):
        formula.solve(name, value=0.5, **others)


def test_only_vectors_flags_numbers_of_terms_and_steps_cannot_be_solved_for():
    assert {(f.name, name) for f, name in PAIRS if (f, name) not in SOLVABLE} == {
        ("accuracy", "views"), ("full_coverage", "views"), ("distinct_views_pmf", "distinct"),
        ("majority_vote", "networks"),
        ("distilled", "student_win"), ("ensemble_unequal", "probabilities"),
        ("pathway_sharpness", "shares"),
        *((f.name, n) for f in FORMULAS if isinstance(f, Threshold) for n in f.domain),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "name"), [(f, n) for f in FORMULAS for n in f.monotone], ids=label
)  # fmt: skip
def test_a_formula_never_turns_where_it_is_declared_monotone(formula, name):
    rng = np.random.default_rng(len(formula.name))
    argument = formula.domain[name]
    for _ in range(4):
        others = {a.name: inside(a, rng) for a in formula.arguments if a.name != name}
        points = sorted({inside(argument, rng) for _ in range(25)})
        values = np.array([formula(**others, **{name: x}) for x in points])
        steps = np.diff(values)
        slack = 4e-14 * np.abs(values[1:])
        assert (steps >= -slack).all() or (steps <= slack).all(), (others, points, values)


def test_a_peak_between_the_points_of_a_search_is_not_missed():
    pmf = coverage.distinct_views_pmf
    # 100 of 10^12 views are known by 100 networks, next to certainly, and by no other number.
    assert pmf.solve("networks", views=10**12, distinct=100, value=0.999) == pytest.approx(
        optimize.brentq(
            lambda n: continued(pmf, "networks", n, {"views": 10**12, "distinct": 100}) - 0.999,
            99.5, 100,
        )
    )  # fmt: skip
    # 300 of 300 views are known by 10^5 networks, next to certainly, and exactly 300 of 301 never.
    assert pmf.solve("views", networks=10**5, distinct=300, value=0.5) == pytest.approx(
        300, rel=1e-2
    )
    # Close to the peak over N, (M, j) = (20, 9): both sides are within one step of a search.
    values = pmf(views=20, networks=np.arange(9, 25), distinct=9)
    found = pmf.solve("networks", views=20, distinct=9, value=values.max() * (1 - 1e-6))
    assert continued(pmf, "networks", found, {"views": 20, "distinct": 9}) == pytest.approx(
        values.max() * (1 - 1e-6), rel=1e-12
    )
    with pytest.raises(ValueError, match="not reached"):
        pmf.solve("networks", views=20, distinct=9, value=values.max() * 1.1)


def test_the_first_of_several_solutions_and_whole_numbers_where_they_solve():
    # The variance rises from 0 at one network, and falls again: N = 9 and one before the peak.
    given = {"views": 5, "classes": 10}
    value = coverage.variance(**given, networks=9)
    assert coverage.variance.solve("networks", value=value, **given) < 5
    peak = coverage.variance(**given, networks=np.arange(1, 30)).max()
    assert coverage.variance.solve("networks", value=peak, **given) in range(2, 9)
    for views in (2, 3, 7, 40, 10**6):
        for networks in (1, 2, 9, 300):
            level = coverage.ensemble(views=views, networks=networks)
            if level < 1 - 1e-9:
                assert coverage.ensemble.solve("networks", value=level, views=views) == networks
                assert coverage.ensemble.solve("views", value=level, networks=networks) == views


def test_variance_and_norm_bound_by_hand():
    # N = 2: D is 1 with probability 1/M and else 2, so that Var(D/M) = (M - 1)/M^4.
    assert coverage.variance.solve("views", value=6 / 7**4, networks=2, classes=1) == 7
    # One round: r (r - 1)/(r - 1 + kappa), the tangent at r itself.
    found = self_distillation.norm_bound.solve(
        "condition", value=20 * 19 / (19 + 5.5), relative_norm=20, rounds=1
    )
    assert found == pytest.approx(5.5, rel=1e-13)


def test_a_jump_is_no_solution():
    # Below M networks full coverage is impossible; at M its probability is M!/M^M.
    given = {"views": 5, "classes": 1}
    least = math.factorial(5) / 5**5
    assert coverage.full_coverage.solve("networks", value=least, **given) == 5
    with pytest.raises(ValueError, match=r"value=0\.01 is not reached by full_coverage"):
        coverage.full_coverage.solve("networks", value=0.01, **given)


def test_open_ends_are_solved_up_to():
    # log(1 - c) is infinite at c = 1, and (r - 1)/kappa is 0 at r = 1: neither is in the range.
    bounds = self_distillation.rounds_before_collapse
    assert bounds.solve("relative_norm", value=1e-12, condition=4) == pytest.approx(
        1 + 4e-12, rel=4 * ULP
    )
    with pytest.raises(ValueError, match="not reached"):
        bounds.solve("relative_norm", value=0.0, condition=4)
    escape = race.escape_time.solve("power", value=40, strength=0.1, drive=1)
    assert race.escape_time(strength=0.1, drive=1, power=escape) == pytest.approx(40, rel=1e-13)


def test_a_threshold_names_what_to_solve_instead():
    with pytest.raises(ValueError, match="solve ensemble for views or networks"):
        coverage.networks_for_coverage.solve("views", value=8, coverage=0.95)
    assert coverage.networks_for_coverage.solvable == ()
