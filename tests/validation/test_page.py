"""The page: how its reader finds his way, and what it says to who sees no colours or figures."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib.resources import files

import by_hand
import pytest

from validation.claims import CHAPTERS, CLAIMS, chapter_of, expanded
from validation.report.alternative import alternative
from validation.report.equations import typeset
from validation.report.figures import draw
from validation.report.glance import classes, counts, glance, groups, known_refuted
from validation.report.inline import inlined
from validation.report.rows import rows, telling
from validation.report.svg import svg
from validation.report.words import asymptotic_words, claimed, is_bound, refuting_end
from validation.trial.claim import Comparison, Expectation, Verdict

STYLE = files("validation.report").joinpath("report.css").read_text(encoding="utf-8")


def comparison(observed, verdict=Verdict.HOLDS, x=2, low=0.4, high=0.6, series="M = 2", **more):
    expected = Expectation("p", series, x, 0.5, low, high, 0.1, **more)
    return Comparison(
        expected, observed, 0.01, (observed - 0.03, observed + 0.03), 6, verdict, False
    )


LOW, HIGH = comparison(0.3, Verdict.FAILS), comparison(0.7, Verdict.FAILS, x=3)
BOUND = comparison(0.9, x=4, high=None)


def test_claims_are_grouped_by_the_chapter_that_they_declare():
    ours = [
        by_hand.record(name, place=CLAIMS[name].place)
        for name in ("votes", "winner", "temperature")
    ]
    outside = by_hand.record("mine", module="mine")
    found = groups([*ours, outside])
    assert [(own.name, [r.name for r in own.records]) for own in found] == [
        ("ensembles", ["votes", "winner"]),
        ("distillation", ["temperature"]),
        ("others", ["mine"]),
    ]


def test_every_claim_of_ours_has_a_chapter_which_runs_by_its_name():
    assert {chapter_of(claim) for claim in CLAIMS.values()} == set(CHAPTERS)
    assert not set(CHAPTERS) & set(CLAIMS)
    every = [name for chapter in CHAPTERS for name in expanded([chapter], "standard")]
    assert every == [claim.name for claim in CLAIMS.values() if claim.settings("standard")]


def test_verdicts_are_counted_and_exceptions_are_marked():
    records = [
        by_hand.record("one"),
        by_hand.record("two", Verdict.FAILS, refuted="why"),
        by_hand.record("three", Verdict.FAILS),
    ]
    assert counts(records) == {Verdict.HOLDS: 1, Verdict.FAILS: 2}
    assert known_refuted(records) == 1
    assert [classes(record) for record in records] == ["HOLDS", "FAILS", "FAILS other"]


def test_a_refutation_shows_the_end_of_the_interval_that_shows_it():
    assert refuting_end(LOW) == "the interval ends at 0.33, below 0.4"
    assert refuting_end(HIGH) == "the interval begins at 0.67, above 0.6"
    assert refuting_end(comparison(0.5)) == ""
    # Of a refuted claim it is a comparison that refutes it, however far another one is.
    far = comparison(0.99, Verdict.INCONCLUSIVE, x=5)
    record = by_hand.record(verdict=Verdict.FAILS, comparisons=[far, HIGH])
    assert telling(record).comparison is HIGH
    assert glance(record) == (
        "theory 0.5000, observed 0.700 ± 0.010, range 0.4000 to 0.6000, the interval begins at "
        "0.67, above 0.6 (the farthest of 2: p: M = 2, number of networks N = 3)"
    )


def test_bounds_and_preconditions_are_no_predictions():
    record = replace(by_hand.record(comparisons=[BOUND, HIGH]), checks=(LOW,))
    required, bound, value = rows(record)
    assert [row.kind for row in rows(record)] == ["precondition", "comparison", "comparison"]
    for row in (required, bound):
        assert (row.predicted, row.finite_size, row.difference) == (None, None, None)
        assert row.planned_for == 0.5
    assert (value.predicted, value.planned_for) == (0.5, None)
    assert value.difference == pytest.approx(0.2)
    only = by_hand.record(comparisons=[BOUND])
    assert glance(only).startswith("bound at least 0.4000, observed 0.900 ± 0.010 (the one comp")
    assert glance(by_hand.record()) == "Nothing is observed yet."


def test_a_bound_that_is_computed_at_finite_size_is_a_bound_still():
    """As the rounds until collapse: at least r_0 - 1, and exactly so many here."""
    lasts = Expectation("p", "s", 1, 6.0, 6.0, None, 0.1, finite_size=9.0)
    assert not lasts.bound  # in the plan, whose form stays
    assert is_bound(lasts)
    assert claimed(lasts) == "at least 6.0000"
    value = replace(lasts, predicted=7.0)  # open, for nothing can be above
    assert not is_bound(value)
    row = Comparison(lasts, 9.01, 0.01, (8.9, 9.1), 6, Verdict.HOLDS, False)
    record = by_hand.record(comparisons=[row])
    assert asymptotic_words(record).startswith("It claims bounds alone")
    assert glance(record).startswith("bound at least 6.0000, at finite size 9.0000, observed 9.010")
    assert "claimed at least 6.0000" in alternative({"p": ("x", "y")}, [row])
    (ax,) = draw({"p": ("x", "y")}, [row]).axes
    assert {line.get_label() for line in ax.lines} >= {
        "bound fixed beforehand",
        "theory, finite size",
    }
    assert "theory, asymptotic" not in {line.get_label() for line in ax.lines}


def test_words_in_place_of_a_figure_say_what_is_drawn():
    labels = {"p": ("number of networks N", "coverage\n(share)"), "empty": ("x", "y")}
    said = alternative(labels, [LOW, HIGH, comparison(0.5, series="M = 3", finite_size=0.45)])
    assert said == (
        "p: coverage (share) against number of networks N. M = 2, theory from 0.5000 to 0.5000, "
        "observed from 0.3000 to 0.7000; M = 3, theory 0.4500, observed 0.5000. 1 of 3 means are "
        "inside their ranges."
    )
    assert "claimed at least 0.4000, observed 0.9000" in alternative(labels, [BOUND])
    assert alternative(labels, []) == "Nothing is finished yet that could be drawn."
    mapped = alternative({"p": ("x", "y", "colour")}, [comparison(0.5, series="0.1")])
    assert mapped.startswith("p: colour against x and y. theory 0.5000, observed 0.5000.")


@pytest.fixture(scope="module")
def drawing():
    figure = draw({"p": ("N", "coverage")}, [LOW, HIGH, comparison(0.5, series="M = 3")])
    return svg(figure, "none")


def test_a_drawing_in_a_page_is_small_and_its_names_are_its_own(drawing):
    page = inlined(drawing, "one", 'a "b" & c')
    assert len(page) < len(drawing) / 2
    root = ET.fromstring(page)
    assert (root.get("role"), root.get("aria-label")) == ("img", 'a "b" & c')
    ids = [own.get("id") for own in root.iter() if own.get("id")]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(own.startswith("one-") for own in ids)
    asked = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page)
    assert {a or b for a, b in asked} == set(ids)
    # What is written is still there, in the order in which it was.
    texts = [own.text for own in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]
    assert [own.text for own in root.iter("text")] == texts


def test_a_drawing_in_a_page_takes_the_colours_of_the_page(drawing):
    page = inlined(drawing, "one", "words")
    assert "#000000" not in page
    assert "#ffffff" not in page
    assert "currentColor" in page
    for name in re.findall(r"var\((--[a-z0-9-]+),", page):
        assert STYLE.count(f"{name}: ") == 2, f"{name} by day and by night"
    assert "--shade" in page
    assert "--series-1" in page


def test_numbers_of_a_drawing_keep_a_hundredth_of_a_point(drawing):
    def numbers(text):
        return [
            float(n)
            for n in re.findall(r"-?\d*\.?\d+", " ".join(re.findall(r' d="([^"]*)"', text)))
        ]

    before, after = numbers(drawing), numbers(inlined(drawing, "one", "words"))
    assert len(before) == len(after)
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 0.00501


def placed(root: ET.Element) -> list[tuple[list[float], str]]:
    """What is drawn, in order: all numbers that place it, and of what its outline is made."""
    defined = {child.get("id"): child for child in root.iter() if child.get("id")}
    inside = {child for defs in root.iter() if defs.tag.endswith("defs") for child in defs}
    found = []
    for child in root.iter():
        kind = child.tag.rpartition("}")[2]
        link = child.get("href") or child.get("{http://www.w3.org/1999/xlink}href") or ""
        path = defined[link[1:]] if kind == "use" else child
        if kind not in ("use", "path") or child in inside:
            continue
        at = [child.get("transform", "")]
        if kind == "use":
            at += [f"({child.get('x', '0')} {child.get('y', '0')})", path.get("transform", "")]
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", " ".join(at))]
        found.append(([n for n in numbers if n], re.sub("[^A-Za-z]", "", path.get("d", ""))))
    return found


def test_equations_are_drawn_in_a_page_as_they_are_set():
    """Each letter where it was and as large, whether it is used once or more often."""
    for latex in (r"t = \frac{r_{0} - 1}{\kappa}", r"C = 1 - \left(1 - \frac{1}{M}\right)^{N}"):
        drawn = typeset(latex)
        before, after = (placed(ET.fromstring(own)) for own in (drawn, inlined(drawn, "e", "x")))
        assert len(before) == len(after) > 6
        for (numbers, outline), (others, same) in zip(before, after, strict=True):
            assert numbers == pytest.approx(others, abs=0.00501, rel=1e-3)
            assert outline == same


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", block))


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.2 defines it."""

    def light(colour: str) -> float:
        shares = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("night", [False, True])
def test_contrasts_are_those_of_wcag_aa(night):
    day, dark = STYLE.split("prefers-color-scheme: dark")
    own = colours(day) | (colours(dark) if night else {})
    for ink in ("--ink", "--soft", "--link"):
        for paper in ("--paper", "--tint"):
            assert contrast(own[ink], own[paper]) >= 4.5, (ink, paper)
    for name in ("--holds", "--fails", "--open", "--outside"):
        assert contrast(own[name], own[f"{name}-tint"]) >= 4.5, name
    for n in range(6):  # what is drawn: 3 to 1
        assert contrast(own[f"--series-{n}"], own["--paper"]) >= 3, n


@pytest.mark.parametrize("name", ["report.html.j2", "claim.html.j2"])
def test_tables_scroll_by_themselves_where_the_page_is_narrow(name):
    text = files("validation.report").joinpath(name).read_text(encoding="utf-8")
    alone = re.findall(r"(?<!\">)<table", text)
    scrolls = r'<div class="wide" tabindex="0" role="region" aria-label="[^"]+"><table'
    inside = re.findall(scrolls, text)
    assert inside
    assert not alone
