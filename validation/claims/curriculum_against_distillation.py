"""Claim of the seeds, refuted: a view curriculum does what distillation does, on the same data."""

from collections.abc import Sequence

from mvtheory.references import Credit
from validation.experiments.teaching.setting import (
    LONGER,
    STRONG,
    TeachingSetting,
    after_views,
    student_of,
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

PANEL = "curriculum less distillation"


def settings(preset: str) -> tuple[TeachingSetting, ...]:
    return settings_of(preset, "curriculum", STRONG, students=4, alone=LONGER)


def expect(setting: TeachingSetting, difference: float = 0.0) -> list[Expectation]:
    """Difference of coverages; another one serves the calibration."""
    spread = setting.spread(setting.teachers + 1, setting.students)
    place = PANEL, "after all views", setting.label
    return [Expectation.around(*place, difference, setting.margin(), spread)]


def _both(measured: Measured) -> tuple[Sample, Sample]:
    setting = measured.setting
    return (
        coverage_by_replicate(measured, after_views(setting.data.views)),
        coverage_by_replicate(measured, student_of(setting.teachers)),
    )


def observe(measured: Measured) -> list[Sample]:
    shown, taught = _both(measured)
    return [Sample.of(shown.values - taught.values)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        shown, taught = (sample.values.mean() for sample in _both(study))
        first = coverage_by_replicate(study, after_views(1)).values.mean()
        lines.append(
            f"{study.setting.label}: the curriculum covers {first:.3f} after its first view and "
            f"{shown:.3f} after its last; students of {study.setting.teachers} networks "
            f"{taught:.3f}."
        )
    return lines


CURRICULUM_AGAINST_DISTILLATION = Claim(
    name="curriculum-against-distillation",
    place=(2, 8),
    title="On data from which distillation can teach, a view curriculum does as well",
    statement=(
        "On the data of the claim ensemble-distillation, networks that are shown one view after "
        "the other cover in the end what students of a large ensemble cover."
    ),
    sources=(
        Credit("the seeds' comparison of a view curriculum with distillation; prediction ours"),
    ),
    formulas=("distilled",),
    assumptions=("those of ensemble-distillation for the students",),
    margin=(
        "(1 - 1/M)/(5M) either way: a fifth of what a second network adds to one that was not "
        "distilled."
    ),
    change="Weak distractors: the curriculum then keeps every view, distillation transfers none.",
    does_not_show=(
        "were it to hold, that they do as well for the same reason: coverage alone is compared, "
        "not which views are known",
        "other lengths of phases, or a curriculum that shows earlier views again",
    ),
    panels={PANEL: ("setting (M views, K classes)", "coverage, curriculum - student\n(share)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require_networks,
    check=check_networks,
    wrong=(
        Wrong(
            "the curriculum keeps one view, the student has all",
            lambda setting: expect(setting, 1 / setting.data.views - 1),
        ),
    ),
    refuted=(
        "Distillation needs strong distractors, which carry the dark knowledge, and these make the "
        "curriculum forget: when a new view is introduced, every class is unlearned again, and "
        "its samples hold back the classes whose known views they show as distractors, until "
        "nothing is left of them. The curriculum ends with its last view, 1/M. It holds against "
        "weak distractors (claim view-curriculum), where distillation in turn teaches nothing."
    ),
    remarks=remarks,
)
