"""Errors of formulas: arguments, arrays, inverses, thresholds, names and theorems."""

from fractions import Fraction

import numpy as np
from remedy import Remedy

import mvtheory
from mvtheory import arrays, catalogue, coverage, theorems
from mvtheory.arguments import COVERAGE, NETWORKS
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.threshold import Threshold

PLACES = (
    "mvtheory/arguments.py",
    "mvtheory/arrays.py",
    "mvtheory/formula.py",
    "mvtheory/inverse.py",
    "mvtheory/threshold.py",
    "mvtheory/multiprecision.py",
    "mvtheory/catalogue.py",
    *(f"mvtheory/coverage/{name}.py" for name in (
        "apart", "built", "collector", "confidence", "disagreement", "distillation", "diversity",
        "ensembles",
        "error", "fluctuation", "networks_needed", "occupancy", "presence", "self_distillation",
        "share", "single", "surjections", "taught", "unequal", "votes",
    )),
    "mvtheory/theorems",
)  # fmt: skip

MASKED = np.ma.masked_array([1, 2, 3], [False, True, False])
LOPSIDED = np.array([[1.0, 0.2], [0.3, 1.0]])
HALVES = (0.5, 0.5)
SINGLES = np.float32([0.1, 0.2, 0.3])
HALF = Threshold(
    name="half", summary="Never above 1/2.", symbol="N", quantity="networks",
    arguments=(COVERAGE,), expression=lambda coverage: coverage, source=Source("johnson1977"),
    of=Formula(
        name="below_half", summary="Below 1/2.", symbol="C", quantity="coverage",
        arguments=(NETWORKS,), expression=lambda networks: (1 - 1 / networks) / 2,
        stable=lambda networks: (1 - 1 / networks) / 2, source=Source("johnson1977"),
        status="exact",
    ),
    counted="networks", level="coverage",
)  # fmt: skip


def covered(**given):
    return coverage.ensemble(**({"views": 3, "networks": 5} | given))


def unequal(probabilities):
    return coverage.ensemble_unequal(probabilities=probabilities, networks=3)


def without_the_checker():
    """As if a library of the checker were not installed."""

    def lacking(name):
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    known, catalogue.import_module = catalogue.import_module, lacking
    try:
        catalogue.claims()
    finally:
        catalogue.import_module = known


