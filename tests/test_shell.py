"""In a shell: what is shown of things, what is found, and what help says."""

import doctest
import inspect
import math
import re
import subprocess
import sys

import numpy as np
import pytest

import mvtheory
import validation
from mvtheory import catalogue, formula_text, measured, plotting
from mvtheory.coverage import ensemble, networks_for_coverage
from mvtheory.distillation import Anchor, advise
from mvtheory.ensembles import advise_ensemble
from mvtheory.formula import NOTHING, Formula
from mvtheory.laws import (
    Discrete,
    Empirical,
    FreeLevy,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    TracyWidom,
    free_add,
)
from mvtheory.laws.contract import shown
from mvtheory.measured import spectrum_of_data, study

FORMULAS = {n: f for n, f in mvtheory.formulas().items() if isinstance(f, Formula)}
MADE = {
    f"{room}.{entry.name}": getattr(getattr(mvtheory, room), entry.name)
    for room in catalogue.ROOMS
    for entry in catalogue.entries(room)
    if entry.kind in ("function", "class", "law")
}
PUBLIC = (
    MADE
    | {
        f"measured.{n}": v
        for n in measured.__all__
        if inspect.isfunction(v := getattr(measured, n))
    }
    | {f"plotting.{n}": v for n in plotting.__all__ if callable(v := getattr(plotting, n))}
    | {n: v for n in mvtheory.__all__ if callable(v := getattr(mvtheory, n))}
    | {f"theorems.{n}": getattr(mvtheory.theorems, n) for n in mvtheory.theorems.__all__}
)
"""What a user calls: functions, and classes that are made by users."""


@pytest.mark.parametrize("name", [*PUBLIC, *FORMULAS])
def test_help_opens_with_one_sentence_and_has_an_example(name):
    text = inspect.getdoc(PUBLIC.get(name) or FORMULAS[name])
    first = text.partition("\n\n")[0].replace("\n", " ")
    assert first.endswith("."), first
    assert text.splitlines()[0] == first, "one line"
    assert not re.search(r"[.!?] [A-Z]", first), "one sentence"
    assert ">>>" in text


@pytest.mark.parametrize("name", FORMULAS)
def test_the_example_of_a_formula_runs_and_says_something(name):
    """That of functions and laws is run with their modules."""
    formula = FORMULAS[name]
    example = formula_text.example(formula)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(doctest.DocTestParser().get_doctest(example, {}, name, None, 0))
    assert runner.summarize(verbose=False) == (0, 2)
    assert formula.status_at(**formula_text.example_values(formula)) != NOTHING
    assert example in inspect.getdoc(formula)


def test_the_class_of_formulas_has_documentation_of_its_own():
    assert inspect.getdoc(Formula).startswith("A closed form of the theory.")
    assert inspect.getdoc(type(networks_for_coverage)).startswith("The smallest whole number")
    assert inspect.getdoc(networks_for_coverage).startswith("Smallest number of networks")


@pytest.fixture(scope="module")
def outputs():
    rng = np.random.default_rng(1)
    labels = rng.integers(5, size=300)
    right, noise = 2 * np.eye(5)[labels], rng.normal(size=(300, 5))
    return labels, right + rng.normal(size=(3, 300, 5)), right + noise


def things(outputs):
    from validation.claims import CLAIMS
    from validation.trial import plan

    labels, members, soft = outputs
    claim = CLAIMS["single-view"]
    return {
        "Expected coverage of N networks": ensemble,
        "Smallest number of networks": networks_for_coverage,
        "A single network has a test error": mvtheory.theorems.single_model,
        claim.title: claim,
        "preset smoke, seed 0, 1 claims": plan.make([claim], "smoke", 0),
        "distilling pays": advise(labels, members[0], members[1],
                                  anchors=[Anchor(logits=soft, temperature=4)]),
        "infinitely many": advise_ensemble(labels, members),
        "T = 4, a_H = 0\n logits of shape (300, 5)": Anchor(logits=soft, temperature=4),
        "0 outliers": study(spectrum_of_data(np.random.default_rng(2).normal(size=(90, 30)))),
    }  # fmt: skip


def test_what_is_shown_is_two_lines_that_say_what_it_is(outputs):
    for words, thing in things(outputs).items():
        text = repr(thing)
        assert len(text.splitlines()) == 2, text
        assert words in text
        assert "array(" not in text


def test_a_law_is_shown_by_what_makes_it_and_in_notebooks_by_where_it_lies_too():
    law = MarchenkoPastur(aspect_ratio=2, variance=0.5)
    assert eval(repr(law)) == law
    first, second = shown.in_two_lines(law).splitlines()
    assert first == repr(law)
    # v (1 -+ sqrt 2)^2, an atom 1 - 1/2, mean v, deviation v sqrt q.
    assert second == (" on [0.0857864, 2.91421] and point masses 0.5 at 0; mean 0.5, std 0.707107")
    many = Empirical(eigenvalues=np.arange(9.0))
    assert shown.in_two_lines(many).endswith("and 6 more; mean 4, std 2.58199")


