"""Verdicts for programs: verdicts.json and its schema, tests in pytest, annotations on GitHub."""

import json

import by_hand
import jsonschema
import pytest

from validation import command
from validation.records.conclusion import conclude
from validation.report.github import annotations, summary, tell
from validation.report.machine import schema
from validation.report.page import write_report
from validation.running import runner
from validation.trial.claim import Comparison, Expectation, Verdict

PLUGIN = ("-p", "validation.claims_in_pytest", "-p", "no:cacheprovider")
"""As where the package is not installed, and its plugin not found."""
OWN = """
from dataclasses import replace
from validation.claims import winner
(setting,) = winner.WINNER.settings("smoke")
OWN = replace(
    winner.WINNER, name="of-mine",
    settings=lambda preset: (setting.shortened(3),),
)
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory, small_plan):
    out = tmp_path_factory.mktemp("machine")
    runner.run(out, small_plan.with_replicates([2]))
    return out


def test_verdicts_for_programs_are_as_the_schema_says(finished, small_plan, capsys):
    write_report(finished)
    said = json.loads((finished / "verdicts.json").read_text())
    own = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(own)
    jsonschema.validate(said, own)
    for name in ("claims", "plan", "deviations", "alpha"):  # what it names must be there
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({n: v for n, v in said.items() if n != name}, own)
    results = conclude(finished)
    assert (said["plan"], said["digest"]) == (results.plan.name, results.digest)
    assert [own["claim"] for own in said["claims"]] == [c.name for c in small_plan.claims]
    for record, claim in zip(results.claims, said["claims"], strict=True):
        rows = [row for row in claim["comparisons"] if row["kind"] == "comparison"]
        assert [row["observed"] for row in rows] == [c.observed for c in record.comparisons]
        for row in claim["comparisons"]:
            assert row["interval"]["low"] < row["observed"] < row["interval"]["high"]
            assert (row["predicted"] is None) != (row["planned_for"] is None)
        assert claim["does_not_show"] == list(record.claim.does_not_show)
    assert command.main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == own


def test_check_says_by_its_exit_code_what_a_folder_is(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert command.main(["check", str(finished)]) == 3  # not decided
    assert "::warning title=winner%3A INCONCLUSIVE::Not decided" in capsys.readouterr().out
    assert "| `winner` |" in (tmp_path / "summary.md").read_text()


def test_what_github_is_told():
    expected = Expectation("p", "s", 2.0, 0.5, 0.4, None, 0.1)
    far = Comparison(expected, 0.3, 0.01, (0.28, 0.32), 6, Verdict.FAILS, False, confidence=0.99)
    results = by_hand.conclusion(
        by_hand.record("good"),
        by_hand.record("bad", Verdict.FAILS, [far]),
        by_hand.record("known", seen=4),
        deviations=["100 % of it\nis gone."],
    )
    bad, known, gone = annotations(results)
    assert bad.startswith("::error title=bad%3A FAILS::Refuted: at least one")
    assert known.startswith("::warning title=known%3A HOLDS%2C on networks seen before::")
    assert gone == "::warning title=Deviation from the plan::100 %25 of it is gone."
    text = summary(results)
    assert "| `bad` | at least 0.4000 | 0.300 ± 0.010 (p: s, number of networks N = 2) |" in text
    assert "At most 5 % is the chance that any HOLDS is false" in text
    tell(results)  # nobody asked


def test_claims_are_tests_of_a_repository(pytester, monkeypatch):
    from validation.claims import CLAIMS

    monkeypatch.setitem(CLAIMS, "winner", CLAIMS["winner"])
    pytester.makepyfile(claims_of_mine=OWN)
    pytester.syspathinsert()
    arguments = [*PLUGIN, "--mvtheory-claims=claims_of_mine", "--mvtheory-preset=smoke"]
    with monkeypatch.context() as patch:
        patch.delitem(CLAIMS, "of-mine", raising=False)
        done = pytester.inline_run(*arguments)
        del CLAIMS["of-mine"]
    (report,) = [own for own in done.getreports("pytest_runtest_logreport") if own.when == "call"]
    # Networks of three steps know nothing: outside assumptions.
    assert report.failed
    assert "OUTSIDE ASSUMPTIONS. No verdict on the claim" in str(report.longrepr)
    assert (pytester.path / ".mvtheory-claims" / "verdicts.json").exists()


def test_without_its_option_the_plugin_adds_nothing(pytester):
    pytester.makepyfile("def test_one(): pass")
    done = pytester.inline_run(*PLUGIN)
    done.assertoutcome(passed=1)


def test_a_module_without_claims_is_refused(pytester):
    done = pytester.inline_run(*PLUGIN, "--mvtheory-claims=nobody.home")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
