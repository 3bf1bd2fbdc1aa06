"""The sources line by line: every statement points to what there is, every claim to a statement."""

from importlib import import_module

import pytest

from mvtheory.references import Source
from validation.claims import CLAIMS
from validation.report.statements_table import COLUMNS, row, statements_table
from validation.statements import STATEMENTS, Statement
from validation.trial.claim import Verdict

OURS = {name: claim for name, claim in CLAIMS.items() if not claim.module}


def of_text(statement):
    return " ".join(statement.text.split()[:6])


@pytest.mark.parametrize("statement", STATEMENTS, ids=of_text)
def test_a_statement_points_to_what_there_is(statement):
    for name in statement.computed:
        room, _, wanted = name.rpartition(".")
        offered = import_module(f"mvtheory.{room}")
        assert wanted in offered.__all__, name
        assert getattr(offered, wanted)
    assert set(statement.claims) <= OURS.keys()


def test_every_claim_tries_a_statement():
    assert {name for own in STATEMENTS for name in own.claims} == OURS.keys()


def test_no_statement_stands_there_twice():
    assert len({(str(own.source), own.text) for own in STATEMENTS}) == len(STATEMENTS)


def test_a_statement_without_claim_says_why():
    source = Source("allenzhu2023", "figure 2")
    with pytest.raises(ValueError, match=r"claims=\(\) is not allowed without untested .*figure 2"):
        Statement(source, "A picture.")


def test_a_row_says_where_and_how_it_went():
    source = Source("allenzhu2023", "Theorem 2")
    tried = Statement(
        source, "N | M", ("coverage.ensemble",), ("winner", "summed-views", "image-hundred"), "k"
    )
    verdicts = {"winner": Verdict.HOLDS, "summed-views": Verdict.FAILS}
    assert dict(zip(COLUMNS, row(tried, verdicts, "claims"), strict=True)) == {
        "source": "Allen-Zhu & Li (2023), Theorem 2",
        "statement": r"N \| M",
        "computed by": "`coverage.ensemble`",
        "claim": "`winner`<br>`summed-views`<br>`image-hundred`",
        "verdict": (
            "**HOLDS**<br>**FAILS**, recorded as refuted<br>[on files](images.md)<br>what is not: k"
        ),
        "figure": (
            "[figure](claims/winner.svg)<br>[figure](claims/summed-views.svg)<br>"
            "[figure](images/image-hundred.svg)"
        ),
    }
    alone = Statement(source, "k is large", untested="at one k")
    assert row(alone, {}, "claims")[2:] == ["-", "-", "not testable here: at one k", "-"]


def test_the_table_has_every_statement():
    page = statements_table(dict.fromkeys(OURS, Verdict.HOLDS), "claims")
    assert f"{len(STATEMENTS)} statements" in page
    assert page.count("\n| ") == len(STATEMENTS) + 2