def test_notebooks_show_equation_range_and_a_figure(outputs):
    text = ensemble._repr_html_()
    assert ensemble.equation().replace("<", "&lt;") in text
    assert "integer, 1 &lt;= views &lt;= 10^12" in text
    assert "proved asymptotically at M = 2" in text
    assert "<svg" in text
    law = MarchenkoPastur(aspect_ratio=2)._repr_html_()
    assert law.count("<polyline") == 1
    assert r"R(g) = \frac{1}{1 - 2 g}" in law
    assert "from 0.1716 to 5.828" in law
    assert (
        free_add(Discrete(atoms=[-3, 3], weights=[0.5, 0.5]), Semicircle())
        ._repr_html_()
        .count("<polyline")
        == 2
    )
    assert "<svg" not in Discrete(atoms=[1, 2], weights=[0.5, 0.5])._repr_html_()
    assert "test error" in mvtheory.theorems.ensemble._repr_html_()
    labels, members, _ = outputs
    advice = advise(labels, members[0], members[1])
    assert f"*{advice.predicted[advice.best]:.4f}" in advice._repr_html_()
    sizes = advise_ensemble(labels, members, sizes=[1, 4, np.inf])
    text = sizes._repr_html_()
    for size, value in zip(("1", "4", "inf"), sizes.accuracy, strict=True):
        assert f"<td>{size}</td><td>{value:.4f} (" in text
    assert text.count("<polyline") == 1
    assert "accuracy by networks, from 1 to 4" in text


@pytest.mark.parametrize(
    ("law", "mean", "var"),
    [
        (MarchenkoPastur(aspect_ratio=2, variance=0.5), 0.5, 0.5**2 * 2),
        (Semicircle(mean=1, variance=2.25), 1, 2.25),
        (KestenMcKay(degree=3), 0, 3),  # a tree of degree d: d walks of two steps
        (FreeLevy(variance=0.5, rates=(2, 3), jumps=(1, -0.5)), 0.5, 3.25),
        (3 - 2 * Semicircle(variance=2), 3, 8),
        (free_add(Discrete(atoms=[-1, 1], weights=[0.25, 0.75]), Semicircle()), 0.5, 1.75),
        # Far from 0, where moments about 0 have no digit left.
        (Discrete(atoms=[1e9, 1e9 + 1], weights=[0.5, 0.5]), 1e9 + 0.5, 0.25),
    ],
)  # fmt: skip
def test_laws_have_mean_variance_and_deviation(law, mean, var):
    assert law.mean == pytest.approx(mean, rel=1e-12, abs=1e-12)
    assert law.var == pytest.approx(var, rel=1e-12)
    assert law.std == pytest.approx(math.sqrt(var), rel=1e-12)


def test_the_largest_eigenvalue_has_them_too():
    law = TracyWidom(beta=2)
    assert (law.var, law.std) == (law.variance, math.sqrt(law.variance))


def test_search_finds_by_name_title_text_and_source():
    first = mvtheory.search("majority vote")[0]
    assert (first.name, first.found_in[0]) == ("coverage.majority_vote", "name")
    assert mvtheory.lookup(first.name) is mvtheory.coverage.majority_vote
    names = {hit.name for hit in mvtheory.search("temperature")}
    assert {"distillation.soft_weight", "race.best_temperature", "claims.temperature"} <= names
    # By the author and the title of a source, which no text of ours has.
    assert "self_distillation.norm_bound" in {h.name for h in mvtheory.search("Mobahi amplifies")}
    assert "theorems.ensemble" in {hit.name for hit in mvtheory.search("Theorem 2 polylog")}
    assert all(
        "marchenko" in hit.name.lower()
        or "text" in hit.found_in
        or "summary" in hit.found_in
        or "source" in hit.found_in
        for hit in mvtheory.search("marchenko")
    )
    laws = [hit.name for hit in mvtheory.search("marchenko pastur")]
    assert laws[0] == "laws.MarchenkoPastur"


def test_what_search_returns_is_shown_in_lines_of_80_columns():
    found = mvtheory.search("ensemble")
    lines = repr(found).splitlines()
    assert len(lines) == 21
    assert max(map(len, lines)) <= 80
    assert lines[-1] == f"and {len(found) - 20} more"
    assert found._repr_html_().count("<tr>") == 20
    assert repr(mvtheory.search("temprature")) == "Found nothing\nDid you mean 'temperature'?"
    with pytest.raises(ValueError, match="holds no word"):
        mvtheory.search(" ")


def test_search_goes_without_the_claims_where_they_cannot_be_listed(monkeypatch):
    monkeypatch.setitem(sys.modules, "validation.claims", None)
    found = mvtheory.search("temperature")
    assert found
    assert not any(hit.name.startswith("claims.") for hit in found)
    assert "claims cannot be listed" in repr(found).splitlines()[-1]


def test_dir_holds_what_is_offered_and_nothing_else():
    assert set(dir(mvtheory)) == {*mvtheory.__all__, "__version__"}
    for room in (*catalogue.ROOMS, "measured", "plotting"):
        package = getattr(mvtheory, room)
        assert set(dir(package)) == set(package.__all__), room
    assert set(dir(validation)) == {"compare", "compare_all", "read"}


def test_importing_a_formula_evaluates_none():
    """Documentation is made when it is asked for: it needs sympy for some."""
    code = "import sys, mvtheory.coverage; assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
