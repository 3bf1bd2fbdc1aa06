"""How often two networks of the lottery disagree, over how often one of them errs."""

from mvtheory.arguments import COMMON_GUESSES, VIEWS
from mvtheory.formula import Formula
from mvtheory.references import Source

disagreement_over_error = Formula(
    name="disagreement_over_error",
    summary="Share of samples on which two networks disagree, over the error of one.",
    symbol="d/e",
    quantity="disagreement of two networks over the error of one",
    arguments=(VIEWS.within(low=2), COMMON_GUESSES),
    expression=lambda views, common_guesses: 2 / views + (1 - common_guesses) * (1 - 1 / views),
    well_conditioned=True,
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    defaults=(("common_guesses", 0),),
    monotone=("views", "common_guesses"),
    notes=(
        "1 + 1/M if networks that do not know the view guess freely (c = 0), 2/M if they all give "
        "one answer (c = 1), and 1 if those that know the same view of the class guess alike, "
        "c = 1/(M - 1). Of samples that need a view one of two networks knows, they disagree on "
        "2 (1/M)(1 - 1/M) w, where w is the chance that a guess is wrong; if neither knows it on "
        "(1 - 1/M)^2 (1 - c) w; one errs on (1 - 1/M) w. The number of classes and the share of "
        "such samples cancel, if a common answer is right as often as a free one (w = 1 - 1/K, or "
        "1 where it never is)."
    ),
)
