"""Coverage of one network."""

from mvtheory.arguments import VIEWS
from mvtheory.coverage.share import TWO_VIEWS, coverage_formula
from mvtheory.references import Source

single_network = coverage_formula(
    name="single_network",
    summary="Expected coverage of one network: it learns one view of each class.",
    arguments=(VIEWS,),
    expression=lambda views: 1 / views,
    well_conditioned=True,
    source=Source("allenzhu2023", "Theorem 1"),
    status="our extension",
    cases=(TWO_VIEWS,),
    monotone=("views",),
    notes="The same for every law of the winning view, uniform or not.",
)
