"""Claim: bagging adds nothing to starts; boosting finds the views of what was got wrong."""

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

PANEL = "samples weighed anew"
MEMBERS: dict[Kind, int] = {
    "one start, resampled": 5, "own starts, resampled": 5,
    "boosted, all fitted": 2, "boosted, some wrong": 2,
}  # fmt: skip


def settings(preset: str) -> tuple[BuiltSetting, ...]:
    views, families = {
        "smoke": ((2,), 2), "quick": ((3,), 8), "standard": ((2, 3), 8), "full": ((2, 3), 2),
    }[preset]  # fmt: skip
    return tuple(
        built(preset, kind, count, members, families)
        for count in views
        for kind, members in MEMBERS.items()
    )


def expect(setting: BuiltSetting, law: Law = BuiltSetting.predicted) -> list[Expectation]:
    """Coverage of the ensemble; another law serves the calibration."""
    return foreseen(PANEL, setting, law)


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for comparison, study in zip(comparisons, measured, strict=True):
        setting = study.setting
        starts = float(theory.ensemble(views=setting.data.views, networks=setting.family))
        lines.append(
            f"{setting.label}: the ensemble covers {comparison.observed:.3f}; as many independent "
            f"starts would cover {starts:.3f}, one network {1 / setting.data.views:.3f}."
        )
    return lines


_wrong = wrong_by(expect)


BOOSTING_AND_BAGGING = Claim(
    name="boosting-and-bagging",
    place=(3, 9),
    title="Bagging adds nothing to starts; boosting finds views by what was got wrong, or nothing",
    statement=(
        "Which view wins is written in the initial weights, not in the choice of samples. Networks "
        "of one start on bootstrap samples of their own differ only in races nearly tied, by tau = "
        "sqrt(Var z^q / n) / ((q-2) E z^q) of a strength; bagged networks with starts of their own "
        "cover 1 - (1 - 1/M)^N, as without bagging. Boosting a network of the same start "
        "covers 1/M where the first network has fitted all samples, and all views where single-"
        "view samples were got wrong: these show the views that it does not know, without rivals."
    ),
    sources=(
        Credit(
            "{}, for ensembles of starts against other ensembles; the laws of what these cover: "
            "ours",
            Source("allenzhu2023", "section 1"),
        ),
    ),
    formulas=("ensemble", "single_network"),
    assumptions=(
        "those of the claim single-view; in boosting no noise to memorise",
        "a boosted network sees the samples that the one before got wrong, all equally often; if "
        "there are none, all samples as before",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the law and of "
        "its value with near-ties, or with views whose samples are all guessed by the first "
        "network."
    ),
    change=(
        "Memory: a network that memorises its single-view samples leaves boosting nothing. Few "
        "samples or coefficients that vary widely, which let bagging change who wins."
    ),
    does_not_show=(
        "boosting with weights that grow gradually, or of weak learners: the second network "
        "sees what the first got wrong",
        "bagging where samples are so few that they decide who wins",
        "that boosting helps on real data, where single-view samples are not told apart from "
        "wrong ones",
    ),
    panels={PANEL: ("how the ensemble is built", "coverage C of the ensemble")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong(
            "samples drawn anew are worth starts drawn anew",
            only(("one start, resampled",), independent),
        ),
        _wrong(
            "bagging halves what starts gain",
            only(("own starts, resampled",), lambda s: (independent(s) + 1 / s.data.views) / 2),
        ),
        _wrong(
            "boosting adds what a start does",
            only(("boosted, all fitted", "boosted, some wrong"), independent),
        ),
        _wrong("boosting always finds all views", only(("boosted, all fitted",), lambda s: 1.0)),
    ),
    remarks=remarks,
)
