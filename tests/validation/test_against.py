"""Two runs beside each other: what is told to differ, and what is not."""

import json
from dataclasses import replace

import by_hand
import pytest

from validation import command
from validation.report.against import against, compared
from validation.report.machine import verdicts
from validation.report.page import write_report
from validation.running import runner
from validation.trial.claim import Comparison, Expectation, Verdict


def comparison(observed=0.5, predicted=0.5, error=0.01, x=2, verdict=Verdict.HOLDS):
    expected = Expectation("p", "M = 2", x, predicted, predicted - 0.1, predicted + 0.1, 0.1)
    return Comparison(expected, observed, error, (0.4, 0.6), 6, verdict, exact=False)


def run(*records):
    return json.loads(verdicts(by_hand.conclusion(*records)))


def test_equal_runs_do_not_differ():
    one = run(by_hand.record("a", comparisons=[comparison()]), by_hand.record("b"))
    found = compared(one, one)
    assert found.lines == ()
    assert found.summary.startswith(
        "0 of 2 claims differ, 0 in their verdicts. Of 1 numbers that both observed, 1 are the same"
    )
    assert found.words.startswith("preset quick, seed 7, plan ")


def test_verdicts_predictions_and_observations_that_differ_are_told():
    here = run(
        by_hand.record("verdict", Verdict.FAILS, [comparison()]),
        by_hand.record("prediction", comparisons=[comparison(), comparison(x=3)]),
        by_hand.record("observed", comparisons=[comparison(0.5)]),
        by_hand.record("more", comparisons=[comparison(), comparison(x=3)]),
        by_hand.record("chance", comparisons=[comparison(0.51)]),
        by_hand.record("mine"),
    )
    there = run(
        by_hand.record("verdict", Verdict.HOLDS, [comparison()]),
        by_hand.record("prediction", comparisons=[comparison(predicted=0.52), comparison(x=3)]),
        by_hand.record("observed", comparisons=[comparison(0.6)]),
        by_hand.record("more", comparisons=[comparison()]),
        by_hand.record("chance", comparisons=[comparison(0.5)]),
        by_hand.record("theirs"),
    )
    lines = {line.claim: str(line) for line in compared(here, there).lines}
    place = "p: M = 2, number of networks N = 2"
    assert lines == {
        "verdict": "verdict: FAILS here, HOLDS there",
        "prediction": f"prediction: HOLDS; predictions: {place}: predicted 0.5 here, 0.52 there",
        # .1 by a standard error of .01 sqrt(2).
        "observed": f"observed: HOLDS; observed: {place}: 0.5 here, 0.6 there, 7.1 standard errors",
        "more": "more: HOLDS; predictions: other comparisons",
    }
    summary = compared(here, there).summary
    assert summary.startswith("4 of 5 claims differ, 1 in their verdicts.")
    assert summary.endswith("On trial here only: mine. On trial there only: theirs.")


def test_rounding_is_no_difference_and_what_is_certain_is_one():
    one = run(by_hand.record("a", comparisons=[comparison(0.5, error=0.0)]))
    rounded = run(by_hand.record("a", comparisons=[comparison(0.5 + 1e-12, error=0.0)]))
    other = run(by_hand.record("a", comparisons=[comparison(0.5001, error=0.0)]))
    assert compared(one, rounded).lines == ()
    (line,) = compared(one, other).lines
    assert line.observed.endswith("inf standard errors")


def test_the_command_tells_of_another_run(tmp_path, small_plan, capsys):
    few = small_plan.with_replicates([2])
    for name, plan in (("a", few), ("b", replace(few, seed=few.seed + 1))):
        runner.run(tmp_path / name, plan)
        write_report(tmp_path / name)
    assert command.main(["report", str(tmp_path / "a"), "--against", str(tmp_path / "b")]) == 0
    told = capsys.readouterr().out
    assert f"Against preset {few.preset}, seed {few.seed + 1}, plan " in told
    page = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert 'id="against"' in page
    assert f"seed {few.seed + 1}, plan " in page
    (tmp_path / "b" / "verdicts.json").unlink()
    results = by_hand.conclusion(by_hand.record())
    with pytest.raises(ValueError, match="write it by `python -m validation report"):
        against(results, tmp_path / "b")
