"""Coverage of a student of any teacher."""

from mvtheory.arguments import COVERAGE, VIEWS
from mvtheory.coverage.share import coverage_formula
from mvtheory.references import Source

taught = coverage_formula(
    name="taught",
    summary="Expected coverage of a student whose teacher covers a share C of the views.",
    arguments=(VIEWS, COVERAGE.within(high=1)),
    expression=lambda views, coverage: coverage + (1 - coverage) / views,
    well_conditioned=True,
    source=Source("allenzhu2023", "Theorems 3 and 4"),
    status="our extension",
    monotone=("views", "coverage"),
    notes=(
        "However the teacher came by its views, the student learns them and keeps the one that its "
        "own start favours, which the teacher misses with probability 1 - C. Of an ensemble it is "
        "the formula `distilled`, of one network `self_distilled`; a student that has its "
        "teacher's start gains nothing."
    ),
)
