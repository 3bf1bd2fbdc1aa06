"""Coverage of one network."""

from mvtheory.arguments import VIEWS
from mvtheory.formula import Case, Formula
from mvtheory.references import Source

single_network = Formula(
    name="single_network",
    summary="Expected coverage of one network: it learns one view of each class.",
    symbol="C",
    quantity="coverage, share of class-view pairs",
    arguments=(VIEWS,),
    expression=lambda views: 1 / views,
    stable=lambda views: 1 / views,
    source=Source("allenzhu2023", "Theorem 1"),
    status="our extension",
    cases=(Case("proved asymptotically", "at M = 2", lambda value, views: views == 2),),
    monotone=("views",),
    notes="The same for every law of the winning view, uniform or not.",
)
