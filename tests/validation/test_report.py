"""What the report says of numbers, and how many replicates an open question would take."""

import numpy as np
import pytest

from validation.claims import CLAIMS
from validation.report.equations import equation, one_line, typeset
from validation.report.tables import csv_text
from validation.report.words import is_apart, number, place, record_words, span
from validation.trial.claim import Expectation, Sample, Verdict
from validation.trial.design import replicates_to_decide
from validation.trial.evidence import p_inside, p_outside
from validation.trial.verdict import Case, compare, judge


def compared(values, low=0.45, high=0.55, trials=None):
    expected = Expectation("p", "s", 1, 0.5, low, high, spread=0.01)
    sample = Sample.of(values, trials)
    (decision,) = judge([Case([expected], [sample])], look=1)
    return compare(expected, sample, decision), decision


def test_numbers_and_ranges():
    assert number(None) == "-"
    assert number(0.12345) == "0.1235"
    assert number(1.13e-5) == "1e-05"
    assert number(0.0) == "0.0000"
    assert number(204.2, 0) == "204"
    assert span(0.1, 0.2) == "0.1000 to 0.2000"
    assert span(None, 0.2) == "at most 0.2000"
    assert span(0.1, None) == "at least 0.1000"


def test_the_report_says_whether_a_verdict_is_that_of_record():
    def words(verdict, recorded):
        return record_words(Verdict(verdict), Verdict(recorded))

    assert words("HOLDS", "HOLDS") == words("INCONCLUSIVE", "FAILS") == ""
    assert words("FAILS", "FAILS") == "It is recorded as refuted."
    assert "recorded as refuted, yet it holds here" in words("HOLDS", "FAILS")
    assert "expected to hold" in words("FAILS", "HOLDS")


def test_comparisons_are_named_by_the_labels_of_their_panels():
    panels = {
        "curves": ["number of networks N", "coverage\n(share)"],
        "map": ["fraction mu (share)", "deviation", "coverage"],
    }

    def named(panel, series, x):
        return place(Expectation(panel, series, x, 0.5, 0.4, 0.6, spread=0.01), panels)

    assert named("curves", "M = 2", 3) == "curves: M = 2, number of networks N = 3"
    assert named("map", "0.01", 0.25) == "map: fraction mu = 0.25, deviation = 0.01"
    assert named("frame", "one network", "M = 2") == "frame: one network, M = 2"
    assert named("not drawn", "one network", 2.0) == "not drawn: one network, x = 2"


def test_rows_as_csv_keep_every_digit():
    assert csv_text([{"a": 0.1 + 0.2, "b": None}]) == "a,b\n0.30000000000000004,\n"
    assert csv_text([]) == "\n"


def test_the_asymptotic_value_is_apart_if_a_two_sided_interval_excludes_it():
    above, _ = compared([0.52, 0.521, 0.522, 0.519], low=0.45, high=None)
    assert is_apart(above)  # though the range is open above
    assert not is_apart(compared([0.4, 0.6, 0.45, 0.56])[0])
    exact, _ = compared([1.0] * 8, trials=800)
    assert is_apart(exact)


def test_the_replicates_said_to_decide_do_decide():
    """With the observed mean and spread for truth, 9 of 10 repetitions are decided."""
    rng = np.random.default_rng(8)
    comparison, decision = compared(0.54 + 0.02 * np.array([-1.2, 0.3, 1.5, -0.8, 0.9, -0.7]))
    assert comparison.verdict is Verdict.INCONCLUSIVE
    needed = replicates_to_decide(comparison, decision)
    spread = comparison.standard_error * 6**0.5
    assert 6 < needed < 1000
    decided = 0
    for values in rng.normal(comparison.observed, spread, (2000, needed)):
        # The next look spends half of what this one did.
        decided += p_inside(Sample.of(values), comparison.expectation) <= decision.hold_level / 2
    # 4 deviations of a share of .9 in 2000; a whole replicate more than needed adds a little.
    assert decided / 2000 == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 2000) + 0.01)
    settled, decision = compared([0.5, 0.501, 0.499, 0.5, 0.502])
    assert replicates_to_decide(settled, decision) is None
    assert p_outside(Sample.of([0.5, 0.501]), comparison.expectation) > 0.5


def test_every_equation_of_a_claim_can_be_set():
    names = {name for claim in CLAIMS.values() for name in claim.formulas}
    for name in sorted(names):
        assert "<svg" in typeset(equation(name).latex), name


def test_cases_are_set_side_by_side():
    latex = r"y = \begin{cases} a & \text{for}\: q = 2 \\\Lambda & \text{otherwise} \end{cases}"
    assert one_line(latex) == r"y = a\;(\text{for}\: q = 2),\quad \Lambda\;(\text{otherwise})"


def test_letters_that_are_written_out_are_set_as_letters():
    assert one_line(r"Lambda_2 = \Lambda g") == r"\Lambda_2 = \Lambda g"
    assert one_line(r"log(B_k) = R \log{x}") == r"\log(B_k) = R \log{x}"
