"""Claim: on sums of views a plain network learns every view, as growth of power 2 says."""

import math
from dataclasses import replace

from mvtheory.references import Credit, Source
from validation.claims.summed_views import SUMMED_VIEWS, Formula, one_number, one_view, remarks_by
from validation.experiments.summed.setting import SummedSetting
from validation.trial.claim import Expectation, wrong_by


def kept_ratios(setting: SummedSetting) -> float:
    """Coverage of the growth law at q = 2 after long training: of views dead at the start only.

    With the ratio of strengths kept, every view passes any level in the end, unless the responses
    of all hidden units to it are negative.
    """
    return 1 - 0.5**setting.hidden


def expect(setting: SummedSetting, coverage: Formula = kept_ratios) -> list[Expectation]:
    """One number; another formula in place of the law's serves the calibration."""
    predicted = coverage(setting)
    spread = math.sqrt(predicted * (1 - predicted) / setting.features)
    return one_number(setting, predicted, spread)


_wrong = wrong_by(expect)


# The same networks and preconditions: what is said of them is another thing.
SUMMED_VIEWS_GROWTH = replace(
    SUMMED_VIEWS,
    name="summed-views-growth",
    place=(4, 2),
    title="A plain network on the sum of the views learns every view",
    statement=(
        "Two layers of plain ReLUs grow by dLambda/dt = S Lambda^(q-1) with q = 2: the ratio of "
        "two views' strengths stays what it was at initialisation while both grow, so that no "
        "view wins. In the (K, M, p) set-up the coverage of one network is 1 for every p."
    ),
    sources=(
        Credit(
            "{} for depth in the place of q; growth law of {}, at q = 2: ours",
            Source("saxe2022"),
            Source("allenzhu2023", "Appendix D"),
        ),
    ),
    formulas=("loser_strength", "time_to_reach"),
    assumptions=(
        "orthonormal features, equally strong views, noise in their orthogonal complement",
        "one hidden layer of plain ReLUs, wide enough that no view is dead at initialisation",
        "training until the samples are fitted",
    ),
    margin=(
        "(1 - 1/M)/(5M), a fifth of what a second network would add to one that knows one view; "
        "at 1 the range is open above."
    ),
    change=(
        "A patch for each view and an activation of power q > 2, views of very unequal strength "
        "(their ratio grows with the power S_2/S_1), or hidden layers of a few units."
    ),
    does_not_show=(
        "that depth or width does not matter: two layers of one width are trained, at one initial "
        "scale",
        "strengths themselves: a coverage of 1 says that all views are recognised, not that their "
        "ratio was kept",
        "the same at powers between 2 and 3, or with noise in the span of the features",
    ),
    expect=expect,
    wrong=(
        _wrong("one view a class, 1/M", one_view),
        _wrong("an ensemble of two", lambda s: 1 - (1 - 1 / s.views) ** 2),
        _wrong("views that are present, p", lambda s: s.presence),
    ),
    remarks=remarks_by(
        lambda c, one: (
            f"; the law with q = 2 says {c.expectation.predicted:.4f}, one view a class would be "
            f"{one:.3f}"
        )
    ),
    refuted="",
)
