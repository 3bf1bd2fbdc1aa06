"""The table of claims: one row for every claim, with what it says today."""

from pathlib import Path

import by_hand
import pytest

from validation.claims import CLAIMS, chapter_of, expanded
from validation.report.claims_table import COLUMNS, markdown, row, stated
from validation.report.rows import farthest
from validation.report.statements_table import row as statements_row
from validation.statements import STATEMENTS
from validation.trial.claim import Comparison, Expectation, Verdict

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"
SOURCES = "## The sources line by line"


def comparison(observed, predicted=0.5, low=0.4, high=0.7, finite=None, error=0.01, x=2):
    expected = Expectation("p", "M = 2", x, predicted, low, high, 0.01, finite_size=finite)
    interval = (observed - 2 * error, observed + 2 * error)
    return Comparison(expected, observed, error, interval, 6, Verdict.HOLDS, exact=False)


def record(**more):
    two = [comparison(0.51), comparison(0.57, finite=0.52, x=5)]
    return by_hand.record(**({"comparisons": two} | more))


def test_the_farthest_comparison_is_so_relative_to_its_range():
    near, half, bound, beyond = (
        comparison(0.55),  # a quarter of the way up
        comparison(0.45),  # half of the way down
        comparison(0.9, high=None),  # four ways from the only border, on its other side
        comparison(0.35, high=None),  # beyond it by half
    )
    assert farthest([near, half]) is half
    assert farthest([bound, near, beyond]) is bound
    assert farthest([half, beyond]) is beyond
    # From the finite-size value, where there is one: 0 of the way, not a half.
    assert farthest([comparison(0.6, finite=0.6), near]) is near


def test_a_row_says_everything_of_a_claim():
    assert dict(zip(COLUMNS, row(record(), "claims"), strict=True)) == {
        "claim": "`winner`",
        "statement": r"**The winner.** S\_l \| decides",
        "source": "Saxe (2022); ours",
        "predicted": "0.5, finite size 0.52 (0.4000 to 0.7000)",
        "observed": "0.570 ± 0.010 (the farthest of 2: p: M = 2, number of networks N = 5)",
        "verdict": "**HOLDS**",
        "figure": "[figure](claims/winner.svg)",
    }
    known = row(record(refuted="not at M > 3", verdict=Verdict.FAILS), "claims")
    assert known[1].endswith(r"**Refuted:** not at M \> 3")
    assert known[5] == "**FAILS**, as recorded"
    assert row(record(comparisons=()), "claims")[3:5] == ["-", "-"]


def test_the_page_says_how_it_was_made():
    records = record(), record(name="other", module="own.claims", refuted="why")
    results = by_hand.conclusion(*records, networks={"a": 20, "b": 30})
    page = markdown([results], "docs/claims.md", "claims")
    command = (
        "`python -m validation run winner other --claims own.claims --preset quick --seed 7 "
        "--out DIR`"
    )
    again = "`python -m validation claims DIR --claims own.claims --out docs/claims.md`"
    for part in (
        "2 claims, 50 networks: 2 HOLDS. 1 of",
        command,
        again,
        f"plan\n  `{results.plan.name}`, predictions `{results.plan.predictions}`",
    ):
        assert part in page
    table = [line for line in page.split("\n") if line.startswith("| ")]
    assert len(table) == 2 + 2
    assert table[3].startswith("| `other` | ")


def test_what_a_first_run_does_not_have_is_told_of_a_second():
    one = by_hand.conclusion(record(), networks={"a": 20})
    own = record(name="later"), record(verdict=Verdict.FAILS)
    other = by_hand.conclusion(*own, networks={"c": 5}, preset="standard")
    page = markdown([one, other], "docs/claims.md", "claims")
    assert "2 claims, 25 networks: 2 HOLDS. 0 of" in page  # `winner` is as the first run has it
    assert "run later winner --preset standard --seed 7 --out DIR2`" in page
    assert "validation claims DIR DIR2 --out docs/claims.md`" in page
    rows = [line for line in page.split("\n") if line.startswith("| `")]
    assert "**HOLDS** |" in rows[0]
    assert rows[1].startswith("| `later`")
    assert "**HOLDS**, preset standard |" in rows[1]


@pytest.mark.skipif(not PAGE.exists(), reason="the table was not made yet")
def test_the_page_of_the_project_has_every_claim_as_it_is_today():
    """Made anew by `python -m validation claims DIR DIR2 DIR3 --out docs/claims.md`.

    Of three runs: quick, quick of what is left out for its cost, and standard of what is only tried
    there and reads no files.
    """
    rows = [line for line in PAGE.read_text(encoding="utf-8").split("\n") if line[:3] == "| `"]
    said = {line.split("`")[1]: line for line in rows}
    every = {n: c for n, c in CLAIMS.items() if c.settings("quick") or chapter_of(c) != "images"}
    assert list(said) == list(every)
    for name, claim in every.items():
        assert f"| {stated(claim.title, claim.statement, claim.refuted)} |" in said[name], name
        assert (PAGE.with_suffix("") / f"{name}.svg").exists()


@pytest.mark.skipif(SOURCES not in PAGE.read_text(encoding="utf-8"), reason="not made anew yet")
def test_the_page_of_the_project_has_every_statement_as_it_is_today():
    """Made anew with the table of claims."""
    page = PAGE.read_text(encoding="utf-8")
    rows = page[page.index(SOURCES) :].split("\n| ")[3:]
    for line, statement in zip(rows, STATEMENTS, strict=True):
        cells = line.split(" | ")
        source, text, computed, claims = statements_row(statement, {}, "claims")[:4]
        assert cells[:4] == [source, text, computed, claims], statement.text


def test_the_page_of_images_has_every_claim_about_them():
    """Made anew by `python docs/images.py`, of records that were made at the preset standard."""
    page = PAGE.with_name("images.md").read_text(encoding="utf-8")
    rows = [line for line in page.split("\n") if line[:3] == "| `"]
    names = {line.split("`")[1] for line in rows}
    assert sorted(names) == sorted(expanded(["images"], "standard"))
    for name in names:
        claim = CLAIMS[name]
        said = f"| `{name}` | {stated(claim.title, claim.statement, claim.refuted)} |"
        assert any(line.startswith(said) for line in rows), name
        assert f"images/{name}.svg" in page
        assert (PAGE.with_name("images") / f"{name}.svg").exists()
