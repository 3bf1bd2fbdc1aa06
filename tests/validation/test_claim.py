"""What claims are made of: expectations, samples, what was measured."""

import math
from dataclasses import replace
from html import escape

import numpy as np
import pandas as pd
import pytest

import mvtheory
from validation.claims import CLAIMS
from validation.trial.claim import (
    Comparison,
    Expectation,
    Measured,
    Sample,
    Verdict,
    paired_difference,
)


def test_a_range_holds_what_is_asymptotic_and_what_is_finite():
    for finite in (0.55, 0.45, None):
        own = Expectation.around("p", "s", 1, 0.5, 0.1, 0.02, 40, finite)
        others = [0.5] if finite is None else [0.5, finite]
        assert own.low == pytest.approx(min(others) - 0.1)
        assert own.high == pytest.approx(max(others) + 0.1)
        assert own.expected == (0.5 if finite is None else finite)
        assert (own.spread, own.trials, own.predicted, own.bound) == (0.02, 40, 0.5, False)
    for most, high in ((0.6, None), (0.61, 0.6), (0.59, None)):
        assert Expectation.around("p", "s", 1, 0.5, 0.1, 0.02, most=most).high == high


def test_a_range_open_on_a_side_is_a_bound_unless_it_was_cut():
    def bound(low, high, **more):
        return Expectation("p", "s", 1, 0.5, low, high, 0.1, **more).bound

    assert [bound(0.4, None), bound(None, 0.6), bound(0.4, 0.6)] == [True, True, False]
    assert bound(0.4, None, finite_size=0.5) is False
    assert bound(0.4, None, bound=False) is False
    # Only what does not follow is said.
    plain = Expectation("p", "s", 1, 0.5, 0.4, None, 0.1).plain()
    assert "bound" not in plain
    assert Expectation(**plain).bound
    cut = Expectation.around("p", "s", 1, 0.95, 0.1, 0.02, most=1.0)
    assert cut.plain()["bound"] is False
    assert Expectation(**cut.plain()) == cut
    with pytest.raises(ValueError, match="is empty"):
        Expectation("p", "s", 1, 0.5, 0.6, 0.6, 0.1)
    with pytest.raises(ValueError, match="low or high must be given"):
        Expectation("p", "s", 1, 0.5, None, None, 0.1)


def test_samples_know_their_mean_and_deviation():
    for values in ([0.1, 0.4, 0.9], [0.5, 0.2], [3.0, 3.0, 3.0 + 1e-9]):
        sample = Sample.of(values)
        assert sample.mean == pytest.approx(np.mean(values), rel=1e-15)
        assert sample.deviation == pytest.approx(np.std(values, ddof=1), rel=1e-6)
    one = Sample.of([0.3])
    assert (one.mean, one.deviation) == (0.3, math.inf)
    # A tenth three times over has no spread, to the last digit, which its sum loses.
    same = Sample.of([0.1] * 3)
    assert (same.mean, same.deviation) == (0.1, 0.0)


def test_proportions_lie_between_0_and_1_up_to_rounding():
    assert Sample.of([-1e-10, 1 + 1e-10], 8).trials == 8
    assert Sample.of([-1e-9, 1 + 1e-9], 8).trials == 8
    for values in ([-1e-8, 0.5], [0.5, 1 + 1e-8]):
        with pytest.raises(ValueError, match="proportions in"):
            Sample.of(values, 8)
        assert Sample.of(values).trials is None
    for values in ([[0.5]], [], [np.inf], [0.5, np.nan]):
        with pytest.raises(ValueError, match="one finite number a replicate"):
            Sample.of(values)


TABLE = pd.DataFrame(
    {
        "replicate": [1, 0, 1, 0, 3],
        "size": [1, 1, 2, 2, 1],
        "coverage": [0.5, 0.4, 0.9, 0.7, 0.2],
        "votes": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]],
    }
)


def test_differences_are_taken_within_replicates():
    both = TABLE[TABLE["replicate"] < 3]
    sample = paired_difference(both, "coverage", {"size": 2}, {"size": 1})
    assert sorted(sample.values) == pytest.approx([0.3, 0.4])
    once_more = pd.concat([both, both[both["size"] == 2]])
    for rows in (TABLE, once_more):
        with pytest.raises(ValueError, match="do not pair"):
            paired_difference(rows, "coverage", {"size": 2}, {"size": 1})


def test_measured_gives_the_first_replicates_that_are_there():
    other = pd.DataFrame({"replicate": [0, 1, 3], "overlap": [0.0, 0.1, 0.2]})
    measured = Measured("setting", 3, {"ensembles": TABLE, "data": other})
    first = measured.first(2)
    assert (first.setting, first.replicates) == ("setting", 2)
    assert set(first.tables["ensembles"]["replicate"]) == {0, 1}
    assert measured.first(3).tables["data"]["replicate"].tolist() == [0, 1, 3]
    assert measured.by_replicate("ensembles", "coverage") == pytest.approx([0.55, 0.7, 0.2])
    sizes, votes = measured.numbers("ensembles", "size", "votes")
    assert sizes.tolist() == [1, 1, 2, 2, 1]
    assert votes.shape == (5, 2)


def test_a_comparison_differs_by_what_is_observed_beyond_the_prediction():
    expected = Expectation.around("p", "s", 1, 0.5, 0.1, 0.02, 40, 0.55)
    own = Comparison(expected, 0.625, 0.01, (0.6, 0.65), 6, Verdict.INCONCLUSIVE, exact=False)
    assert own.difference == 0.125


def test_the_verdict_of_record():
    claim = replace(CLAIMS["winner"], refuted="")
    assert claim.recorded is Verdict.HOLDS
    assert replace(claim, refuted="for a reason").recorded is Verdict.FAILS
    assert claim.remarks is not None
    assert (
        replace(claim, remarks=type(claim).__dataclass_fields__["remarks"].default).remarks([], [])
        == []
    )


def test_a_notebook_shows_a_claim_with_its_equations_and_what_it_does_not_show():
    claim = CLAIMS["ensemble-coverage"]
    shown = claim._repr_html_()
    assert escape(claim.title) in shown
    assert all(escape(mvtheory.lookup(name).equation()) in shown for name in claim.formulas)
    assert escape(claim.does_not_show[0]) in shown
    assert "<td>expected</td><td>HOLDS</td>" in shown
