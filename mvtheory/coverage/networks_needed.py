"""How many networks reach a coverage."""

from dataclasses import replace
from typing import Any

from mvtheory.arguments import COVERAGE, VIEWS
from mvtheory.coverage.ensembles import ensemble
from mvtheory.references import Source
from mvtheory.threshold import Threshold


def _expression(views: Any, coverage: Any) -> Any:
    import sympy

    return sympy.ceiling(sympy.log(1 - coverage) / sympy.log(1 - 1 / views))


networks_for_coverage = Threshold(
    name="networks_for_coverage",
    summary="Smallest number of networks whose expected coverage reaches C.",
    symbol="N",
    quantity="networks in the ensemble",
    arguments=(VIEWS, replace(COVERAGE, low_open=True, high_open=True)),
    expression=_expression,
    source=Source("allenzhu2023", "Theorem 2"),
    notes="Solves the formula `ensemble` for the number of networks.",
    of=ensemble,
    counted="networks",
    level="coverage",
)
