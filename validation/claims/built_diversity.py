"""Claim: ensembles built for diversity know up to N/M views, those of correlated errors less."""

from collections.abc import Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.built.setting import (
    BuiltSetting,
    Kind,
    Law,
    built,
    check,
    foreseen,
    independent,
    observe,
    only,
    require,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, wrong_by

PANEL = "ensembles built for diversity"
KINDS: tuple[Kind, ...] = (
    "own starts", "orthogonal starts", "opposite starts", "starts passed on", "one view each",
    "one view hidden", "correlated errors", "errors in common",
)  # fmt: skip
OPPOSITE: Kind = "opposite starts"


def settings(preset: str) -> tuple[BuiltSetting, ...]:
    views, families = {
        "smoke": ((2,), 2), "quick": ((3,), 8), "standard": ((2, 3), 8), "full": ((2, 3, 4), 4),
    }[preset]  # fmt: skip
    # Opposite starts are of two networks: at two views they could know all.
    chosen = [(kind, count) for count in views for kind in KINDS if kind != OPPOSITE]
    chosen.append((OPPOSITE, 2))
    return tuple(built(preset, kind, count, count, families) for kind, count in chosen)


def expect(setting: BuiltSetting, law: Law = BuiltSetting.predicted) -> list[Expectation]:
    """Coverage of the ensemble; another law serves the calibration."""
    return foreseen(PANEL, setting, law)


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}: the ensemble covers {comparison.observed:.3f}, one of its "
        f"networks {study.by_replicate('networks', 'coverage').mean():.3f}; predicted is "
        f"{comparison.expectation.predicted:.3f}, at this size "
        f"{comparison.expectation.expected:.3f}."
        for comparison, study in zip(comparisons, measured, strict=True)
    ]


def distinct(setting: BuiltSetting) -> float:
    return float(theory.distinct_wins(views=setting.data.views, networks=setting.family))


_wrong = wrong_by(expect)


BUILT_DIVERSITY = Claim(
    name="built-diversity",
    place=(3, 8),
    title="Ensembles built for diversity: N/M by starts or data of views, nothing by their sum",
    statement=(
        "N networks with independent starts cover 1 - (1 - 1/M)^N. Starts that hand the responses "
        "to a class's views on from member to member, or members that are shown a view each, cover "
        "min(1, N/M); members from each of which another view is hidden 1 - (1 - 1/(M-1))^(M-1) "
        "with M of them. Starts that are orthogonal in all weights gain nothing, opposite ones "
        "hardly anything: the strongest and the weakest of m M responses are of one view with "
        "probability (m-1)/(m M - 1). Negative correlation of errors gains nothing at half its "
        "strength, and at full strength it trains the sum, which covers 1/M."
    ),
    sources=(
        Credit(
            "{}, for independent starts; all others: ours; negative correlation: {}",
            Source("allenzhu2023", "Theorem 2"),
            Source("liu1999"),
        ),
    ),
    formulas=("ensemble", "distinct_wins", "opposite_starts", "single_network"),
    assumptions=(
        "those of the claim single-view for each network, without noise to memorise: a network "
        "that is shown one view has a slow race, and memory would be faster",
        "members, in the order of the family, are shown or refused the views in turn",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the formula and "
        "of its value with near-ties, with races too slow for the time there is, and with what a "
        "squared error leaves to losers."
    ),
    change=(
        "Views that are not known beforehand: only who knows them can hand them on. Errors "
        "correlated by .5 cover more in long training, because a squared error drives losers on."
    ),
    does_not_show=(
        "that views can be handed on or hidden where nobody knows them beforehand",
        "negative correlation at other strengths than those trained",
        "that diverse starts help where networks differ by noise and not by views",
    ),
    panels={PANEL: ("how the ensemble is built", "coverage C of the ensemble")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("none gains more than independent starts", independent),
        _wrong("all know distinct views", distinct),
        _wrong("orthogonal starts win distinct views", only(("orthogonal starts",), distinct)),
        _wrong("opposite starts win distinct views", only(("opposite starts",), distinct)),
        _wrong("hiding a view is as good as showing one", only(("one view hidden",), distinct)),
        _wrong(
            "negative correlation of errors is diversity of views",
            only(("correlated errors", "errors in common"), distinct),
        ),
    ),
    remarks=remarks,
)