REMEDIES = [
    Remedy(
        lambda: mvtheory.lookup("single-view"),
        "is a claim, no closed form: 'mvtheory show single-view' says what it predicts",
        lambda: catalogue.find("single-view"),
    ),
    Remedy(
        without_the_checker,
        r"claims cannot be listed: pandas is not installed.*pip install .mvtheory\[validation\]",
        catalogue.claims,
    ),
    # arguments.py
    Remedy(lambda: covered(views=0), "views=0.*1 <= views.*choose a value in this range",
           lambda: covered(views=1)),
    Remedy(lambda: covered(views=2.5), r"views=2\.5.*round it to a whole number",
           lambda: covered(views=round(2.5))),
    Remedy(lambda: covered(networks=MASKED), r"networks.*networks\.compressed\(\)",
           lambda: covered(networks=MASKED.compressed())),
    Remedy(lambda: covered(networks=MASKED), r"networks\.filled\(\.\.\.\) with numbers",
           lambda: covered(networks=MASKED.filled(7))),
    Remedy(lambda: covered(networks=[[1], [1, 2]]), "give rows of equal length",
           lambda: covered(networks=[[1, 1], [1, 2]])),
    Remedy(lambda: covered(views=object()), "give a number or an array of numbers",
           lambda: covered(views=Fraction(3))),
    Remedy(lambda: covered(views="3"), "give a number or an array of numbers",
           lambda: covered(views=[3, 4])),
    Remedy(lambda: covered(views=3 + 1j), "give a number or an array of numbers",
           lambda: covered(views=(3 + 1j).real)),
    Remedy(lambda: covered(views=[]), "give at least one value", lambda: covered(views=[3])),
    Remedy(lambda: coverage.shown_coverage([[1, 1], [0, 0]]), "which views it is shown, one at",
           lambda: coverage.shown_coverage([[1, 1], [0, 1]])),
    Remedy(lambda: unequal(0.5), "give one probability for each view",
           lambda: unequal([0.5, 0.5])),
    Remedy(lambda: coverage.ensemble_unequal.exact(probabilities=1, networks=3),
           "give one probability for each view",
           lambda: coverage.ensemble_unequal.exact(probabilities=[1], networks=3)),
    Remedy(lambda: unequal([0.6, 0.3]), r"their sum is 0\.9, divide them by it",
           lambda: unequal(np.array([0.6, 0.3]) / 0.9)),
    Remedy(lambda: unequal(SINGLES), "their sum is 0.6.*divide them by it",
           lambda: unequal(SINGLES / SINGLES.sum())),
    Remedy(lambda: coverage.ensemble.exact(views="x", networks=2),
           "write it as 0.7 or 2/3", lambda: coverage.ensemble.exact(views="6/2", networks=2)),
    Remedy(lambda: coverage.ensemble.exact(views=[2, 3], networks=2),
           "give one number: exact values are computed one at a time",
           lambda: [coverage.ensemble.exact(views=m, networks=2) for m in (2, 3)]),
    Remedy(lambda: coverage.ensemble.exact(views=np.inf, networks=2),
           r"1 <= views <= 10\^12\); choose a value in this range",
           lambda: coverage.ensemble.exact(views=10**12, networks=2)),
    Remedy(lambda: coverage.ensemble.exact(views="1/2", networks=2),
           "choose a value in this range", lambda: coverage.ensemble.exact(views=1, networks=2)),
    Remedy(lambda: coverage.ensemble.exact(views="5/2", networks=2),
           "round it to a whole number", lambda: coverage.ensemble.exact(views=2, networks=2)),
    Remedy(lambda: covered(M=3), "'M' is unknown: did you mean 'views'", lambda: covered(views=3)),
    # arrays.py
    Remedy(lambda: arrays.as_array(MASKED, "losses"), r"give losses\.compressed\(\)",
           lambda: arrays.as_array(MASKED.compressed())),
    Remedy(lambda: arrays.as_array([[1], [1, 2]]), "give rows of equal length",
           lambda: arrays.as_array([[1, 0], [1, 2]])),
    Remedy(lambda: arrays.real([1j]), r"or give array\.real",
           lambda: arrays.real(np.array([1j]).real)),
    Remedy(lambda: arrays.real(np.linalg.eigvals([[0, 1], [-1, 0]])), "numpy.linalg.eigvalsh",
           lambda: arrays.real(np.linalg.eigvalsh([[0, 1], [1, 0]]))),
    Remedy(lambda: arrays.real(["a"]), "give numbers", lambda: arrays.real([1])),
    Remedy(lambda: arrays.symmetric(np.ones((2, 3))), "give a square one",
           lambda: arrays.symmetric(np.ones((3, 3)))),
    Remedy(lambda: arrays.symmetric([[1, np.nan], [np.nan, 1]]), "infinities or NaN.*remove them",
           lambda: arrays.symmetric([[1.0]])),
    Remedy(lambda: arrays.symmetric(LOPSIDED), r"give \(A \+ A\.T\)/2",
           lambda: arrays.symmetric((LOPSIDED + LOPSIDED.T) / 2)),
    # formula.py
    Remedy(lambda: coverage.ensemble.high_precision(digits=0, views=3, networks=5),
           "1 <= digits <= 10000; choose a value in this range",
           lambda: coverage.ensemble.high_precision(digits=1, views=3, networks=5)),
    Remedy(lambda: coverage.ensemble(3, 5), r"by name, ensemble\(views=3, networks=5\)",
           lambda: coverage.ensemble(views=3, networks=5)),
    Remedy(lambda: coverage.ensemble(views=3), r"'networks' is missing.*ensemble\(\*, views, net",
           lambda: coverage.ensemble(views=3, networks=5)),
    # inverse.py
    Remedy(lambda: coverage.ensemble.solve("networks", value=0.1, views=3),
           r"run from 0\.3333.* to 1; choose a value between",
           lambda: coverage.ensemble.solve("networks", value=0.4, views=3)),
    Remedy(lambda: coverage.ensemble.solve("networks", value=0.1, views=3),
           "or change the other arguments",
           lambda: coverage.ensemble.solve("networks", value=0.1, views=30)),
    Remedy(lambda: coverage.ensemble.solve("N", value=0.4, views=3),
           "did you mean 'networks'.*solve for one of views, networks",
           lambda: coverage.ensemble.solve("networks", value=0.4, views=3)),
    Remedy(lambda: coverage.full_coverage.solve("views", value=0.5, networks=9, classes=1),
           r"it can for: networks, classes.*evaluate the formula on an array of whole numbers",
           lambda: coverage.full_coverage(views=np.arange(1, 9), networks=9, classes=1)),
    Remedy(lambda: coverage.distilled.solve("student_win", value=0.75, views=2, networks=1),
           "student_win is 0 or 1: evaluate the formula at both",
           lambda: coverage.distilled(views=2, networks=1, student_win=[0, 1])),
    Remedy(lambda: coverage.ensemble_unequal.solve("probabilities", value=0.75, networks=1),
           "is a vector: solve for a number, or evaluate the formula",
           lambda: coverage.ensemble_unequal.solve("networks", value=0.75, probabilities=HALVES)),
    Remedy(lambda: coverage.ensemble.solve("networks", value=0.5, views=3, networks=4), "drop it",
           lambda: coverage.ensemble.solve("networks", value=0.5, views=3)),
    Remedy(lambda: coverage.ensemble.solve("networks", value=[0.5], views=3),
           "give one number that ensemble can take",
           lambda: coverage.ensemble.solve("networks", value=0.5, views=3)),
    # threshold.py
    Remedy(lambda: coverage.networks_for_coverage.solve("views", value=8, coverage=0.95),
           "solve ensemble for views or networks, its value being the coverage",
           lambda: coverage.ensemble.solve("views", value=0.95, networks=8)),
    Remedy(lambda: HALF(coverage=0.6), "choose a lower level", lambda: HALF(coverage=0.4)),
    # catalogue.py
    Remedy(lambda: mvtheory.lookup("distinct_views"), r"use mvtheory\.coverage\.distinct_views",
           lambda: mvtheory.coverage.distinct_views(views=3, networks=5)),
    Remedy(lambda: mvtheory.lookup("coverage.ensembel"), "did you mean 'coverage.ensemble'",
           lambda: mvtheory.lookup("coverage.ensemble")),
    Remedy(lambda: mvtheory.lookup("race.descend"), "'mvtheory show race.descend' says how",
           lambda: catalogue.find("race.descend")),
    # coverage
    Remedy(lambda: coverage.distinct_views(views=[2, 3], networks=5), "give one number",
           lambda: coverage.distinct_views(views=2, networks=5)),
    # arguments.py, of functions of one number
    Remedy(lambda: coverage.agreement(views=[2, 3], neurons=6, correlation=0.5),
           "give one number: call once for each value",
           lambda: [coverage.agreement(views=m, neurons=6, correlation=0.5) for m in (2, 3)]),
    # theorems
    Remedy(lambda: theorems.ensemble.coverage(views=3, networks=5), "drop it, or",
           lambda: theorems.ensemble.coverage(networks=5)),
    Remedy(lambda: theorems.ensemble.coverage(views=3, networks=5),
           r"use mvtheory\.coverage\.ensemble", lambda: coverage.ensemble(views=3, networks=5)),
]  # fmt: skip
