"""Claim, refuted: on sums of views a plain network learns one view of each class."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.summed.setting import SummedSetting, check, observe, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, wrong_by

PANEL = "coverage"
Formula = Callable[[SummedSetting], float]
Remarks = Callable[[Sequence[Comparison], Sequence[Measured]], list[str]]


def one_view(setting: SummedSetting) -> float:
    """1/M, whatever p."""
    return float(theory.single_network(views=setting.views))


def margin(setting: SummedSetting) -> float:
    """A fifth of what a second network would add to one that knows one view."""
    return float(theory.ensemble(views=setting.views, networks=2) - 1 / setting.views) / 5


def one_number(setting: SummedSetting, predicted: float, spread: float) -> list[Expectation]:
    """The expectation of a coverage, the same for every sum of views; open above where it is 1."""
    place = PANEL, f"M = {setting.views}", setting.presence
    trials = setting.features
    return [Expectation.around(*place, predicted, margin(setting), spread, trials, most=1.0)]


def expect(setting: SummedSetting, coverage: Formula = one_view) -> list[Expectation]:
    """One number; another formula in place of 1/M serves the calibration."""
    # Were it a lottery, one view of each class would be known and nothing would vary: what is
    # left is the guesses among K classes of view-only samples.
    guesses = (1 / setting.classes / setting.features / setting.networks) ** 0.5
    return one_number(setting, coverage(setting), guesses)


def remarks_by(tell: Callable[[Comparison, float], str]) -> Remarks:
    """For every setting the coverage and what `tell` makes of it and of that of one view."""
    return lambda comparisons, measured: [
        f"{study.setting.label}: coverage {c.observed:.4f}{tell(c, one_view(study.setting))}."
        for c, study in zip(comparisons, measured, strict=True)
    ]


_wrong = wrong_by(expect)


SUMMED_VIEWS = Claim(
    name="summed-views",
    place=(4, 1),
    title="A plain network on the sum of the views learns one view of each class",
    statement=(
        "In the (K, M, p) set-up a sample is the sum of the views that are present, each with "
        "probability p. A network of plain ReLUs trained on it has learned one of the M views of "
        "each class: its coverage is 1/M for every p."
    ),
    sources=(
        Credit(
            "{}, carried over to sums of views by a summary of it that expects a coverage of 0.33 "
            "at M = 3",
            Source("allenzhu2023", "Theorem 1"),
        ),
    ),
    formulas=("single_network",),
    assumptions=(
        "orthonormal features, noise in their orthogonal complement",
        "one hidden layer of plain ReLUs, small initialisation, stochastic gradient descent on the "
        "cross-entropy to perfect training accuracy",
    ),
    margin=(
        "(1 - 1/M)/(5M) on both sides, a fifth of what a second network would add: the margin of "
        "the claim single-view."
    ),
    change=(
        "A patch for each view and an activation of power q > 2, with a small initialisation: "
        "the claims single-view and phase-diagram."
    ),
    does_not_show=(
        "were it to hold, that a network keeps one view: coverage is a mean over classes, which "
        "partly known views would give as well",
        "deeper networks, or other initial scales than the one trained",
    ),
    panels={
        PANEL: ("probability p that a view is present", "coverage C (share of class-view pairs)")
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("missing square root: 1/M^2", lambda s: 1 / s.views**2),
        _wrong("an ensemble of two", lambda s: 1 - (1 - 1 / s.views) ** 2),
        _wrong("every view", lambda s: 1.0),
    ),
    remarks=remarks_by(lambda c, one: f", against 1/M = {one:.3f}"),
    refuted=(
        "two layers of plain ReLUs grow by the law with q = 2, dLambda/dt = S Lambda: views keep "
        "the ratio of their initial strengths and none wins, which the claim "
        "summed-views-growth tests. Nor do views meet a neuron apart: summed, they pass one gate "
        "and get the same gradient. Where p < 1 every view is besides the only signal of some "
        "samples. A coverage of 1/M holds for patch networks of power q > 2."
    ),
)
