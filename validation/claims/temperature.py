"""Claim: at temperature 1 no dark knowledge reaches the student, at high ones all of it."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.race import Lesson, dark_drive, surviving_coverage
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    BEFORE,
    FALLING,
    LONGER,
    RISING,
    TeachingSetting,
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

PANEL, ORDER = "missing views learned", "order of temperatures"
COLD = 1.0

Survives = Callable[[TeachingSetting, float], float]


def settings(preset: str) -> tuple[TeachingSetting, ...]:
    return settings_of(preset, "temperatures", students=3, alone=LONGER)


def survives(setting: TeachingSetting, temperature: float) -> float:
    """Share of what the student's races left behind that it learns now, by the growth law."""
    data = setting.data
    lesson = Lesson(
        classes=data.classes, views=data.views, power=setting.power, strength=data.strength,
        distractors=data.distractors, distraction=setting.distraction,
        level=setting.final_strength(), weight=setting.weight,
    )  # fmt: skip
    growth = dark_drive(lesson, temperature) * setting.softened.time
    coverage = surviving_coverage(
        data.views, setting.neurons, setting.power, setting.deviation, growth
    )
    return (coverage - 1 / data.views) / (1 - 1 / data.views)


def expect(
    setting: TeachingSetting, survives: Survives = survives, bound: bool = True, order: float = 0.0
) -> list[Expectation]:
    """Predictions; other laws, and what the order of temperatures does, serve the calibration."""
    views, margin = setting.data.views, setting.margin()
    # Paired differences between students that know about the same.
    spread = setting.spread(setting.teachers + 1, setting.students)
    # In units of what a student of one view lacks.
    lacking = 1 - 1 / views
    expectations = []
    for temperature in setting.temperatures:
        share = survives(setting, temperature)
        high = None if bound and temperature > COLD else share + margin / lacking
        expectations.append(
            Expectation(
                PANEL, setting.label, temperature, share, share - margin / lacking, high,
                spread / lacking,
            )
        )  # fmt: skip
    place = ORDER, "falling less rising", setting.label
    expectations.append(Expectation.around(*place, order, margin, spread))
    return expectations


def observe(measured: Measured) -> list[Sample]:
    before = coverage_by_replicate(measured, BEFORE).values
    roles = [f"T = {t:g}" for t in measured.setting.temperatures]
    after = [coverage_by_replicate(measured, role).values for role in roles]
    falling, rising = (coverage_by_replicate(measured, role).values for role in (FALLING, RISING))
    learned = [Sample.of((own - before) / (1 - before)) for own in after]
    return [*learned, Sample.of(falling - rising)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        before, falling, rising = (
            coverage_by_replicate(study, role).values.mean() for role in (BEFORE, FALLING, RISING)
        )
        known = theory.distilled(
            views=study.setting.data.views, networks=study.setting.teachers, student_win=1
        )
        lines.append(
            f"{study.setting.label}: students cover {before:.3f} before they are taught; the "
            f"teacher's views and their own make {known:.3f}. Temperatures falling from "
            f"{max(study.setting.temperatures):g} to {min(study.setting.temperatures):g} give "
            f"{falling:.3f}, rising ones {rising:.3f}."
        )
    return lines


TEMPERATURE = Claim(
    name="temperature",
    place=(2, 6),
    title="Dark knowledge survives at high temperatures, not at T = 1",
    statement=(
        "At T = 1 the softened outputs of a confident ensemble teach a student no view that it "
        "does not have. The drive of such views grows with T until the softmax is linear, and at "
        "high temperatures nearly all of the teacher's views survive; what counts is the integral "
        "of the drive, so that falling and rising temperatures transfer alike."
    ),
    sources=(
        Credit("{}, for the loss; the law of the drive: ours", Source("hinton2015", "section 2")),
    ),
    formulas=("distilled",),
    assumptions=(
        "those of the claim ensemble-distillation, but Hinton's loss in place of the cut: "
        "cross-entropy plus T^2 times the divergence, both with weight 1",
        "the student learns from labels alone first",
    ),
    margin=(
        "(1 - 1/M)/(5M) of the views, a fifth of what a second network adds. Gains are over the "
        "same students before they are taught, in units of what they lacked then. At T = 1 the "
        "range is two-sided; at higher temperatures the law (`dark_drive`, `surviving_coverage`) "
        "is a lower bound: it has only the drive of a view's own response, and noise in the "
        "patches opens the gates of lagging views earlier."
    ),
    change=(
        "More time moves the temperature down at which views survive, weaker distractors or a "
        "stronger teacher move it up; a less confident teacher has dark knowledge at T = 1 too."
    ),
    does_not_show=(
        "a temperature at which views begin to survive in other problems: it moves with time, "
        "distractors and how sure the teacher is, none of which is varied",
        "how much survives above the bound at high temperatures",
        "that falling and rising temperatures are alike for any schedule: one of each is compared",
    ),
    panels={
        PANEL: ("temperature T", "missing views learned (share of them)"),
        ORDER: ("setting (M views, K classes)", "coverage, T falling - T rising\n(share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require_networks,
    check=check_networks,
    wrong=(
        Wrong(
            "everything survives at every temperature",
            lambda setting: expect(setting, lambda s, t: 1.0),
        ),
        Wrong(
            "nothing survives at any temperature",
            lambda setting: expect(setting, lambda s, t: 0.0, bound=False),
        ),
        Wrong(
            "the drive falls with the temperature",
            lambda setting: expect(setting, lambda s, t: survives(s, max(s.temperatures) / t)),
        ),
        Wrong(
            "falling temperatures transfer more",
            lambda setting: expect(setting, order=0.2),
        ),
    ),
    remarks=remarks,
)
