"""What formulas of a coverage have in common."""

from functools import partial

from mvtheory.formula import Case, Formula

coverage_formula = partial(Formula, symbol="C", quantity="coverage, share of class-view pairs")
TWO_VIEWS = Case("proved asymptotically", "at M = 2", lambda value, views, **_: views == 2)
"""The views of the source's theorems on one network and on ensembles."""
