"""Claim: networks that are shown one view after the other learn them all."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    TeachingSetting,
    after_views,
)
from validation.experiments.teaching.setting import (
    settings as settings_of,
)
from validation.experiments.teaching.tables import (
    check_networks,
    coverage_by_replicate,
    require_networks,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "view curriculum"


def settings(preset: str) -> tuple[TeachingSetting, ...]:
    """The data of the other lessons with weak distractors, as in the claim single-view."""
    return tuple(
        replace(
            setting,
            name="curriculum against weak distractors",
            data=replace(setting.data, distractor_strength=(0.1, 0.3)),
            # Nobody races here, so that early escapes cost nothing.
            deviation=0.015,
        )
        for setting in settings_of(preset, "curriculum", teachers=0, students=8)
    )


def expect(
    setting: TeachingSetting, after: Callable[[int, int], float] = lambda m, shown: shown / m
) -> list[Expectation]:
    """Coverage after each phase; another formula serves the calibration."""
    views, margin = setting.data.views, setting.margin()
    # Of the class-view pairs shown a few are late; the rest does not vary.
    late = 0.02
    spread = math.sqrt(late * (1 - late) / (setting.data.classes * setting.students))
    return [
        Expectation.around(PANEL, setting.label, shown, after(views, shown), margin, spread)
        for shown in range(1, views + 1)
    ]


def observe(measured: Measured) -> list[Sample]:
    return [
        coverage_by_replicate(measured, after_views(shown))
        for shown in range(1, measured.setting.data.views + 1)
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}: nobody won a race here. The curriculum needs to know which patch "
        f"shows which view, and {study.setting.data.views} trainings in place of one."
        for study in measured
    ]


VIEW_CURRICULUM = Claim(
    name="view-curriculum",
    place=(2, 7),
    title="Shown one view after the other, a network learns them all",
    statement=(
        "A network that is trained on samples which show the first view of their class only, then "
        "on samples which show the second, and so on, covers l/M after l phases, and all views in "
        "the end: what a student of a large ensemble covers, without an ensemble."
    ),
    sources=(
        Credit(
            "ours, from the growth law ({0.entry[short]}, {0.entry[year]}, {0.place})",
            Source("allenzhu2023", "Appendix D"),
        ),
    ),
    formulas=("single_network",),
    assumptions=(
        "weak distractors: coefficients of .1 to .3 against 1.5 to 2 of the label's views",
        "samples in which the label's other views are absent",
        "long enough phases: in each, the views shown have no rival and all escape",
    ),
    margin=(
        "(1 - 1/M)/(5M) either way, as for the other ways to more coverage: a fifth of what a "
        "second network adds."
    ),
    change=(
        "Strong distractors: while all classes wait for their new view, their samples hold the "
        "distractors' known views back until these are forgotten (claim "
        "curriculum-against-distillation)."
    ),
    does_not_show=(
        "that views of natural data can be told apart, so that one could be shown at a time: here "
        "the generator knows them",
        "curricula in which the other views are faint and not absent",
        "that the order of views is of no matter: one order is trained",
    ),
    panels={PANEL: ("views shown l", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require_networks,
    check=check_networks,
    wrong=(
        Wrong(
            "the last view erases the others",
            lambda setting: expect(setting, lambda m, shown: 1 / m),
        ),
        Wrong(
            "all views from the first on",
            lambda setting: expect(setting, lambda m, shown: 1.0),
        ),
    ),
    remarks=remarks,
)
