"""What is proved where, what is ours, and where a bound says nothing."""

import inspect

import pytest

import mvtheory
from mvtheory.coverage import ensemble, variance
from mvtheory.formula import Formula
from mvtheory.threshold import Threshold

FORMULAS = [f for f in mvtheory.formulas().values() if isinstance(f, Formula)]
STATUS = [
    ("ensemble", {"views": 2, "networks": 3}, "proved asymptotically"),
    ("ensemble", {"views": 3, "networks": 3}, "our extension"),
    ("single_network", {"views": 2}, "proved asymptotically"),
    ("single_network", {"views": 4}, "our extension"),
    ("distilled", {"views": 2, "networks": 2}, "our extension"),
    ("distilled", {"views": 2, "networks": 2, "student_win": 0}, "proved asymptotically"),
    ("distilled", {"views": 2, "networks": 1}, "proved asymptotically"),  # Theorem 4
    ("distilled", {"views": 2, "networks": 1, "student_win": 0}, "our extension"),
    ("distilled", {"views": 3, "networks": 2, "student_win": 0}, "our extension"),
    ("self_distilled", {"views": 2}, "proved asymptotically"),
    ("self_distilled", {"views": 2, "rounds": 2}, "our extension"),
    ("self_distilled", {"views": 3, "rounds": 1}, "our extension"),
    ("test_error", {"coverage": 0.5, "single_view_fraction": 0.1, "classes": 9}, "our extension"),
    ("networks_for_coverage", {"views": 2, "coverage": 0.9}, "proved asymptotically"),
    ("networks_for_coverage", {"views": 3, "coverage": 0.9}, "our extension"),
    ("networks_for_full_coverage", {"views": 3, "classes": 2, "confidence": 0.9}, "exact"),
    ("networks_for_full_coverage_bound", {"views": 3, "classes": 2, "confidence": 0.9}, "bound"),
    ("norm_bound", {"relative_norm": 20, "condition": 10, "rounds": 3}, "proved"),
    ("norm_bound", {"relative_norm": 20, "condition": 10, "rounds": 4}, "says nothing"),
    ("norm_at_least", {"relative_norm": 3.5, "rounds": 3}, "our extension"),
    ("norm_at_least", {"relative_norm": 3.5, "rounds": 4}, "says nothing"),
    # q = 4/5: 2.1 - .8 t is above 1 - q until t = 2.
    ("norm_at_most", {"relative_norm": 2.1, "condition": 4, "rounds": 2}, "our extension"),
    ("norm_at_most", {"relative_norm": 2.1, "condition": 4, "rounds": 3}, "says nothing"),
]


@pytest.mark.parametrize(("word", "arguments", "status"), STATUS)
def test_what_is_proved_where_and_what_says_nothing(word, arguments, status):
    assert mvtheory.lookup(word).status_at(**arguments) == status


def test_a_status_broadcasts_and_its_text_names_every_part():
    found = ensemble.status_at(views=[[2], [3]], networks=[1, 2, 5])
    assert found.shape == (2, 3)
    assert (found[0] == "proved asymptotically").all()
    assert (found[1] == "our extension").all()
    assert variance.status_at(views=[2, 3], networks=2, classes=1).tolist() == ["exact"] * 2
    for formula in FORMULAS:
        assert all(
            part in formula.status_text
            for case in formula.cases
            for part in (formula.status, case.status, case.where)
        )
        assert formula.status_text in inspect.getdoc(formula)


def test_a_threshold_has_the_status_of_what_it_inverts():
    for formula in FORMULAS:
        if isinstance(formula, Threshold):
            assert formula.status == formula.of.status
            assert set(formula.cases) <= set(formula.of.cases)


def test_a_union_bound_below_0_says_nothing():
    union = mvtheory.coverage.networks_for_full_coverage_bound.of
    few, more = ({"views": 5, "classes": 4, "networks": n} for n in (3, 30))
    assert (union(**few), union.status_at(**few)) == (
        pytest.approx(1 - 20 * 0.8**3),
        "says nothing",
    )
    assert union.status_at(**more) == "bound"
